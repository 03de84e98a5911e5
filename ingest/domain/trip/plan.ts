/** What a planned trip is made of. Times in epoch milliseconds. */

export interface PlannedStop {
  locationId: number;
  /** when the vehicle should arrive */
  window: { from: number; to: number };
}

export interface TripPlan {
  id: number;
  /** in the order in which they are to be driven */
  stops: readonly PlannedStop[];
}

export function startOf({ stops }: TripPlan): number {
  return Math.min(...stops.map(({ window }) => window.from));
}

export function endOf({ stops }: TripPlan): number {
  return Math.max(...stops.map(({ window }) => window.to));
}

/** A visit that ended longer before a stop's window than this is not this stop, milliseconds. */
export const BEFORE_WINDOW_MS = 4 * 3_600_000;
/** Nor is one that began longer after it, milliseconds. */
export const AFTER_WINDOW_MS = 12 * 3_600_000;
/** A trip that lies further away than this says nothing of another one, milliseconds. */
export const NEIGHBOUR_MS = 24 * 3_600_000;

/** Around a trip, the times of facts and plans that it depends on, milliseconds. */
export const AROUND_TRIP_MS = NEIGHBOUR_MS + AFTER_WINDOW_MS;
