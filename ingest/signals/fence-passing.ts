import type { FencedLocation } from "../domain/geo/fence-index.ts";
import { distanceM, distanceToEdgeM, type Point } from "../domain/geo/geofence.ts";
import type { Crossing, FenceState } from "./fence-state.ts";
import type { Fix } from "./fix-quality.ts";
import type { GpsContent } from "./sample.ts";

/*
 * A fast vehicle, a small fence and a long interval: the vehicle went through the fence, with one fix inside it or none.
 * That is `passed`, not an arrival: nothing can have been loaded or unloaded.
 *
 * 1. One fix was clearly inside (weight 1), and this one is outside again: passed, at the time of the fix inside.
 * 2. No fix was inside, but the straight line between two fixes is at most 10 km and 15 min long, and goes at least 25 m
 *    deep into the fence (into a small fence: half way to its middle): passed, at the deepest point of the line.
 */
const CONFIDENCE = 0.6;
/** A straight line over a longer gap would be a guess. */
const MAX_GAP_M = 10_000;
const MAX_GAP_MS = 15 * 60_000;
/** A line that only touches the fence may be noise. */
const MIN_DEPTH_M = 25;
/** The line is examined in this many sections. */
const SECTIONS = 32;

/**
 * @param before the state at the fence before this fix; the vehicle is outside before and after it
 * @param edgeM distance of the fix from the fence's edge
 */
export function detectPass(
  before: FenceState,
  last: Fix,
  fix: GpsContent & Fix,
  edgeM: number,
  location: FencedLocation,
): Crossing | undefined {
  if (before.inside || edgeM <= 0) return undefined;
  const { locationId, fence, sizeM } = location;
  if (before.pending && before.pending.weight >= 1) {
    const at = before.pending.since;
    return { type: "passed", locationId, at, fixes: [at, fix.ts], confidence: CONFIDENCE };
  }
  const gapM = distanceM(last, fix);
  // A line that is shorter than the way to the edge cannot reach into the fence.
  if (gapM <= edgeM || gapM > MAX_GAP_M || fix.ts - last.ts > MAX_GAP_MS) return undefined;
  if (distanceToEdgeM(last, fence) <= 0) return undefined;
  const [depthM, share] = deepestPoint(last, fix, location);
  if (depthM < Math.min(MIN_DEPTH_M, sizeM / 2)) return undefined;
  const at = Math.round(last.ts + share * (fix.ts - last.ts));
  return { type: "passed", locationId, at, fixes: [last.ts, fix.ts], confidence: CONFIDENCE };
}

/** How deep the straight line goes into the fence, metres, and at which share of its length. */
function deepestPoint(from: Point, to: Point, { fence }: FencedLocation): [depthM: number, share: number] {
  let deepest: [number, number] = [Number.NEGATIVE_INFINITY, 0];
  for (let i = 1; i < SECTIONS; i += 1) {
    const share = i / SECTIONS;
    const point = { lat: from.lat + (to.lat - from.lat) * share, lon: from.lon + (to.lon - from.lon) * share };
    const depthM = -distanceToEdgeM(point, fence);
    if (depthM > deepest[0]) deepest = [depthM, share];
  }
  return deepest;
}
