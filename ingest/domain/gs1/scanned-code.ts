import { hasValidCheckDigit } from "./check-digit.ts";
import { parseDigitalLink } from "./digital-link.ts";
import { type Elements, parseElementString } from "./element-string.ts";

/** The content of a scanned code. GTINs are padded to fourteen digits. */
export interface ScannedCode {
  sscc?: string;
  gtin?: string;
  serial?: string;
  lot?: string;
  /** pieces (AI 30 or 37) */
  quantity?: number;
  /** net weight, grams (AI 310n) */
  netWeightGrams?: number;
  /** YYMMDD as printed (AI 17) */
  expiry?: string;
  /** the code unchanged, when it is no GS1 code: perhaps a SKU or a tracking number */
  text?: string;
}

/**
 * Parses what hand scanners send: element strings, Digital Links, bare SSCC (18 digits) and GTIN (8, 12, 13 or 14
 * digits). Anything else, also a code with a wrong check digit, is returned as `text`.
 */
export function parseScannedCode(code: string): ScannedCode {
  const text = code.trim().replace(/^\]E[04]/, "");
  if (/^\d{18}$/.test(text) && hasValidCheckDigit(text)) return { sscc: text };
  if (/^(?:\d{8}|\d{12,14})$/.test(text) && hasValidCheckDigit(text)) return { gtin: text.padStart(14, "0") };
  const result = /^https?:/i.test(text) ? parseDigitalLink(text) : parseElementString(text);
  if (!result.ok) return { text };
  const named = namedIn(result.elements);
  // "10ABC" could be lot ABC, but is more likely a SKU: without a GS1 key it is text.
  return (named.sscc ?? named.gtin) === undefined ? { text } : named;
}

function namedIn(elements: Elements): ScannedCode {
  const named: ScannedCode = {};
  const sscc = elements.get("00");
  // AI 02 is the GTIN of the contents of a logistic unit; it comes with the SSCC of the unit.
  const gtin = elements.get("01") ?? elements.get("02");
  const [serial, lot, expiry] = [elements.get("21"), elements.get("10"), elements.get("17")];
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
