import { epcOfElements } from "../domain/gs1/epc-of-digital-link.ts";
import { formatPureIdentity } from "../domain/gs1/epc-uri.ts";
import { normalizeEpc } from "../domain/gs1/epc.ts";
import { shortGtins } from "../domain/gs1/gtin.ts";
import { parseScannedCode, type ScannedCode } from "../domain/gs1/scanned-code.ts";
import { epcsOfSscc } from "../domain/gs1/sscc.ts";
import { ownNumberIn } from "../domain/shipment/tracking-number.ts";

/** A scanned code, and everything by which it may be known. */
export interface CodeKeys extends ScannedCode {
  /** all codes that it is equivalent to, the most specific first: itself, a tag, a logistic unit, a product */
  keys: readonly string[];
}

export function keysOfCode(code: string): CodeKeys {
  const parsed = parseScannedCode(code);
  const { sscc, gtin, serial, epc } = parsed;
  const keys = new Set([code.trim(), epc ?? normalizeEpc(code).key]);
  if (gtin !== undefined && serial !== undefined) for (const tag of epcsOfSerial(gtin, serial)) keys.add(tag);
  if (sscc !== undefined) {
    keys.add(sscc);
    for (const tag of epcsOfSscc(sscc)) keys.add(tag);
  }
  const own = ownNumberIn(code);
  if (own !== undefined) keys.add(own);
  if (gtin !== undefined) for (const printed of shortGtins(gtin)) keys.add(printed);
  return { ...parsed, keys: [...keys] };
}

/** All EPCs that a serial may have: the code does not show the length of the company prefix (6 to 12 digits). */
function epcsOfSerial(gtin: string, serial: string): string[] {
  const elements = new Map([
    ["01", gtin],
    ["21", serial],
  ]);
  return [6, 7, 8, 9, 10, 11, 12].flatMap((length) => {
    const epc = epcOfElements(elements, length);
    return epc ? [formatPureIdentity(epc)] : [];
  });
}
