/** GPS sends its week number in 10 bits (IS-GPS-200 §20.3.3.3.1.1): an old receiver is wrong by 1,024 weeks, or 2,048. */
const ROLLOVER_MS = 1024 * 7 * 86_400_000;
/** A time is corrected only if the result is this recent, milliseconds: a recording of 2014 keeps its date. */
const RECENT_MS = 90 * 86_400_000;
/** Allowance for a receiver's clock that is ahead, milliseconds. */
const AHEAD_MS = 5 * 60_000;

/**
 * Corrects the time of a receiver whose week number has rolled over; returns any other time unchanged. For formats that
 * pass on the receiver's time: the `ts` of a native reading is never changed.
 */
export function correctWeekRollover(ts: number, receivedAt: number): number {
  const rollovers = Math.round((receivedAt - ts) / ROLLOVER_MS);
  if (rollovers < 1) return ts;
  const corrected = ts + rollovers * ROLLOVER_MS;
  const ageMs = receivedAt - corrected;
  return ageMs >= -AHEAD_MS && ageMs <= RECENT_MS ? corrected : ts;
}
