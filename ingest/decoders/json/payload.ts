import { MAX_READINGS_PER_MESSAGE } from "../../../broker/contract/readings.ts";
import { type Decoded, emptyDecoded, type Rejection, type RejectionReason, rejected } from "../decoder.ts";
import { type JsonPart, takeApart } from "./broken.ts";
import { findJsonError, nameOfPosition } from "./error-position.ts";

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** The text of a payload in UTF-8 (RFC 8259 §8.1), or why it has none. A byte order mark is left out. */
export function readText(payload: Buffer): string | Refusal {
  const text = payload.toString("utf8");
  // Invalid bytes become U+FFFD. Only then is the slower strict decoding needed.
  if (text.includes("\uFFFD") && !isUtf8(payload)) {
    const detail = looksLikeUtf16(payload) ? "the payload is UTF-16, expected UTF-8" : "the payload is not UTF-8";
    return { ok: false, reason: "not-json", detail };
  }
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

export interface Refusal {
  ok: false;
  reason: RejectionReason;
  detail: string;
}

function isUtf8(payload: Buffer): boolean {
  try {
    strictUtf8.decode(payload);
    return true;
  } catch {
    return false;
  }
}

/** By its byte order mark (RFC 2781 §4.3). */
const looksLikeUtf16 = (payload: Buffer): boolean =>
  payload.length > 1 && /^(?:fffe|feff)$/.test(payload.toString("hex", 0, 2));

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parses a payload as one JSON value. */
export function parseJson(payload: Buffer): { ok: true; value: unknown } | Refusal {
  const read = readJson(payload);
  if (read.ok || read.text === undefined) return read;
  const { position, problem } = findJsonError(read.text)!;
  return { ok: false, reason: "not-json", detail: `not JSON at ${nameOfPosition(read.text, position)}: ${problem}` };
}

/** `text` is given when the payload is a text that is no JSON value: looking for the error in it takes time. */
function readJson(payload: Buffer): { ok: true; value: unknown } | (Refusal & { text?: string }) {
  const text = readText(payload);
  if (typeof text !== "string") return text;
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    if (text.trim() === "") return { ok: false, reason: "empty", detail: "empty payload" };
    return { ok: false, reason: "not-json", detail: "not JSON", text };
  }
}

/** Adds the readings, rejections and warnings of one element of a message. */
export type AddElement = (decoded: Decoded, element: unknown, index: number) => void;

/**
 * Decodes a payload of JSON elements: one, an array of them, or several one after another. A rejection holds
 * its element as its part.
 * @param plural what the elements are, for people
 */
export function decodeElements(payload: Buffer, plural: string, add: AddElement): Decoded {
  const json = readJson(payload);
  if (!json.ok)
    return json.text === undefined ? rejected(json.reason, json.detail) : decodeParts(json.text, plural, add);
  const { value } = json;
  const decoded = emptyDecoded();
  if (!Array.isArray(value)) {
    add(decoded, value, 0);
    return decoded;
  }
  if (value.length === 0) return rejected("empty", `an array without ${plural}`);
  if (value.length > MAX_READINGS_PER_MESSAGE) return tooMany(String(value.length), plural);
  value.forEach((element: unknown, index) => addElement(decoded, element, index, add));
  return decoded;
}

function addElement(decoded: Decoded, element: unknown, index: number, add: AddElement): void {
  const { rejections } = decoded;
  const known = rejections.length;
  add(decoded, element, index);
  for (let added = known; added < rejections.length; added += 1) Object.assign(rejections[added]!, partText(element));
}

/** An element of a message as text, to be kept in quarantine. */
export function partText(element: unknown): { part?: string } {
  try {
    return { part: JSON.stringify(element) };
  } catch {
    // Nested too deeply to be printed: the whole message is kept instead.
    return {};
  }
}

function decodeParts(text: string, plural: string, add: AddElement): Decoded {
  const { parts, isCut } = takeApart(text);
  if (parts.length > MAX_READINGS_PER_MESSAGE) return tooMany(`more than ${MAX_READINGS_PER_MESSAGE}`, plural);
  if (parts.length === 0) return rejected("not-json", "no JSON value, only separators");
  const decoded = emptyDecoded();
  for (const part of parts) {
    if ("value" in part) addElement(decoded, part.value, part.index, add);
    else decoded.rejections.push(faultOf(part, parts.length));
  }
  if (isCut) decoded.warnings.push("the array is not closed: the message may have been cut off");
  return decoded;
}

function faultOf({ index, detail, text }: Exclude<JsonPart, { value: unknown }>, count: number): Rejection {
  const fault = { index, reason: "not-json" as const, detail };
  return count === 1 ? fault : { ...fault, part: text };
}

const tooMany = (count: string, plural: string): Decoded =>
  rejected("too-many-readings", `${count} ${plural}, at most ${MAX_READINGS_PER_MESSAGE} are allowed`);
