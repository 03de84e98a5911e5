import { MAX_READINGS_PER_MESSAGE } from "../../../broker/contract/readings.ts";
import { findJsonError, nameOfPosition } from "./error-position.ts";

/** One part of a text: a JSON value, or what is wrong with it. `index` counts both. */
export type JsonPart =
  | { index: number; value: unknown }
  /** `text`: the part at fault */
  | { index: number; detail: string; text: string };

/** Texts that end inside an object are searched for the next one this often; the rest is then one fault. */
const MAX_SEARCHES = 8;
const SEPARATORS = /[\s,\p{Cc}]*/uy;
/** Where the next object begins after a broken one. */
const NEXT_OBJECT = /\}[\s,]*(?=\{)/g;

/**
 * Takes apart a text that is not one JSON value: values one after another (`{…}{…}`, one per line, or after a record
 * separator, RFC 7464), arrays among them, and lists with broken elements. Every element that can be read is kept; each
 * other one is a fault with its position. One more part than a message may hold is read, to show that there are too many.
 * `isCut`: an array is not closed.
 */
export function takeApart(text: string): { parts: JsonPart[]; isCut: boolean } {
  const parts: JsonPart[] = [];
  let isInList = false;
  let searches = 0;
  for (let at = 0; parts.length <= MAX_READINGS_PER_MESSAGE;) {
    SEPARATORS.lastIndex = at;
    SEPARATORS.test(text);
    at = SEPARATORS.lastIndex;
    if (at >= text.length) break;
    if (!isInList && text[at] === "[") {
      isInList = true;
      at += 1;
      continue;
    }
    if (isInList && text[at] === "]") {
      isInList = false;
      at += 1;
      continue;
    }
    let end = endOfValue(text, at);
    if (end === undefined) {
      searches += 1;
      NEXT_OBJECT.lastIndex = at;
      const found = searches <= MAX_SEARCHES && NEXT_OBJECT.test(text);
      end = found ? NEXT_OBJECT.lastIndex : text.length;
    }
    parts.push(partOf(text, at, end, parts.length));
    at = end;
  }
  return { parts, isCut: isInList };
}

function partOf(text: string, start: number, end: number, index: number): JsonPart {
  const part = text.slice(start, end).replace(/,\s*$/, "");
  // Asked first: an exception for each of 500 broken parts would take long.
  const error = findJsonError(part);
  if (error === undefined) return { index, value: JSON.parse(part) as unknown };
  const position = nameOfPosition(text, start + error.position);
  return { index, detail: `not JSON at ${position}: ${error.problem}`, text: part };
}

/** Where the value that begins at `start` ends; undefined: inside an object or array, the text ends before. */
function endOfValue(text: string, start: number): number | undefined {
  if (text[start] !== "{" && text[start] !== "[") {
    const isText = text[start] === '"';
    const length = text.slice(start + 1).search(isText ? /"/ : /[,\]\n{]/);
    return length < 0 ? text.length : start + 1 + length + (isText ? 1 : 0);
  }
  let depth = 0;
  let inText = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (inText) {
      if (character === BACKSLASH) at += 1;
      else if (character === QUOTE) inText = false;
    } else if (character === QUOTE) inText = true;
    else if (character === OPEN_BRACE || character === OPEN_BRACKET) depth += 1;
    else if (character === CLOSE_BRACE || character === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];
