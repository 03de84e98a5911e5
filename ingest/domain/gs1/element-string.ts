import {
  type ApplicationIdentifier,
  checkedDigits,
  fitsIdentifier,
  hasPredefinedLength,
  identifier,
  identifierAtStart,
} from "./application-identifiers.ts";
import { hasValidCheckDigit } from "./check-digit.ts";

/** Values by application identifier, in the order they were read: `01` → `09521101530001`. */
export type Elements = ReadonlyMap<string, string>;

/** The elements of a code, or why it has none. */
export type ElementsResult = { ok: true; elements: Elements } | { ok: false; detail: string };

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
  // A separator at the start or end, or after a value of predefined length, is allowed and ignored.
  let rest = withoutSeparators(text);
  while (rest !== "") {
    const found = identifierAtStart(rest);
    if (!found) return problem(`no application identifier at ${JSON.stringify(rest.slice(0, 4))}`);
    const after = rest.slice(found.ai.length);
    const separator = after.indexOf(GROUP_SEPARATOR);
    const end = separator < 0 ? after.length : separator;
    const length = hasPredefinedLength(found.ai) ? found.max : end;
    const error = addElement(elements, found, after.slice(0, length));
    if (error !== undefined) return problem(error);
    rest = withoutSeparators(after.slice(length));
  }
  return complete(elements);
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
    const error = addElement(elements, found, parts[at + 1] ?? "");
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
  if (elements.has(ai) && elements.get(ai) !== value) return `(${ai}) comes twice with different values`;
  elements.set(ai, value);
  return undefined;
}

const problem = (detail: string): ElementsResult => ({ ok: false, detail });

const complete = (elements: Map<string, string>): ElementsResult =>
  elements.size > 0 ? { ok: true, elements } : problem("no application identifier");
