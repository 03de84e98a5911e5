import type { NewFact } from "../domain/fact.ts";
import type { FencedLocation, FenceIndex } from "../domain/geo/fence-index.ts";
import { distanceM, distanceToEdgeM, longestWayM } from "../domain/geo/geofence.ts";
import { deepPointOf, passOf } from "./fence-passing.ts";
import type { Crossing, FenceState, FenceStates, PendingCrossing } from "./fence-state.ts";
import { accuracyOf, type Fix } from "./fix-quality.ts";
import type { GpsContent } from "./sample.ts";

/*
 * How accepted fixes (fix-quality.ts) become arrivals and departures, without flapping by noise:
 *
 * 1. A fix is compared with the fences near it, those near the straight line from the last fix, and those the vehicle is
 *    in.
 * 2. At each fence it gets a weight from 1 (clearly on the other side) to −1 (clearly not). Outside: the depth of the fix
 *    in the fence, divided by its accuracy or by half the size of the fence, whichever is smaller. Inside: the distance
 *    from the edge, less a margin (25 m or 10 % of the size, whichever is larger) and the accuracy, divided by the
 *    accuracy. The accuracy is that of fix-quality.ts, and at most 200 m.
 * 3. Weights add up from the first positive one. A sum of 0 or less starts again.
 * 4. The vehicle has crossed when the sum reaches 2 (two clear fixes), or when the first of them is 60 s ago for an
 *    arrival, 120 s for a departure, and the newest is positive too.
 * 5. The crossing has the time of the first of these fixes. When the fix before that is more than 2 min older, the crossing
 *    was at some time in between: both are told, with lower confidence, and a departure is dated back by the way from the
 *    edge at 50 km/h.
 * 6. A vehicle that goes through a fence with one clear fix inside or none has `passed` it (fence-passing.ts).
 *
 * Example: a circle of 200 m, fixes with 5 m accuracy. At 30 s a fix 150 m inside: weight 1. At 60 s another one: the sum
 * is 2, so the vehicle arrived at 30 s.
 */
const CROSSING_WEIGHT = 2;
const ENTER_MS = 60_000;
const LEAVE_MS = 120_000;
const MARGIN_M = 25;
const MARGIN_SHARE = 0.1;
const MAX_ACCURACY_M = 200;
const CONFIDENCE = 0.95;
const SILENCE_MS = 2 * 60_000;
const SILENCE_CONFIDENCE = 0.6;
const DRIVING_MPS = 50 / 3.6;

const NONE: readonly Crossing[] = [];
const NO_STATES: FenceStates = {};
const OUTSIDE: FenceState = { inside: false, since: null, pending: null };

/**
 * Applies one accepted fix to the fences.
 * @param last the accepted fix before it; null when the way from there is unknown
 * @param lastTs the time of the accepted fix before it, also when the way is unknown; null when there is none
 */
export function detectCrossings(
  states: FenceStates,
  fix: GpsContent & Fix,
  last: Fix | null,
  fences: FenceIndex,
  lastTs: number | null,
): { states: FenceStates; crossings: readonly Crossing[] } {
  const near = last === null ? fences.near(fix) : fences.along(last, fix);
  const known = Object.keys(states);
  if (near.length === 0 && known.length === 0) return { states, crossings: NONE };
  let gapM: number | undefined;
  const next: FenceStates = {};
  let crossings: readonly Crossing[] = NONE;
  let hasStates = false;
  const update = (location: FencedLocation) => {
    const before = states[location.locationId] ?? OUTSIDE;
    const edgeM = distanceToEdgeM(fix, location.fence);
    // Nearly always: clearly outside as before, and no way from the last fix is long enough to have touched the fence.
    if (before === OUTSIDE && edgeM > 0 && (last === null || longestWayM(last, fix) <= edgeM)) return;
    let deepAt: number | null = null;
    if (!before.inside && last !== null) {
      gapM ??= distanceM(last, fix);
      deepAt = deepPointOf(before, { last, fix, gapM }, edgeM, location);
    }
    const weight = weightOf(before.inside, fix, edgeM, location);
    const after = addWeight(before, { since: fix.ts, weight, after: lastTs, edgeM, deepAt });
    if (after.inside || after.pending) {
      next[location.locationId] = after;
      hasStates = true;
    }
    const crossing =
      after.inside === before.inside
        ? after.pending === null && passOf(before, deepAt, last, fix, edgeM, location)
        : crossingOf(before, after, fix, lastTs, edgeM, location);
    if (crossing) crossings = [...crossings, crossing];
  };
  for (const location of near) update(location);
  for (const id of known) {
    const location = fences.get(Number(id));
    if (location && !near.includes(location)) update(location);
  }
  if (crossings.length > 1) crossings = crossings.toSorted((a, b) => a.locationId - b.locationId);
  return { states: hasStates ? next : NO_STATES, crossings };
}

/** How clearly this fix lies on the other side: 1 clearly, −1 clearly not (step 2). */
function weightOf(inside: boolean, fix: GpsContent, edgeM: number, { sizeM }: FencedLocation): number {
  const accuracyM = Math.min(MAX_ACCURACY_M, Math.max(1, accuracyOf(fix)));
  // No fix lies deeper in a fence than its middle: without this bound nothing could ever arrive at a small fence.
  if (!inside) return clamp(-edgeM / Math.min(accuracyM, sizeM / 2));
  const beyondM = edgeM - Math.max(MARGIN_M, MARGIN_SHARE * sizeM) - accuracyM;
  return clamp(beyondM / accuracyM);
}

function clamp(weight: number): number {
  return Math.max(-1, Math.min(1, weight));
}

/** Steps 3 and 4. @param now the crossing as this fix alone shows it */
function addWeight(before: FenceState, now: PendingCrossing): FenceState {
  const sum = (before.pending?.weight ?? 0) + now.weight;
  if (sum <= 0) return before.pending === null ? before : { ...before, pending: null };
  const { since, after, edgeM, deepAt } = before.pending ?? now;
  const hasLasted = now.weight > 0 && now.since - since >= (before.inside ? LEAVE_MS : ENTER_MS);
  if (sum < CROSSING_WEIGHT && !hasLasted) {
    return { ...before, pending: { since, weight: sum, after, edgeM, deepAt: deepAt ?? now.deepAt } };
  }
  return before.inside ? OUTSIDE : { inside: true, since, pending: null };
}

/** Step 5. */
function crossingOf(
  before: FenceState,
  after: FenceState,
  { ts }: Fix,
  lastTs: number | null,
  edgeM: number,
  { locationId }: FencedLocation,
): Crossing {
  const first = before.pending ?? { since: ts, after: lastTs, edgeM };
  const to = first.since;
  const from = first.after !== null && to - first.after > SILENCE_MS ? first.after : undefined;
  const silence =
    from === undefined ? { confidence: CONFIDENCE } : { confidence: SILENCE_CONFIDENCE, between: { from, to } };
  const fixes = [...new Set([...(from === undefined ? [] : [from]), to, ts])];
  if (after.inside) return { type: "arrived", locationId, at: to, fixes, ...silence };
  const since = before.since === null ? {} : { since: before.since };
  const wayMs = Math.round((first.edgeM / DRIVING_MPS) * 1000);
  const at = from === undefined ? to : Math.max(from, to - wayMs);
  return { type: "departed", locationId, at, fixes, ...since, ...silence };
}

export function crossingFact(
  { type, locationId, at, between, fixes, since, confidence }: Crossing,
  vehicleId: number,
  deviceId: string,
): NewFact {
  const common = {
    key: `${type}:${vehicleId}:${locationId}:${at}:${deviceId}`,
    subject: `vehicle:${vehicleId}` as const,
    at,
    rule: type === "passed" ? "fence-passing" : "fence-crossing",
    evidence: fixes.map((ts) => ({ device_id: deviceId, kind: "gps", ts: new Date(ts).toISOString() })),
    confidence,
    deviceId,
  };
  const data = { locationId, ...(between && { between }) };
  if (type !== "departed") return { ...common, type, data };
  return { ...common, type, data: { ...data, ...(since !== undefined && { since }) } };
}
