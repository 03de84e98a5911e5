import { MAX_READINGS_PER_MESSAGE } from "../../broker/contract/readings.ts";
import { type Decoded, refused } from "./decoder.ts";

/** The lines of a serial payload without their ends and blank ones. Serial devices speak ASCII. */
export function linesOf(payload: Buffer): string[] {
  return payload
    .toString("latin1")
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== "");
}

/**
 * Serial lines carry no time, so all lines of a message were measured when it was received. The place in the message
 * keeps them apart; a line that comes alone needs no number.
 */
export const lineTime = (receivedAt: number, index: number): { ts: number; seq?: number } =>
  index === 0 ? { ts: receivedAt } : { ts: receivedAt, seq: index };

/** Refuses a message of no lines, or of more than one message may carry. */
export function refusedLines(lines: readonly unknown[]): Decoded | undefined {
  if (lines.length === 0) return refused("empty", "a message without a line");
  if (lines.length <= MAX_READINGS_PER_MESSAGE) return undefined;
  return refused("too-many-readings", `${lines.length} lines, at most ${MAX_READINGS_PER_MESSAGE} are allowed`);
}
