import { offsetFrom, type Point, pointAt } from "../domain/geo/geofence.ts";
import { initialMotion, update, type Motion, predict, smooth } from "./motion-filter.ts";
import { rounded, roundedDegrees } from "./rounded.ts";

/**
 * The length of a way from noisy fixes, in bounded memory: fixes wait until enough have come after them to smooth them
 * by, eight at a time, and only smoothed places are measured. Raw fixes with 15 m of noise would make a parked truck
 * travel 70 km/h.
 */
export interface SmootherState {
  /** origin of the plane `motion` and `waiting` are in */
  lat: number;
  lon: number;
  /** after the last fix that was measured, before smoothing */
  motion: Motion;
  /** the last smoothed place: where the next step is measured from */
  lastSmoothed: { east: number; north: number };
  /** fixes since: milliseconds after `motion`, metres east and north, sigma */
  pending: readonly (readonly [number, number, number, number])[];
}

/** A fix that is measured; `accuracy` in metres. */
export interface MeasuredFix extends Point {
  ts: number;
  accuracy?: number | undefined;
}

/** How far the way went on until `ts`. */
export interface DistanceStep {
  ts: number;
  metres: number;
}

/** Fixes measured at once, and fixes after them that they are smoothed by. */
const MEASURED = 8;
const LOOK_AHEAD = 8;
/** Standard deviation of a fix that doesn't say, and the bounds of what one may say, metres. */
const SIGMA_UNSTATED_M = 15;
const MIN_SIGMA_M = 5;
const MAX_SIGMA_M = 100;

export function startSmoother(fix: MeasuredFix): SmootherState {
  const { ts, lat, lon } = fix;
  return { lat, lon, motion: initialMotion(ts, 0, 0, sigmaOf(fix)), lastSmoothed: { east: 0, north: 0 }, pending: [] };
}

const NO_STEPS: readonly DistanceStep[] = [];

/** Takes one more fix, later than all before. */
export function addFix(
  smoothing: SmootherState,
  fix: MeasuredFix,
): { smoothing: SmootherState; steps: readonly DistanceStep[] } {
  const { east, north } = offsetFrom(smoothing, fix);
  const { ts } = smoothing.motion;
  // Ten centimetres are far below any fix's accuracy and keep the memory small.
  const taken = [fix.ts - ts, rounded(east, 1), rounded(north, 1), sigmaOf(fix)] as const;
  const pending = [...smoothing.pending, taken];
  if (pending.length < MEASURED + LOOK_AHEAD) {
    const { lat, lon, motion, lastSmoothed } = smoothing;
    return { smoothing: { lat, lon, motion, lastSmoothed, pending }, steps: NO_STEPS };
  }
  const { filtered, smoothed } = runThrough({ ...smoothing, pending });
  const steps = measure(smoothing.lastSmoothed, smoothed.slice(0, MEASURED + 1));
  return { smoothing: moveOn(smoothing, filtered[MEASURED]!, smoothed[MEASURED]!, pending.slice(MEASURED)), steps };
}

/** Measures what still waits; the way ends here. */
export function finishSmoother(smoothing: SmootherState): DistanceStep[] {
  return measure(smoothing.lastSmoothed, runThrough(smoothing).smoothed);
}

function sigmaOf({ accuracy = SIGMA_UNSTATED_M }: MeasuredFix): number {
  return rounded(Math.max(MIN_SIGMA_M, Math.min(MAX_SIGMA_M, accuracy)), 1);
}

function runThrough({ motion, pending }: SmootherState): { filtered: Motion[]; smoothed: Motion[] } {
  const filtered = [motion];
  const predicted = [motion];
  let now = motion;
  for (const [afterMs, east, north, sigmaM] of pending) {
    const ahead = predict(now, motion.ts + afterMs);
    now = update(ahead, east, north, sigmaM);
    predicted.push(ahead);
    filtered.push(now);
  }
  return { filtered, smoothed: smooth(filtered, predicted) };
}

function measure(from: { east: number; north: number }, places: readonly Motion[]): DistanceStep[] {
  let last = from;
  return places.map((place) => {
    const metres = Math.hypot(place.east - last.east, place.north - last.north);
    last = place;
    return { ts: place.ts, metres };
  });
}

/** Puts the plane's origin where the way now is, so that it stays flat enough however far the way goes. */
function moveOn(
  before: SmootherState,
  filtered: Motion,
  reached: { east: number; north: number },
  waiting: SmootherState["pending"],
): SmootherState {
  const { lat, lon } = pointAt(before, filtered.east, filtered.north);
  const waited = filtered.ts - before.motion.ts;
  return {
    lat: roundedDegrees(lat),
    lon: roundedDegrees(lon),
    motion: {
      ts: filtered.ts,
      east: 0,
      north: 0,
      eastMps: rounded(filtered.eastMps, 3),
      northMps: rounded(filtered.northMps, 3),
      varPosition: rounded(filtered.varPosition, 3),
      covPositionVelocity: rounded(filtered.covPositionVelocity, 3),
      varVelocity: rounded(filtered.varVelocity, 3),
    },
    lastSmoothed: { east: rounded(reached.east - filtered.east, 2), north: rounded(reached.north - filtered.north, 2) },
    pending: waiting.map(([afterMs, east, north, sigmaM]) => [
      afterMs - waited,
      rounded(east - filtered.east, 1),
      rounded(north - filtered.north, 1),
      sigmaM,
    ]),
  };
}
