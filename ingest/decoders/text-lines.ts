import { MAX_READINGS_PER_MESSAGE } from "../../broker/contract/readings.ts";
import { type Decoded, rejected } from "./decoder.ts";

/** The lines of a serial payload, without line ends and blank lines. Serial devices send ASCII. */
export function linesOf(payload: Buffer): string[] {
  return payload
    .toString("latin1", hasByteOrderMark(payload) ? 3 : 0)
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== "");
}

const hasByteOrderMark = (payload: Buffer): boolean => payload.subarray(0, 3).equals(BYTE_ORDER_MARK);
/** U+FEFF in UTF-8. */
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Serial lines carry no time, so all lines of a message have the time of its receipt. Their position in the message is the
 * `seq` that tells them apart; the first has none.
 */
export const lineTime = (receivedAt: number, index: number): { ts: number; seq?: number } =>
  index === 0 ? { ts: receivedAt } : { ts: receivedAt, seq: index };

/** The rejection of a message without lines, or with more than the contract allows; undefined when the number is fine. */
export function checkLineCount(lines: readonly unknown[]): Decoded | undefined {
  if (lines.length === 0) return rejected("empty", "empty payload");
  if (lines.length <= MAX_READINGS_PER_MESSAGE) return undefined;
  return rejected("too-many-readings", `${lines.length} lines, at most ${MAX_READINGS_PER_MESSAGE} are allowed`);
}
