/**
 * The zero of a load cell drifts by some tenths of a piece a day. While the count stays the same, the difference between
 * weight and count is drift. Below a load it is followed so slowly that a piece taken or put is never mistaken for it. An
 * empty shelf shows its zero directly: there it is followed at once, up to half a piece. The zero of an empty shelf may
 * sink further during a long silence: nothing weighs less than nothing.
 */
export interface ZeroDrift {
  /** by how much the scale shows too much, in pieces */
  units: number;
  /** time of the last reading that was compared, epoch milliseconds; null: none yet */
  at: number | null;
}

export const NO_DRIFT: ZeroDrift = { units: 0, at: null };

/** No sound load cell drifts faster, pieces per day. */
const MAX_DRIFT_PER_DAY = 2;
/** Noise is averaged over about this long, milliseconds. */
const FOLLOW_MS = 10 * 60_000;
/** A longer silence counts as this long below a load: what happened in it need not be drift, milliseconds. */
const MAX_STEP_MS = 3_600_000;
/** A larger difference from the known count is not drift but a change that has not settled yet, units. */
const MAX_ERROR_UNITS = 0.5;
/** A zero further off than this is a fault to repair, units. */
export const MAX_DRIFT_UNITS = 10;
const DAY_MS = 86_400_000;

/**
 * @param units the settled net weight in pieces, as the scale shows it
 * @param known the last known count; undefined: none
 */
export function followDrift(before: ZeroDrift, ts: number, units: number, known: number | undefined): ZeroDrift {
  const silenceMs = before.at === null ? 0 : Math.min(DAY_MS, Math.max(0, ts - before.at));
  const error = known === undefined ? 0 : units - before.units - known;
  const isEmpty = known === 0;
  const sunkUnits = isEmpty && error < 0 ? driftIn(silenceMs) : 0;
  if (known === undefined || Math.abs(error) > MAX_ERROR_UNITS + sunkUnits) return { units: before.units, at: ts };
  const elapsedMs = isEmpty ? silenceMs : Math.min(MAX_STEP_MS, silenceMs);
  const wanted = error * (1 - Math.exp(-elapsedMs / FOLLOW_MS));
  const allowed = isEmpty ? Number.POSITIVE_INFINITY : driftIn(elapsedMs);
  const followed = before.units + Math.max(-allowed, Math.min(allowed, wanted));
  return { units: Math.max(-MAX_DRIFT_UNITS, Math.min(MAX_DRIFT_UNITS, followed)), at: ts };
}

function driftIn(elapsedMs: number): number {
  return (MAX_DRIFT_PER_DAY * elapsedMs) / DAY_MS;
}
