import type { ActualStop } from "./trip.ts";

const MINUTE_MS = 60_000;

/**
 * Minutes early (negative) or late (positive) against the window of a stop, whole ones; 0: within it, null: not known yet. At the
 * first stop the departure counts: a vehicle may have stood there since yesterday. Times in epoch milliseconds.
 */
export function deviationMinutes(
  window: { from: number; to: number },
  { arrivedAt, departedAt }: Omit<ActualStop, "state">,
  isFirst: boolean,
): number | null {
  const at = isFirst ? departedAt : arrivedAt;
  if (at === null) return null;
  if (at < window.from) return -Math.floor((window.from - at) / MINUTE_MS) || 0;
  return Math.floor(Math.max(0, at - window.to) / MINUTE_MS);
}

/** How long the vehicle was there, minutes; null: not known yet. */
export function dwellMinutes({ arrivedAt, departedAt }: Omit<ActualStop, "state">): number | null {
  return arrivedAt === null || departedAt === null ? null : Math.round((departedAt - arrivedAt) / MINUTE_MS);
}
