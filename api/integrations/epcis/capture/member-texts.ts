/*
 * Parts of a JSON text, letter by letter: a parser would write numbers in its own way, and events are kept as they were sent. The text must
 * be JSON.
 */

interface Member {
  /** of a field of an object */
  name: string | undefined;
  start: number;
  end: number;
}

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
/** What changes the depth, and strings, in which nothing does. */
const STRUCTURE = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
const SCALAR = /[^\s,\]}]+/y;

function matchAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text) ? pattern.lastIndex : at;
}

const skipSpace = (text: string, at: number): number => matchAt(SPACE, text, at);

/** The index behind the value that begins at `at`. */
function endOfValue(text: string, at: number): number {
  const first = text[at];
  if (first === '"') return matchAt(STRING, text, at);
  if (first !== "{" && first !== "[") return matchAt(SCALAR, text, at);
  let depth = 0;
  STRUCTURE.lastIndex = at;
  for (let match = STRUCTURE.exec(text); match; match = STRUCTURE.exec(text)) {
    if (match[0] === "{" || match[0] === "[") depth += 1;
    else if (match[0] === "}" || match[0] === "]") depth -= 1;
    if (depth === 0) return STRUCTURE.lastIndex;
  }
  throw new SyntaxError("the text ends within a value");
}

/** The fields of the object, or the members of the list, that begins at `at`. */
function* membersAt(text: string, at: number): Generator<Member> {
  const isObject = text[at] === "{";
  let next = skipSpace(text, at + 1);
  while (text[next] !== "}" && text[next] !== "]") {
    let name: string | undefined;
    if (isObject) {
      const end = matchAt(STRING, text, next);
      name = JSON.parse(text.slice(next, end)) as string;
      // The colon.
      next = skipSpace(text, skipSpace(text, end) + 1);
    }
    const end = endOfValue(text, next);
    yield { name, start: next, end };
    next = skipSpace(text, end);
    if (text[next] === ",") next = skipSpace(text, next + 1);
  }
}

/** Where the value at a path of field names begins and ends; of a name that is there twice the last counts, as for parsers. */
function find(text: string, path: readonly string[]): { start: number; end: number } | undefined {
  const start = skipSpace(text, 0);
  let found: { start: number; end: number } = { start, end: endOfValue(text, start) };
  for (const name of path) {
    if (text[found.start] !== "{") return undefined;
    const member = [...membersAt(text, found.start)].findLast((each) => each.name === name);
    if (member === undefined) return undefined;
    found = member;
  }
  return found;
}

/** The text of the value at a path of field names; undefined: there is none. */
export function valueText(text: string, path: readonly string[]): string | undefined {
  const found = find(text, path);
  return found && text.slice(found.start, found.end);
}

/** The texts of the members of the list at a path. */
export function memberTexts(text: string, path: readonly string[]): string[] {
  const found = find(text, path);
  if (found === undefined || text[found.start] !== "[") return [];
  return [...membersAt(text, found.start)].map(({ start, end }) => text.slice(start, end));
}
