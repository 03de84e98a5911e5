import { distanceM, distanceToEdgeM, type Geofence, type Point } from "../geo/geofence.ts";

/*
 * When a shipment will be at its destination, as far as that can be told plainly: the straight way from the live position of its
 * vehicle to the edge of the destination, three tenths longer because roads are no straight lines, at the mean speed of the last
 * hour, in which stops count too. What it follows from is told with it. It is not known when nobody carries the shipment, when
 * the vehicle has not been seen for a quarter of an hour or was followed for less than ten minutes, when it does not move, and when
 * the destination has no geofence.
 */

const DETOUR = 1.3;
export const TRAIL_MS = 3_600_000;
/** An older position is none. */
const MAX_AGE_MS = 15 * 60_000;
const MIN_OBSERVED_MS = 10 * 60_000;
/** A slower vehicle stands. */
const MIN_SPEED_MPS = 0.5;

export const ARRIVAL_PROBLEMS = [
  "not_aboard",
  "no_geofence",
  "no_position",
  "too_little_history",
  "not_moving",
] as const;
export type ArrivalProblem = (typeof ARRIVAL_PROBLEMS)[number];

/** Where a vehicle was; epoch milliseconds. */
export interface TrailPoint extends Point {
  at: number;
}

export interface ArrivalEstimate {
  /** epoch milliseconds; null: not known */
  eta: number | null;
  problem: ArrivalProblem | null;
  distanceM: number | null;
  speedMps: number | null;
  observedMinutes: number | null;
  /** of the position it starts from, epoch milliseconds */
  positionAt: number | null;
}

interface Journey {
  /** epoch milliseconds */
  now: number;
  destination: Geofence | undefined;
  /** the newest position of the vehicle */
  position: TrailPoint | undefined;
  /** where it was in the last hour, oldest first */
  trail: readonly TrailPoint[];
}

/** Of a shipment that a vehicle carries. */
export function estimateArrival({ now, destination, position, trail }: Journey): ArrivalEstimate {
  const unknown = (problem: ArrivalProblem, known: Partial<ArrivalEstimate> = {}): ArrivalEstimate => ({
    ...{ eta: null, problem, distanceM: null, speedMps: null, observedMinutes: null, positionAt: null },
    ...known,
  });
  if (destination === undefined) return unknown("no_geofence");
  if (position === undefined || now - position.at > MAX_AGE_MS) {
    return unknown("no_position", { positionAt: position?.at ?? null });
  }
  const way = Math.max(0, distanceToEdgeM(position, destination));
  const known = { distanceM: Math.round(way), positionAt: position.at };
  if (way === 0) return { ...unknown("not_moving", known), eta: position.at, problem: null };
  const seen = [...trail.filter(({ at }) => at < position.at && position.at - at <= TRAIL_MS), position];
  const observedMs = position.at - seen[0]!.at;
  const observedMinutes = Math.round(observedMs / 60_000);
  if (observedMs < MIN_OBSERVED_MS) return unknown("too_little_history", { ...known, observedMinutes });
  const driven = seen.slice(1).reduce((sum, point, before) => sum + distanceM(seen[before]!, point), 0);
  const speedMps = Math.round((driven / observedMs) * 1_000 * 100) / 100;
  if (speedMps < MIN_SPEED_MPS) return unknown("not_moving", { ...known, observedMinutes, speedMps });
  const eta = Math.round(position.at + ((way * DETOUR) / speedMps) * 1_000);
  return { ...known, eta, problem: null, speedMps, observedMinutes };
}

const DAY_MS = 86_400_000;
/** An estimate that moves about the limit does not let the shipment count and not count by turns. */
const MARGIN_MS = 3_600_000;

/**
 * Whether goods on their way are there before goods that were ordered now would be. What is not known is trusted.
 * @param leadTimeDays of the supplier; null: not known
 */
export function isInTime(eta: number | null, now: number, leadTimeDays: number | null, wasInTime: boolean): boolean {
  if (eta === null || leadTimeDays === null) return true;
  return eta <= now + leadTimeDays * DAY_MS + (wasInTime ? MARGIN_MS : 0);
}
