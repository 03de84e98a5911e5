import { parseIsoInstant } from "../../../broker/contract/measurement-time.ts";
import type { Rejection } from "../decoder.ts";

/** No reading was measured before: its clock was never set, or its unit is not milliseconds. */
export const EARLIEST_MS = Date.UTC(2000, 0, 1);
/** A reading further than this in the future of its receipt comes from a wrong clock, or another unit. */
export const MAX_AHEAD_MS = 5 * 60_000;
/** The largest time of ECMA-262 §21.4.1.1. */
const MAX_EPOCH_MS = 8.64e15;

/** Why a time of measurement cannot be, by the time of receipt; undefined when it can. Both are epoch milliseconds. */
export function impossibleTime(ts: number, receivedAt: number): Pick<Rejection, "reason" | "detail"> | undefined {
  if (ts < EARLIEST_MS) return { reason: "implausible_time", detail: tooEarly(ts) };
  if (ts > receivedAt + MAX_AHEAD_MS) return { reason: "future", detail: tooLate(ts, receivedAt) };
  return undefined;
}

/** The same for a time as it was sent, if it is one that a reading cannot even hold. */
export function unstorableTime(sent: unknown): Pick<Rejection, "reason" | "detail"> | undefined {
  const ts = typeof sent === "string" ? parseIsoInstant(sent) : sent;
  if (typeof ts !== "number" || (ts >= 0 && ts <= MAX_EPOCH_MS)) return undefined;
  return impossibleTime(ts, MAX_EPOCH_MS - MAX_AHEAD_MS);
}

function tooEarly(ts: number): string {
  // Epoch seconds of 2001 to 2033.
  if (ts >= 1e9 && ts < 2e9) return `ts ${ts}: this looks like seconds: send milliseconds, ${Math.round(ts * 1000)}`;
  const when = Math.abs(ts) <= MAX_EPOCH_MS ? ` is ${new Date(ts).toISOString()}` : ` ${ts} is`;
  return `ts${when}, before the year 2000: the device's clock is not set`;
}

function tooLate(ts: number, receivedAt: number): string {
  // Micro- and nanoseconds of 2001 to 2033.
  if (ts >= 1e15 && ts < 2e15)
    return `ts ${ts}: this looks like microseconds: send milliseconds, ${Math.round(ts / 1e3)}`;
  if (ts >= 1e18 && ts < 2e18)
    return `ts ${ts}: this looks like nanoseconds: send milliseconds, ${Math.round(ts / 1e6)}`;
  if (ts > MAX_EPOCH_MS) return `ts ${ts} is no time: send epoch milliseconds`;
  return `ts is ${Math.round((ts - receivedAt) / 1000)} s ahead of the time of receipt`;
}
