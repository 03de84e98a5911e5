import type { FencedLocation } from "../domain/geo/fence-index.ts";
import { distanceToEdgeM } from "../domain/geo/geofence.ts";
import { deepestOnLine } from "../domain/geo/line-in-fence.ts";
import type { Crossing, FenceState } from "./fence-state.ts";
import type { Fix } from "./fix-quality.ts";
import type { GpsContent } from "./sample.ts";

/*
 * A fast vehicle, a small fence and a long interval: the vehicle went through the fence, with one fix inside it or none.
 * That is `passed`, not an arrival: nothing can have been loaded or unloaded.
 *
 * 1. A straight line between two fixes shows the way if it is at most 10 km and 15 min long. It goes deep into the fence
 *    if that is at least 25 m, or half as deep as a point in this fence can lie.
 * 2. One fix was clearly inside (weight 1), and this one is outside again: passed, at the time of the fix inside.
 * 3. One fix was inside, though not clearly, and the line to it or from it goes deep: passed, at the line's deepest point.
 * 4. No fix was inside, and the line between them goes deep: the same.
 */
const CONFIDENCE = 0.6;
/** A straight line over a longer gap would be a guess. */
const MAX_GAP_M = 10_000;
const MAX_GAP_MS = 15 * 60_000;
/** A line that only touches the fence may be noise. */
const MIN_DEPTH_M = 25;

/**
 * When the straight line from the last fix to this one is deepest in the fence, epoch milliseconds; null if it does not go
 * deep (step 1). The line must begin or end outside.
 * @param line the fixes and the distance between them
 * @param edgeM distance of the fix from the fence's edge
 */
export function deepPointOf(
  before: FenceState,
  line: { last: Fix; fix: GpsContent & Fix; gapM: number },
  edgeM: number,
  location: FencedLocation,
): number | null {
  const { last, fix, gapM } = line;
  // A line that is shorter than the way to the edge cannot reach into the fence.
  if (gapM <= edgeM || gapM > MAX_GAP_M || fix.ts - last.ts > MAX_GAP_MS) return null;
  const { fence } = location;
  const lastEdgeM = distanceToEdgeM(last, fence);
  if (lastEdgeM <= 0 && (edgeM <= 0 || before.pending === null)) return null;
  const { depthM, share } = deepestOnLine(last, fix, fence);
  if (depthM <= 0 || depthM < Math.min(MIN_DEPTH_M, location.depthM / 2)) return null;
  return Math.round(last.ts + share * (fix.ts - last.ts));
}

/**
 * Steps 2 to 4, for a vehicle that is not in the fence before and after this fix.
 * @param deepAt see `deepPointOf`
 */
export function passOf(
  before: FenceState,
  deepAt: number | null,
  last: Fix | null,
  fix: GpsContent & Fix,
  edgeM: number,
  { locationId }: FencedLocation,
): Crossing | undefined {
  if (last === null || before.inside || edgeM <= 0) return undefined;
  const { pending } = before;
  const isClear = pending !== null && pending.weight >= 1;
  const at = isClear ? pending.since : (pending?.deepAt ?? deepAt);
  if (at === null) return undefined;
  return { type: "passed", locationId, at, fixes: [isClear ? at : last.ts, fix.ts], confidence: CONFIDENCE };
}
