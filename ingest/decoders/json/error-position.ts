/** What is wrong with a text that is not JSON, and where: the number of characters before it. */
export interface JsonError {
  position: number;
  problem: string;
}

/** Between the quotes: everything from the space on but the quote and the backslash, and escapes. */
const TEXT = /"[ !#-[\]-\uFFFF]*(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[ !#-[\]-\uFFFF]*)*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
/** What people and firmware write instead of a value. */
const FOREIGN_WORD = /[A-Za-z_$][\w$]*/y;

/**
 * Finds the first error in a text that is not JSON (RFC 8259); undefined when it is. V8 names a position for some errors
 * only, and quotes the text around it, which may be a secret. Linear, and without recursion: nesting costs no stack.
 */
export function findJsonError(text: string): JsonError | undefined {
  /** the closing bracket of each object and array that is open here */
  const open: ("}" | "]")[] = [];
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const skipBlanks = (): void => {
    while (isBlank(text.charCodeAt(at))) at += 1;
  };
  const take = (character: string): boolean => {
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };
  const error = (expected: string): JsonError => ({ position: at, problem: describe(text, at, expected, open) });

  for (let expects: "value" | "first" | "name" | "after" = "value"; ;) {
    skipBlanks();
    if (expects === "after") {
      const close = open.at(-1);
      if (close === undefined) return at === text.length ? undefined : error("the end");
      if (take(close)) open.pop();
      else if (take(",")) expects = close === "}" ? "name" : "value";
      else return error(`, or ${close}`);
      continue;
    }
    // An object or an array may be empty.
    if (expects === "first" && take(open.at(-1)!)) {
      open.pop();
      expects = "after";
      continue;
    }
    if (expects === "name" || (expects === "first" && open.at(-1) === "}")) {
      if (!skip(TEXT)) return error("a field name in double quotes");
      skipBlanks();
      if (!take(":")) return error(":");
      expects = "value";
      continue;
    }
    if (text[at] === "{" || text[at] === "[") {
      open.push(text[at] === "{" ? "}" : "]");
      at += 1;
      expects = "first";
    } else if (skip(TEXT) || skip(NUMBER) || skip(WORD)) expects = "after";
    else return error("a value");
  }
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

function describe(text: string, at: number, expected: string, open: readonly string[]): string {
  if (at >= text.length) {
    const inside = open.at(-1) === "]" ? "an array" : "an object";
    return open.length > 0 ? `the text ends inside ${inside}` : `the text ends, expected ${expected}`;
  }
  const character = text[at]!;
  if (character === '"' && !expected.startsWith(", ") && expected !== ":") return textProblem(text, at);
  if (/\d/.test(character) && text[at - 1] === "0") return "a number must not begin with 0";
  if (character === "'") return "a single quote: JSON has double quotes";
  FOREIGN_WORD.lastIndex = at;
  // A word may be a secret without quotes: only those of programming languages are repeated.
  const word = /^(?:NaN|Infinity|undefined|None|True|False|nan|inf|nil)$/.exec(FOREIGN_WORD.exec(text)?.[0] ?? "")?.[0];
  if (word !== undefined) return `${word} is no JSON value: leave the field out when it is unknown`;
  if (/[}\]]/.test(character) && /,\s*$/.test(text.slice(Math.max(0, at - 16), at)))
    return `a comma before ${character}`;
  return /[-{}[\],:.+/*]/.test(character) ? `expected ${expected}, not ${character}` : `expected ${expected}`;
}

/** Why the text in quotes that begins at `at` is none: it does not end, or holds what must be escaped. */
function textProblem(text: string, at: number): string {
  for (let next = at + 1; next < text.length; next += 1) {
    if (text[next] === '"') return "an escape that JSON does not know";
    if (text[next] === "\\") next += 1;
    else if (text.charCodeAt(next) < 0x20) return "a line break or control character inside a text: escape it";
  }
  return "the text in quotes does not end";
}

/** `position 14`, with line and column when there are several lines. */
export function nameOfPosition(text: string, position: number): string {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < position; at = text.indexOf("\n", lineStart)) {
    line += 1;
    lineStart = at + 1;
  }
  return line === 1
    ? `position ${position}`
    : `position ${position} (line ${line}, column ${position - lineStart + 1})`;
}
