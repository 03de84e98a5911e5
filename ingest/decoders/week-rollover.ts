/** GPS broadcasts its week in 10 bits (IS-GPS-200 §20.3.3.3.1.1): an old receiver is off by 1,024 weeks or twice that. */
const ROLLOVER_MS = 1024 * 7 * 86_400_000;
/** Only a time that is then just past is believed to be rolled over: a drive of 2014 stays one of 2014, milliseconds. */
const RECENT_MS = 90 * 86_400_000;
/** Clocks disagree by so much without being wrong, milliseconds. */
const AHEAD_MS = 5 * 60_000;

/**
 * The time a receiver meant whose week counter has rolled over; any other time as it is. For formats whose time comes
 * straight from the receiver: a native reading's `ts` is never changed.
 */
export function withoutRollover(ts: number, receivedAt: number): number {
  const rollovers = Math.round((receivedAt - ts) / ROLLOVER_MS);
  if (rollovers < 1) return ts;
  const meant = ts + rollovers * ROLLOVER_MS;
  const ageMs = receivedAt - meant;
  return ageMs >= -AHEAD_MS && ageMs <= RECENT_MS ? meant : ts;
}
