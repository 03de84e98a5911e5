import {
  type ApplicationIdentifier,
  checkedDigits,
  fitsIdentifier,
  hasPredefinedLength,
  identifier,
  identifierAtStart,
  isDate,
} from "./application-identifiers.ts";
import { hasValidCheckDigit } from "./check-digit.ts";
import { isGs1Date } from "./gs1-date.ts";

/** Values by application identifier, in the order they were read: `01` → `09521101530001`. */
export type Elements = ReadonlyMap<string, string>;

/** The elements of a code, or why it has none. */
export type ElementsResult =
  | {
      ok: true;
      elements: Elements;
      /** how else the code may be read, in words: it was sent without separators */
      doubt?: string;
    }
  | { ok: false; detail: string };

/** FNC1 between two elements, in the form that scanners send (GS1 General Specifications §7.8.6). */
const GROUP_SEPARATOR = "\u001D";

/** Symbology identifiers of GS1 barcodes, which scanners may send first (GS1 General Specifications §5.1.2). */
const SYMBOLOGY = /^\](?:C1|e0|d2|Q3|J1)/;

/** Parses an element string, as a scanner sends it, or in human-readable form: `(01)09521101530001(21)A1`. */
export function parseElementString(text: string): ElementsResult {
  const data = text.replace(SYMBOLOGY, "");
  return data.startsWith("(") ? parseBracketed(data) : parseScanned(data);
}

function parseScanned(text: string): ElementsResult {
  const elements = new Map<string, string>();
  const isSeparated = text.includes(GROUP_SEPARATOR);
  let doubt: string | undefined;
  // A separator at the start or end, or after a value of predefined length, is allowed and ignored.
  let rest = withoutSeparators(text);
  while (rest !== "") {
    const found = identifierAtStart(rest);
    if (!found) return problem(`no application identifier at ${JSON.stringify(rest.slice(0, 4))}`);
    const after = rest.slice(found.ai.length);
    const separator = after.indexOf(GROUP_SEPARATOR);
    const end = separator < 0 ? after.length : separator;
    const length = hasPredefinedLength(found.ai) ? found.max : end;
    const value = after.slice(0, length);
    const error = addElement(elements, found, value);
    if (error !== undefined)
      return problem(isSeparated || length < found.max ? error : `${error}. ${MISSING_SEPARATOR}`);
    if (!isSeparated && !hasPredefinedLength(found.ai)) {
      const hidden = hiddenIn(found.ai, value);
      if (hidden?.isCertain) return problem(hidden.words);
      doubt = hidden?.words;
    }
    rest = withoutSeparators(after.slice(length));
  }
  return complete(elements, doubt);
}

const MISSING_SEPARATOR =
  "The separators between its parts are missing: set the scanner to send FNC1 as the character GS (1D hex), or scan the GS1 DataMatrix";

/** Elements of variable length that follow each other on labels: serial, lot, variant and counts. */
const FOLLOWING = ["10", "21", "30", "37"];

/**
 * What else the end of a value may be when no separator tells where it ends. A date or a measure there is certain to be an
 * element of its own; a serial may just contain the digits of another identifier.
 */
function hiddenIn(ai: string, value: string): { isCertain: boolean; words: string } | undefined {
  for (let at = 1; at < value.length - 2; at += 1) {
    const tail = value.slice(at);
    const split = `(${ai})${value.slice(0, at)} and (${tail.slice(0, 2)})${tail.slice(2)}`;
    if (endsWithDates(tail)) {
      return {
        isCertain: true,
        words: `its parts cannot be told apart: (${ai})${value}, or ${split}? ${MISSING_SEPARATOR}`,
      };
    }
  }
  for (let at = 1; at < value.length - 2; at += 1) {
    const next = value.slice(at, at + 2);
    const tail = value.slice(at + 2);
    // Where letters and digits change, or the other identifier has been printed on the label: a serial of digits alone
    // contains such pairs by chance.
    const isBoundary = /[A-Z]/i.test(value.slice(0, at)) || /[A-Z]/i.test(tail);
    if (next === ai || !FOLLOWING.includes(next) || !isBoundary) continue;
    if ((next === "30" || next === "37") && !/^\d{1,8}$/.test(tail)) continue;
    const split = `(${ai})${value.slice(0, at)} and (${next})${tail}`;
    return { isCertain: false, words: `it was read as (${ai})${value}, but may be ${split}. ${MISSING_SEPARATOR}` };
  }
  return undefined;
}

/** Whether the text consists of whole dates (AI 11 to 17) up to its end, or of such dates and an element after them. */
function endsWithDates(text: string): boolean {
  const date = /^(1[123567])(\d{6})(.*)$/.exec(text);
  if (!date || !isGs1Date(date[2] ?? "")) return false;
  const rest = date[3] ?? "";
  return rest === "" || endsWithDates(rest) || /^(?:10|21|30|37)./.test(rest);
}

function withoutSeparators(text: string): string {
  let start = 0;
  while (text[start] === GROUP_SEPARATOR) start++;
  return text.slice(start);
}

function parseBracketed(text: string): ElementsResult {
  const elements = new Map<string, string>();
  // Values may contain brackets; only brackets around an identifier start an element.
  const parts = text.split(/\((\d{2,4})\)/);
  if (parts[0] !== "") return problem("brackets do not enclose application identifiers");
  for (let at = 1; at < parts.length; at += 2) {
    const ai = parts[at] ?? "";
    const found = identifier(ai);
    if (!found) return problem(`(${ai}) is no application identifier`);
    // The text below a barcode is printed in groups. No element contains a space (GS1 General Specifications §7.11).
    const error = addElement(elements, found, (parts[at + 1] ?? "").replaceAll(" ", ""));
    if (error !== undefined) return problem(error);
  }
  return complete(elements);
}

/** Adds one element. @returns what is wrong with it; undefined: nothing */
export function addElement(
  elements: Map<string, string>,
  found: ApplicationIdentifier,
  value: string,
): string | undefined {
  const { ai } = found;
  if (!fitsIdentifier(found, value)) return `(${ai}) cannot hold ${JSON.stringify(value.slice(0, 90))}`;
  const checked = checkedDigits(ai);
  if (checked !== undefined && !hasValidCheckDigit(value.slice(0, checked))) {
    return `(${ai}) ${value.slice(0, checked)} has a wrong check digit`;
  }
  if (isDate(ai) && !isGs1Date(value)) return `(${ai}) ${value} is a date that does not exist: year, month, day`;
  if (elements.has(ai) && elements.get(ai) !== value) return `(${ai}) comes twice with different values`;
  elements.set(ai, value);
  return undefined;
}

const problem = (detail: string): ElementsResult => ({ ok: false, detail });

const complete = (elements: Map<string, string>, doubt?: string): ElementsResult =>
  elements.size > 0
    ? { ok: true, elements, ...(doubt !== undefined && { doubt }) }
    : problem("no application identifier");
