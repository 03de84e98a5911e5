import { epcsOfSscc } from "../domain/gs1/sscc.ts";
import { shortGtins } from "../domain/gs1/gtin.ts";
import { parseScannedCode } from "../domain/gs1/scanned-code.ts";

/** All codes that a scanned code is equivalent to: itself, and the GS1 keys in it. */
export function scannedCodes(code: string): string[] {
  const { sscc, gtin } = parseScannedCode(code);
  const codes = new Set([code.trim()]);
  if (sscc !== undefined) {
    codes.add(sscc);
    for (const epc of epcsOfSscc(sscc)) codes.add(epc);
  }
  if (gtin !== undefined) for (const printed of shortGtins(gtin)) codes.add(printed);
  return [...codes];
}
