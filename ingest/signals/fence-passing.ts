import type { FencedLocation } from "../domain/geo/fence-index.ts";
import { distanceM, distanceToEdgeM, type Point } from "../domain/geo/geofence.ts";
import type { Crossing, FenceState } from "./fence-crossing.ts";
import type { Fix } from "./fix-quality.ts";
import type { GpsContent } from "./sample.ts";

/**
 * A fast truck, a small fence and a long interval: it was there, and no fix or one alone lies inside. That is a pass,
 * never an arrival: nothing may have been loaded or unloaded.
 */
const CONFIDENCE = 0.6;
/** A straight line over a longer gap is a guess, metres and milliseconds. */
const MAX_GAP_M = 10_000;
const MAX_GAP_MS = 15 * 60_000;
/** The line must go in so deep, metres, or half way to the middle of a small fence: grazing is not passing. */
const MIN_DEPTH_M = 25;
const LOOKS = 32;

/**
 * @param before the fence before this fix; the vehicle is still outside it
 * @param edgeM of the fix from the fence's edge
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
  // Nearer than its distance from the edge it cannot have been inside.
  if (gapM <= edgeM || gapM > MAX_GAP_M || fix.ts - last.ts > MAX_GAP_MS) return undefined;
  if (distanceToEdgeM(last, fence) <= 0) return undefined;
  const [depthM, share] = deepest(last, fix, location);
  if (depthM < Math.min(MIN_DEPTH_M, sizeM / 2)) return undefined;
  const at = Math.round(last.ts + share * (fix.ts - last.ts));
  return { type: "passed", locationId, at, fixes: [last.ts, fix.ts], confidence: CONFIDENCE };
}

/** How deep the straight way goes into the fence, metres, and at what share of it. */
function deepest(from: Point, to: Point, { fence }: FencedLocation): [depthM: number, share: number] {
  let best: [number, number] = [Number.NEGATIVE_INFINITY, 0];
  for (let i = 1; i < LOOKS; i += 1) {
    const share = i / LOOKS;
    const point = { lat: from.lat + (to.lat - from.lat) * share, lon: from.lon + (to.lon - from.lon) * share };
    const depthM = -distanceToEdgeM(point, fence);
    if (depthM > best[0]) best = [depthM, share];
  }
  return best;
}
