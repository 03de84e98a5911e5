import { gs1KeysOf } from "./epc-keys.ts";
import { readEpc } from "./epc-text.ts";
import { formatPureIdentity } from "./epc-uri.ts";
import { identifyScannedCode } from "./scanned-code.ts";

/** A logistic unit: its SSCC as printed, and its EPC where the text tells it. */
export interface Sscc {
  /** 18 digits */
  sscc: string;
  /** pure identity URI */
  epc?: string;
}

/**
 * Reads an SSCC given as 18 digits, element string, Digital Link, or as an EPC in any spelling.
 * @param companyPrefix ours: an SSCC that begins with it has an EPC we can name
 * @returns undefined when the text names no logistic unit
 */
export function readSscc(text: string, companyPrefix?: string): Sscc | undefined {
  const { epc } = readEpc(text);
  if (epc?.scheme === "sscc") return { sscc: gs1KeysOf(epc).sscc!, epc: formatPureIdentity(epc) };
  const { sscc } = identifyScannedCode(text);
  if (sscc === undefined) return undefined;
  const isOurs = companyPrefix !== undefined && sscc.startsWith(companyPrefix, 1);
  return isOurs ? { sscc, epc: epcOfSscc(sscc, companyPrefix.length) } : { sscc };
}

/**
 * Every EPC an SSCC may have. It does not tell how long its company prefix is (EPC TDS 2.0 §6.3.2: 6 to 12 digits), so
 * what is looked for is looked for under every length.
 */
export function epcsOfSscc(sscc: string): string[] {
  return [6, 7, 8, 9, 10, 11, 12].map((length) => epcOfSscc(sscc, length));
}

/** The extension digit goes behind the company prefix; the check digit is left out (EPC TDS 2.0 §7.3). */
function epcOfSscc(sscc: string, prefixLength: number): string {
  return `urn:epc:id:sscc:${sscc.slice(1, 1 + prefixLength)}.${sscc[0]}${sscc.slice(1 + prefixLength, 17)}`;
}
