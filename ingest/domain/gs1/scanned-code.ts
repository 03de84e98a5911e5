import { checkDigit, hasValidCheckDigit } from "./check-digit.ts";
import { parseDigitalLink } from "./digital-link.ts";
import { type Elements, parseElementString } from "./element-string.ts";
import { gs1KeysOf } from "./epc-keys.ts";
import { unescapeEpc } from "./epc-escapes.ts";
import { parseEpc } from "./epc-text.ts";
import { formatPureIdentity } from "./epc-uri.ts";
import { isoDate } from "./gs1-date.ts";

/** The content of a scanned code. GTINs are padded to fourteen digits. */
export interface ScannedCode {
  sscc?: string;
  gtin?: string;
  serial?: string;
  lot?: string;
  /** pieces (AI 30), or trade items in the logistic unit (AI 37) */
  quantity?: number;
  /** net weight, grams (AI 310n) */
  netWeightGrams?: number;
  /** ISO date (AI 17) */
  expiry?: string;
  /** pure identity URI, when the code is an EPC */
  epc?: string;
  /** the code unchanged, when it is no GS1 code: perhaps a SKU or a tracking number */
  text?: string;
  /** why a code that looks like GS1's is none, in words: a wrong check digit, a date that does not exist */
  problem?: string;
  /** how else it may be read, in words: its separators are missing */
  doubt?: string;
}

/**
 * Parses what hand scanners send: element strings, Digital Links, EPCs (URI, or the bits of a tag), bare SSCC (18 digits)
 * and GTIN (8, 12, 13 or 14 digits). Anything else, also a code with a wrong check digit, is returned as `text`.
 */
export function parseScannedCode(code: string): ScannedCode {
  const text = code.trim().replace(/^\]E[04]/, "");
  // Typed from the label: the digits below a barcode are printed in groups.
  const digits = text.replaceAll(" ", "");
  if (/^(?:\d{8}|\d{12,14}|\d{18})$/.test(digits)) return bareKey(digits);
  const epc = epcIn(text);
  if (epc) return epc;
  const isLink = /^https?:/i.test(text);
  const result = isLink ? parseDigitalLink(text) : parseElementString(text);
  if (!result.ok) return looksLikeGs1(text) ? { text, problem: result.detail } : { text };
  const named = namedIn(result.elements);
  // "10ABC" could be lot ABC, but is more likely a SKU: without a GS1 key it is text.
  if ((named.sscc ?? named.gtin) === undefined) return { text };
  return result.doubt === undefined ? named : { ...named, doubt: result.doubt };
}

function bareKey(digits: string): ScannedCode {
  if (!hasValidCheckDigit(digits)) {
    const name = digits.length === 18 ? "SSCC" : "GTIN";
    const right = checkDigit(digits.slice(0, -1));
    return { text: digits, problem: `${name} ${digits} has a wrong check digit (${right} would be right)` };
  }
  return digits.length === 18 ? { sscc: digits } : { gtin: digits.padStart(14, "0") };
}

/** An SGTIN or SSCC given as an EPC; other EPCs identify something else, perhaps a bound tag. */
function epcIn(text: string): ScannedCode | undefined {
  const { epc } = parseEpc(text);
  if (!epc) return undefined;
  const { gtin, sscc } = gs1KeysOf(epc);
  const uri = formatPureIdentity(epc);
  if (sscc !== undefined) return { sscc, epc: uri };
  if (gtin === undefined || epc.scheme !== "sgtin") return { text, epc: uri };
  return { gtin, serial: unescapeEpc(epc.serial), epc: uri };
}

/**
 * Whether a code that cannot be read was meant as GS1's: a Digital Link, brackets, FNC1, or an element string that begins
 * with a GTIN or an SSCC.
 */
function looksLikeGs1(text: string): boolean {
  if (/^https?:/i.test(text)) return /\/(?:00|01|02|8006|414)\/\d/.test(text);
  return (
    /^\(\d{2,4}\)/.test(text) ||
    /^\](?:C1|e0|d2|Q3|J1)/.test(text) ||
    text.includes("\u001D") ||
    /^(?:00\d{18}|0[12]\d{14})/.test(text)
  );
}

function namedIn(elements: Elements): ScannedCode {
  const named: ScannedCode = {};
  const sscc = elements.get("00");
  // AI 02 is the GTIN of the contents of a logistic unit, AI 37 their number; both come with the SSCC of the unit.
  const gtin = elements.get("01") ?? elements.get("02");
  const [serial, lot, expiry] = [elements.get("21"), elements.get("10"), isoDate(elements.get("17") ?? "")];
  const quantity = elements.get("37") ?? elements.get("30");
  const weight = [...elements].find(([ai]) => ai.startsWith("310"));
  if (sscc !== undefined) named.sscc = sscc;
  if (gtin !== undefined) named.gtin = gtin;
  if (serial !== undefined) named.serial = serial;
  if (lot !== undefined) named.lot = lot;
  if (quantity !== undefined) named.quantity = Number(quantity);
  // The fourth digit of the identifier is the number of decimals, in kilograms (GS1 General Specifications §3.6.2).
  if (weight) named.netWeightGrams = (Number(weight[1]) * 1000) / 10 ** Number(weight[0].at(-1));
  if (expiry !== undefined) named.expiry = expiry;
  return named;
}
