import { offsetFrom, type Point, pointAt } from "../domain/geo/geofence.ts";
import { initialMotion, type Motion, predict, smooth, update } from "./motion-filter.ts";
import { rounded, roundedDegrees } from "./rounded.ts";

/*
 * The length of a track from noisy fixes, in bounded memory. With 15 m of noise, raw fixes at 1 Hz would make a parked
 * truck travel 70 km/h; so only smoothed positions are measured:
 *
 * 1. Fixes are collected until there are 16.
 * 2. A Kalman filter runs over them, and back (motion-filter.ts): this smooths each fix by those after it as well.
 * 3. The distances along the first 8 smoothed positions are the steps; the other 8 fixes stay for the next round.
 * 4. At the end of the drive the remaining fixes are smoothed and measured.
 */
export interface SmootherState {
  /** origin of the plane that `motion`, `lastSmoothed` and `pending` are in, degrees */
  lat: number;
  lon: number;
  /** the filter's estimate after the last measured fix, before smoothing */
  motion: Motion;
  /** the last smoothed position: the next step is measured from here, metres */
  lastSmoothed: { east: number; north: number };
  /** the fixes after it: milliseconds after `motion`, metres east and north, standard deviation in metres */
  pending: readonly (readonly [number, number, number, number])[];
}

export interface MeasuredFix extends Point {
  ts: number;
  /** metres */
  accuracy?: number | undefined;
}

/** The distance driven up to `ts` since the step before. */
export interface DistanceStep {
  ts: number;
  metres: number;
}

/** Fixes measured in one round, and the fixes after them by which they are smoothed. */
const MEASURED = 8;
const LOOK_AHEAD = 8;
/** Standard deviation of a fix that states no accuracy (or 0 m, which is none), and the bounds of a stated one, metres. */
const SIGMA_UNSTATED_M = 15;
const MIN_SIGMA_M = 5;
const MAX_SIGMA_M = 100;

export function startSmoother(fix: MeasuredFix): SmootherState {
  const { ts, lat, lon } = fix;
  return { lat, lon, motion: initialMotion(ts, 0, 0, sigmaOf(fix)), lastSmoothed: { east: 0, north: 0 }, pending: [] };
}

const NO_STEPS: readonly DistanceStep[] = [];

/** Adds one fix, later than all before. The 16th call after the start, and every eighth after it, returns steps; the others return none. */
export function addFix(
  state: SmootherState,
  fix: MeasuredFix,
): { smoother: SmootherState; steps: readonly DistanceStep[] } {
  const { east, north } = offsetFrom(state, fix);
  // Ten centimetres are far below any fix's accuracy, and keep the stored state small.
  const added = [fix.ts - state.motion.ts, rounded(east, 1), rounded(north, 1), sigmaOf(fix)] as const;
  const pending = [...state.pending, added];
  if (pending.length < MEASURED + LOOK_AHEAD) {
    const { lat, lon, motion, lastSmoothed } = state;
    return { smoother: { lat, lon, motion, lastSmoothed, pending }, steps: NO_STEPS };
  }
  const { filtered, smoothed } = filterAndSmooth({ ...state, pending });
  const steps = measure(state.lastSmoothed, smoothed.slice(0, MEASURED + 1));
  return { smoother: moveOrigin(state, filtered[MEASURED]!, smoothed[MEASURED]!, pending.slice(MEASURED)), steps };
}

/** The steps of the fixes that are left: the track ends here. */
export function finishSmoother(state: SmootherState): DistanceStep[] {
  return measure(state.lastSmoothed, filterAndSmooth(state).smoothed);
}

function sigmaOf({ accuracy: stated }: MeasuredFix): number {
  const accuracy = stated === undefined || stated === 0 ? SIGMA_UNSTATED_M : stated;
  return rounded(Math.max(MIN_SIGMA_M, Math.min(MAX_SIGMA_M, accuracy)), 1);
}

function filterAndSmooth({ motion, pending }: SmootherState): { filtered: Motion[]; smoothed: Motion[] } {
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

function measure(from: { east: number; north: number }, positions: readonly Motion[]): DistanceStep[] {
  let last = from;
  return positions.map((position) => {
    const metres = Math.hypot(position.east - last.east, position.north - last.north);
    last = position;
    return { ts: position.ts, metres };
  });
}

/** Moves the origin of the plane to the newest estimate, so that the error of the plane stays small on any track. */
function moveOrigin(
  before: SmootherState,
  filtered: Motion,
  smoothed: { east: number; north: number },
  pending: SmootherState["pending"],
): SmootherState {
  const { lat, lon } = pointAt(before, filtered.east, filtered.north);
  const elapsedMs = filtered.ts - before.motion.ts;
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
    lastSmoothed: {
      east: rounded(smoothed.east - filtered.east, 2),
      north: rounded(smoothed.north - filtered.north, 2),
    },
    pending: pending.map(([afterMs, east, north, sigmaM]) => [
      afterMs - elapsedMs,
      rounded(east - filtered.east, 1),
      rounded(north - filtered.north, 1),
      sigmaM,
    ]),
  };
}
