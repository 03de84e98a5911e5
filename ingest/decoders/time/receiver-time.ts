import type { Kind } from "../../../broker/contract/readings.ts";
import { addReading } from "../validation/add-reading.ts";
import type { Decoded } from "../decoder.ts";
import { correctWeekRollover } from "./week-rollover.ts";

/** Warnings of one message about its times; more would only repeat the first. */
const MAX_WARNINGS = 3;
const YEAR_2000 = Date.UTC(2000, 0, 1);

/**
 * Adds a reading with the time of a GPS receiver. A date whose week number has rolled over is corrected, and the reading
 * is marked; a date that no receiver can mean (1980 before its first fix) is left to quarantine. Both are warned of.
 * @param index position in the message
 */
export function addTimedReading(
  decoded: Decoded,
  kind: Kind,
  candidate: Readonly<Record<string, unknown>> & { ts: number },
  index: number,
  receivedAt: number,
): void {
  const ts = correctWeekRollover(candidate.ts, receivedAt);
  const known = decoded.readings.length;
  addReading(decoded, kind, ts === candidate.ts ? candidate : { ...candidate, ts }, index);
  const reading = decoded.readings[known];
  if (reading === undefined) return;
  if (ts !== candidate.ts) {
    reading.timeCorrected = true;
    warn(
      decoded,
      `${index}: the date ${dayOf(candidate.ts)} is wrong by a GPS week rollover, corrected to ${dayOf(ts)}`,
    );
  } else if (ts < YEAR_2000) {
    warn(decoded, `${index}: the date ${dayOf(ts)} is impossible; a receiver says so before its first fix`);
  }
}

function warn(decoded: Decoded, warning: string): void {
  if (decoded.warnings.length < MAX_WARNINGS) decoded.warnings.push(warning);
}

function dayOf(ts: number): string {
  return new Date(ts).toISOString().slice(0, 10);
}
