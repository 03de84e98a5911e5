/**
 * The zero of a load cell drifts, some tenths of a piece a day. While the count does not change, what is left over
 * between weight and count is drift, and is followed slowly: far too slowly for a piece taken or put to pass for it.
 */
export interface ZeroDrift {
  /** what the scale shows too much, in pieces */
  units: number;
  /** when that was last looked at, epoch milliseconds; null: never */
  at: number | null;
}

export const NO_DRIFT: ZeroDrift = { units: 0, at: null };

/** No sound load cell drifts faster, pieces per day. */
const MAX_DRIFT_PER_DAY = 2;
/** Noise is averaged over about this long, milliseconds. */
const FOLLOW_MS = 10 * 60_000;
/** A silence counts as this long at most: what happened in it is not known to be drift, milliseconds. */
const MAX_STEP_MS = 60_000;
/** Further than this from the known count it is not drift but a change that is yet to settle, units. */
const MAX_ERROR_UNITS = 0.5;
/** A zero this far off is a fault to repair, not to follow, units. */
const MAX_DRIFT_UNITS = 10;
const DAY_MS = 86_400_000;

/**
 * @param units the settled net weight in pieces, as the scale shows it
 * @param known how many pieces are there as far as is known
 */
export function driftOf(before: ZeroDrift, ts: number, units: number, known: number | undefined): ZeroDrift {
  const elapsedMs = before.at === null ? 0 : Math.min(MAX_STEP_MS, Math.max(0, ts - before.at));
  const error = known === undefined ? 0 : units - before.units - known;
  if (known === undefined || Math.abs(error) > MAX_ERROR_UNITS) return { units: before.units, at: ts };
  const wanted = error * (1 - Math.exp(-elapsedMs / FOLLOW_MS));
  const allowed = (MAX_DRIFT_PER_DAY * elapsedMs) / DAY_MS;
  const followed = before.units + Math.max(-allowed, Math.min(allowed, wanted));
  return { units: Math.max(-MAX_DRIFT_UNITS, Math.min(MAX_DRIFT_UNITS, followed)), at: ts };
}
