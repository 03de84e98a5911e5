import { distanceToEdgeM, type Geofence } from "../geo/geofence.ts";
import { type ArrivalProblem, estimateArrival, type TrailPoint } from "../shipment/arrival-estimate.ts";
import type { Leg } from "./lane-run.ts";
import { type LaneSample, type Remaining, remainingDwell, remainingTime } from "./remaining-time.ts";

/*
 * When a shipment will be at its destination, by the best that is known:
 *
 * 1. A vehicle inside the destination is there.
 * 2. Lane history: how long runs from the place that the vehicle left last still took from where it is now. A vehicle that has not
 *    left yet stands for as long as others did there, and then takes as long as a run from there.
 * 3. The mean speed of the vehicle's last hour, on the straight way times 1.3 (shipment/arrival-estimate.ts). Nothing is known of the
 *    spread: p90 is half as much again.
 * 4. A default, 60 km/h on the straight way times 1.3, when the vehicle stands or was not followed for long. It is a guess, and says
 *    so: p90 is twice as far.
 * 5. Unknown, with the reason: no vehicle carries it, the place has no geofence, no position.
 *
 * A run of history tells where a vehicle is an hour after its last position, as well as at it: with history an older position is
 * used, and p90 grows with its age.
 */

export const ETA_BASES = ["lane_history", "vehicle_speed", "default", "arrived", "unknown"] as const;
export type EtaBasis = (typeof ETA_BASES)[number];

export const DETOUR = 1.3;
export const DEFAULT_MPS = 60 / 3.6;
const MAX_AGE_WITH_HISTORY_MS = 60 * 60_000;
const SPREAD = { vehicle_speed: 1.5, default: 2 } as const;

/** The runs of one lane that leads to the destination. */
export interface Lane {
  originId: number;
  runs: readonly LaneSample[];
}

export interface Eta {
  /** epoch milliseconds; null: not known */
  p50: number | null;
  p90: number | null;
  basis: EtaBasis;
  /** why there is no better basis */
  problem: ArrivalProblem | null;
  laneOriginId: number | null;
  runs: number | null;
  distanceM: number | null;
  speedMps: number | null;
  observedMinutes: number | null;
  /** of the position it starts from, epoch milliseconds */
  positionAt: number | null;
}

export interface Voyage {
  /** epoch milliseconds */
  now: number;
  destinationId: number;
  destination: Geofence | undefined;
  /** the newest position of the vehicle */
  position: TrailPoint | undefined;
  /** where it was in the last hour, oldest first */
  trail: readonly TrailPoint[];
  leg: Leg | null;
  /** lanes that lead to the destination from where the vehicle came, the best first */
  lanes: readonly Lane[];
  /** how long vehicles stood at the place where it is now, milliseconds */
  dwellsMs: readonly number[];
}

/** Of a shipment that a vehicle carries. */
export function estimateEta(voyage: Voyage): Eta {
  const { now, destinationId, destination, position, trail, leg } = voyage;
  const plain = estimateArrival({ now, destination, position, trail });
  const { problem, distanceM, speedMps, observedMinutes, positionAt } = plain;
  const told = { problem, distanceM, speedMps, observedMinutes, positionAt, laneOriginId: null, runs: null };
  if (destination === undefined || position === undefined) return unknown(told);
  const metres = Math.max(0, distanceToEdgeM(position, destination));
  const ageMs = Math.max(0, now - position.at);
  if (metres === 0 && ageMs <= MAX_AGE_WITH_HISTORY_MS) {
    const at = leg?.placeId === destinationId && leg.since !== null ? leg.since : position.at;
    return { ...told, problem: null, basis: "arrived", p50: at, p90: at, distanceM: 0 };
  }
  const history = ageMs <= MAX_AGE_WITH_HISTORY_MS ? byHistory(voyage, metres, position.at) : undefined;
  if (history) {
    const { lane, remaining, from } = history;
    const p50 = Math.max(from + remaining.p50Ms, now);
    const p90 = Math.max(from + remaining.p90Ms + ageMs / 2, p50);
    const basis = { problem: null, basis: "lane_history", laneOriginId: lane.originId, runs: remaining.runs } as const;
    return { ...told, ...basis, p50, p90, distanceM: Math.round(metres) };
  }
  if (plain.eta !== null) return spreadOut("vehicle_speed", plain.eta, told, position.at);
  if (problem === "no_position") return unknown(told);
  return spreadOut("default", position.at + ((metres * DETOUR) / DEFAULT_MPS) * 1_000, told, position.at);
}

/** @returns undefined: nothing is known of a lane that fits */
function byHistory(
  { now, leg, lanes, dwellsMs }: Voyage,
  metres: number,
  at: number,
): { lane: Lane; remaining: Remaining; from: number } | undefined {
  for (const lane of lanes) {
    const hasLeft = leg?.departedFrom === lane.originId;
    const departedAt = hasLeft ? leg.departedAt : null;
    const onRoad = remainingTime(lane.runs, { metres, departedAt, at });
    if (onRoad === undefined) continue;
    if (leg === null || leg.placeId === null || leg.since === null) return { lane, remaining: onRoad, from: at };
    // Where nobody has been seen to leave, nobody knows how long it stays.
    const standing = remainingDwell(dwellsMs, Math.max(0, now - leg.since));
    if (standing === undefined) continue;
    const p50Ms = standing.p50Ms + onRoad.p50Ms;
    return { lane, remaining: { ...onRoad, p50Ms, p90Ms: standing.p90Ms + onRoad.p90Ms }, from: now };
  }
  return undefined;
}

type Told = Omit<Eta, "p50" | "p90" | "basis">;

const unknown = (told: Told): Eta => ({ ...told, basis: "unknown", p50: null, p90: null });

function spreadOut(basis: "vehicle_speed" | "default", p50: number, told: Told, from: number): Eta {
  return { ...told, basis, p50: Math.round(p50), p90: Math.round(from + (p50 - from) * SPREAD[basis]) };
}
