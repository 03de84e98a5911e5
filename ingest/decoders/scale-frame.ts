import type { WeighingResult } from "./scale-text.ts";

/** Sign, six digits, number of decimals, two hex digits: the XOR of all bytes before them. */
const YAOHUA = /^([+-])(\d{6})(\d)([0-9A-F]{2})$/i;
const CHECKED_LENGTH = 8;

/**
 * Yaohua XK3190-A9 continuous frame: the bytes between STX and ETX. It has neither a unit nor a stability flag. These
 * indicators are used in kilograms, and scale-count.ts detects by itself when the weight has settled.
 */
export function parseScaleFrame(frame: Buffer): WeighingResult {
  const match = YAOHUA.exec(frame.toString("latin1"));
  if (!match)
    return { ok: false, reason: "malformed", detail: `not a Yaohua scale frame: ${frame.toString("hex", 0, 16)}` };
  const [, sign, digits, decimals, check = ""] = match;
  const xor = frame.subarray(0, CHECKED_LENGTH).reduce((all, byte) => all ^ byte, 0);
  if (xor !== Number.parseInt(check, 16)) {
    const expected = xor.toString(16).toUpperCase().padStart(2, "0");
    return { ok: false, reason: "bad-checksum", detail: `checksum ${check}, computed ${expected}` };
  }
  const weight = (Number(digits) / 10 ** Number(decimals)) * (sign === "-" ? -1 : 1);
  return { ok: true, weighing: { weight, unit: "kg", stable: undefined, net: false } };
}
