import { gs1KeysOf } from "./epc-keys.ts";
import { parseEpc } from "./epc-text.ts";
import { formatPureIdentity } from "./epc-uri.ts";
import { parseScannedCode } from "./scanned-code.ts";

/** A logistic unit: its SSCC as printed, and its EPC if it is known. */
export interface Sscc {
  /** 18 digits */
  sscc: string;
  /** pure identity URI */
  epc?: string;
}

/**
 * Parses an SSCC given as 18 digits, element string, Digital Link, or as an EPC in any format.
 * @param companyPrefix our own: it gives the EPC of an SSCC that begins with it
 * @returns undefined when the text identifies no logistic unit
 */
export function parseSscc(text: string, companyPrefix?: string): Sscc | undefined {
  const { epc } = parseEpc(text);
  if (epc?.scheme === "sscc") return { sscc: gs1KeysOf(epc).sscc!, epc: formatPureIdentity(epc) };
  const { sscc } = parseScannedCode(text);
  if (sscc === undefined) return undefined;
  const isOurs = companyPrefix !== undefined && sscc.startsWith(companyPrefix, 1);
  return isOurs ? { sscc, epc: epcOfSscc(sscc, companyPrefix.length) } : { sscc };
}

/** The SSCC that a text means, in any spelling, also as people type it: with spaces, with `00` or `(00)` before it. */
export const ssccIn = (text: string): string | undefined =>
  parseSscc(text)?.sscc ?? parseSscc(text.replaceAll(/[\s-]/g, ""))?.sscc;

/**
 * All EPCs that an SSCC may have. An SSCC does not show the length of its company prefix (EPC TDS 2.0 §6.3.2: 6 to 12
 * digits), so a search must try every length.
 */
export function epcsOfSscc(sscc: string): string[] {
  return [6, 7, 8, 9, 10, 11, 12].map((length) => epcOfSscc(sscc, length));
}

/** The extension digit comes after the company prefix; the check digit is left out (EPC TDS 2.0 §7.3). */
function epcOfSscc(sscc: string, prefixLength: number): string {
  return `urn:epc:id:sscc:${sscc.slice(1, 1 + prefixLength)}.${sscc[0]}${sscc.slice(1 + prefixLength, 17)}`;
}
