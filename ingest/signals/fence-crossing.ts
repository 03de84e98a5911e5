import type { NewFact } from "../domain/fact.ts";
import type { FencedLocation, FenceIndex } from "../domain/geo/fence-index.ts";
import { distanceToEdgeM } from "../domain/geo/geofence.ts";
import type { Fix } from "./fix-quality.ts";
import { detectPass } from "./fence-passing.ts";
import type { GpsContent } from "./sample.ts";

/**
 * Arrivals and departures that noise can't make. Every fix weighs for or against the vehicle having changed sides, from
 * 1 when it lies clearly on the other side to -1 when clearly not, by its own accuracy: two clear fixes are enough,
 * doubtful ones must be more or last longer. Leaving also takes a margin, so that a truck parked at the fence does not
 * flap. The time of the fact is that of the first fix that spoke for it.
 */
const ENOUGH_WEIGHT = 2;
/** Doubtful fixes that speak for the other side this long are enough too, milliseconds. */
const ENTER_MS = 60_000;
const LEAVE_MS = 120_000;
const MARGIN_M = 25;
const MARGIN_SHARE = 0.1;
/** Accuracy of a fix that doesn't say, metres. */
const UNSTATED_ACCURACY_M = 10;
/** A hint of a place cannot be weighed by accuracy beyond this, metres. */
const MAX_ACCURACY_M = 200;

/** Of each fence the vehicle is in, or may just be entering or leaving: nothing else needs to be remembered. */
export type FenceStates = Record<string, FenceState>;

export interface FenceState {
  inside: boolean;
  /** since when it has been inside; null: it is outside */
  since: number | null;
  /** since when, and with what weight, fixes have spoken for the other side */
  pending: { since: number; weight: number } | null;
}

/** What happened at a fence. */
export interface Crossing {
  type: "arrived" | "departed" | "passed";
  locationId: number;
  at: number;
  /** the fixes it rests on, epoch milliseconds */
  fixes: readonly number[];
  /** of a departure: when it had arrived */
  since?: number;
  confidence: number;
}

const NONE: readonly Crossing[] = [];
const NOWHERE: FenceStates = {};
const OUTSIDE: FenceState = { inside: false, since: null, pending: null };

/**
 * Follows one accepted fix through the fences near it, those it was in, and those on the way.
 * @param last the accepted fix before; null when the way from there is unknown
 */
export function detectCrossings(
  memory: FenceStates,
  fix: GpsContent & Fix,
  last: Fix | null,
  fences: FenceIndex,
): { memory: FenceStates; crossings: readonly Crossing[] } {
  const near = last === null ? fences.near(fix) : fences.along(last, fix);
  const known = Object.keys(memory);
  if (near.length === 0 && known.length === 0) return { memory, crossings: NONE };
  const next: FenceStates = {};
  let crossings: readonly Crossing[] = NONE;
  let remembers = false;
  const visit = (location: FencedLocation) => {
    const before = memory[location.locationId] ?? OUTSIDE;
    const edgeM = distanceToEdgeM(fix, location.fence);
    const after = turn(before, fix, weigh(before.inside, fix, edgeM, location));
    if (after.inside || after.pending) {
      next[location.locationId] = after;
      remembers = true;
    }
    const crossing =
      after.inside === before.inside
        ? after.pending === null && last !== null && detectPass(before, last, fix, edgeM, location)
        : turned(before, after, fix, location);
    if (crossing) crossings = [...crossings, crossing];
  };
  for (const location of near) visit(location);
  for (const id of known) {
    const location = fences.get(Number(id));
    if (location && !near.includes(location)) visit(location);
  }
  if (crossings.length > 1) crossings = crossings.toSorted((a, b) => a.locationId - b.locationId);
  return { memory: remembers ? next : NOWHERE, crossings };
}

/** How much this fix speaks for the other side: 1 clearly, 0 not at all, -1 clearly against. */
function weigh(inside: boolean, fix: GpsContent, edgeM: number, { sizeM }: FencedLocation): number {
  const accuracyM = Math.min(MAX_ACCURACY_M, Math.max(1, fix.accuracy ?? UNSTATED_ACCURACY_M));
  // No fix can lie deeper in a fence than its middle: a small one is entered with what certainty it allows.
  if (!inside) return clamp(-edgeM / Math.min(accuracyM, sizeM / 2));
  const beyondM = edgeM - Math.max(MARGIN_M, MARGIN_SHARE * sizeM) - accuracyM;
  return clamp(beyondM / accuracyM);
}

function clamp(weight: number): number {
  return Math.max(-1, Math.min(1, weight));
}

function turn(before: FenceState, { ts }: Fix, weight: number): FenceState {
  const total = (before.pending?.weight ?? 0) + weight;
  if (total <= 0) return before.pending === null ? before : { ...before, pending: null };
  const since = before.pending?.since ?? ts;
  const lasting = weight > 0 && ts - since >= (before.inside ? LEAVE_MS : ENTER_MS);
  if (total < ENOUGH_WEIGHT && !lasting) return { ...before, pending: { since, weight: total } };
  return before.inside ? OUTSIDE : { inside: true, since, pending: null };
}

function turned(before: FenceState, after: FenceState, { ts }: Fix, { locationId }: FencedLocation): Crossing {
  const at = before.pending?.since ?? ts;
  const fixes = at === ts ? [ts] : [at, ts];
  if (after.inside) return { type: "arrived", locationId, at, fixes, confidence: 0.95 };
  const since = before.since === null ? {} : { since: before.since };
  return { type: "departed", locationId, at, fixes, ...since, confidence: 0.95 };
}

export function crossingFact(
  { type, locationId, at, fixes, since, confidence }: Crossing,
  vehicleId: number,
  deviceId: string,
): NewFact {
  const known = {
    key: `${type}:${vehicleId}:${locationId}:${at}:${deviceId}`,
    subject: `vehicle:${vehicleId}` as const,
    at,
    rule: type === "passed" ? "fence-passing" : "fence-crossing",
    evidence: fixes.map((ts) => ({ device_id: deviceId, kind: "gps", ts: new Date(ts).toISOString() })),
    confidence,
    deviceId,
  };
  if (type !== "departed") return { ...known, type, data: { locationId } };
  return { ...known, type, data: { locationId, ...(since !== undefined && { since }) } };
}
