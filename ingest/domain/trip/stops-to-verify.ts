import type { StopState } from "./trip.ts";
import type { StopToVerify } from "./verified.ts";

/** Where a vehicle stood since before anything is known, or still stands, so much of the time counts, milliseconds. */
export const LONGEST_STOP_MS = 12 * 3_600_000;

/** A stop of a plan, and what the vehicle has made of it. Times in epoch milliseconds. */
export interface PlannedLoad {
  locationId: number;
  /** when the vehicle should arrive */
  windowFrom: number;
  state: StopState;
  arrivedAt: number | null;
  departedAt: number | null;
  /** ids of shipments */
  load: readonly number[];
  unload: readonly number[];
}

/** @param placesBelow each place with all below it: gates and shelves are parts of a place */
export function stopsToVerify(
  stops: readonly PlannedLoad[],
  placesBelow: ReadonlyMap<number, ReadonlySet<number>>,
): StopToVerify[] {
  return stops.map(({ locationId, windowFrom, state, arrivedAt, departedAt, load, unload }, at) => {
    const isThere = state === "there" || state === "left";
    const from = arrivedAt ?? (departedAt ?? windowFrom) - LONGEST_STOP_MS;
    return {
      locationIds: placesBelow.get(locationId) ?? new Set(),
      during: isThere ? { from, to: departedAt ?? from + LONGEST_STOP_MS } : null,
      hasLeft: state === "left",
      nextArrival: nextArrivalAfter(stops, at) ?? Infinity,
      isSkipped: state === "skipped" || state === "passed",
      load: new Set(load),
      unload: new Set(unload),
    };
  });
}

/** When the vehicle was at a later stop; null: not yet. */
export function nextArrivalAfter(stops: readonly Pick<PlannedLoad, "arrivedAt">[], at: number): number | null {
  return stops.slice(at + 1).find(({ arrivedAt }) => arrivedAt !== null)?.arrivedAt ?? null;
}
