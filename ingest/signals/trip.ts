import { distanceM, type Point } from "../domain/geo/geofence.ts";
import { normalLongitude, shortWay } from "../domain/geo/longitude.ts";
import { rounded, roundedDegrees } from "./rounded.ts";
import {
  addFix,
  type DistanceStep,
  finishSmoother,
  type MeasuredFix,
  type SmootherState,
  startSmoother,
} from "./track-smoother.ts";

/*
 * How accepted fixes become trips and stops. Distance decides, not speed: a tracker without a fix reports speed 0, and
 * the fixes of a parked vehicle scatter.
 *
 * 1. Fixes within 50 m of the stop belong to it; the stop is the mean of at most 32 of them.
 * 2. A fix further away starts a drive, at the last fix of the stop. The drive is a trip once a fix is more than 200 m
 *    away from the stop.
 * 3. The trip ends when the vehicle has stayed within 200 m of one fix for 180 s. Its end is where and when the vehicle
 *    came to rest: the first of the fixes within 50 m of each other at the end. One fix away from them is noise, the
 *    second in a row means that the vehicle has moved on.
 * 4. After a silence of one hour the way is unknown: the trip ended at the last fix before it.
 * 5. The length is measured along the smoothed track (track-smoother.ts), up to the end.
 *
 * Example: the last fix at the stop at 08:00, 300 m away at 08:02, then 12 km, then fixes within 50 m of each other from
 * 08:20 on: at 08:23 the trip is over, from 08:00 to 08:20.
 */
const TRIP_M = 200;
const STOP_MS = 180_000;
const AT_STOP_M = 50;
const SILENCE_MS = 3_600_000;
const STOP_FIXES = 32;

interface Fix extends Point {
  ts: number;
}

export interface TripState {
  /** where the vehicle stands or last stood, and the last fix there; null before the first fix */
  stop: (StopPoint & { last: Fix }) | null;
  /** the way since then; null while the vehicle stands */
  drive: Drive | null;
}

interface Drive {
  /** whether it has gone far enough to be a trip */
  isTrip: boolean;
  /** measured so far, metres */
  distanceM: number;
  smoother: SmootherState;
  /** since this fix the vehicle has stayed within 200 m of it */
  pausedAt: Fix;
  /** where the vehicle may have come to rest at `ts`; `distanceM`: of the way until then */
  possibleStop: StopPoint & { ts: number; distanceM: number };
  /** the last fix, if it lies away from `possibleStop`: noise, unless the next one does too */
  unconfirmedMove: Fix | null;
}

/** The mean of so many fixes. */
interface StopPoint extends Point {
  fixes: number;
}

/** A trip that has ended. */
export interface Trip {
  from: Fix;
  to: Fix;
  distanceM: number;
}

export const NO_TRIP: TripState = { stop: null, drive: null };

/**
 * Applies one accepted fix.
 * @param before the accepted fix before it
 * @param relocated whether the way from there is unknown: its straight line is added without smoothing
 */
export function updateTrip(
  state: TripState,
  fix: MeasuredFix,
  before: Fix | null,
  relocated: boolean,
): { state: TripState; trip?: Trip } {
  const { stop, drive } = state;
  if (stop === null || before === null) return { state: stopAt(fix) };
  if (fix.ts - before.ts >= SILENCE_MS && drive) {
    const ended = tripOf(stop, drive, before);
    const next = updateTrip(stopAt(before), fix, before, relocated).state;
    return ended ? { state: next, trip: ended } : { state: next };
  }
  if (!drive?.isTrip && distanceM(stop, fix) <= AT_STOP_M) {
    const { lat, lon, fixes } = addToStop(stop, fix);
    return { state: { stop: { lat, lon, fixes, last: plainFix(fix) }, drive: null } };
  }
  const next = continueDrive(drive ?? startDrive(stop.last), stop, fix, before, relocated);
  if (fix.ts - next.pausedAt.ts < STOP_MS) return { state: { stop, drive: next } };
  const trip = tripOf(stop, next);
  const stopped = stopAt(next.possibleStop, fix);
  return trip ? { state: stopped, trip } : { state: stopped };
}

function stopAt(place: Fix, last: Fix = place): TripState {
  return { stop: { ...newStop(place), last: plainFix(last) }, drive: null };
}

function newStop({ lat, lon }: Point): StopPoint {
  return { lat, lon, fixes: 1 };
}

function addToStop(stop: StopPoint, { lat, lon }: Point): StopPoint {
  const fixes = Math.min(STOP_FIXES, stop.fixes + 1);
  return {
    lat: roundedDegrees(stop.lat + (lat - stop.lat) / fixes),
    lon: roundedDegrees(normalLongitude(stop.lon + shortWay(lon - stop.lon) / fixes)),
    fixes,
  };
}

function startDrive(last: Fix): Drive {
  const possibleStop = { ...newStop(last), ts: last.ts, distanceM: 0 };
  return {
    isTrip: false,
    distanceM: 0,
    smoother: startSmoother(last),
    pausedAt: last,
    possibleStop,
    unconfirmedMove: null,
  };
}

/** Names every field instead of spreading: this runs twice for each fix, and spreads made it three times as slow. */
function continueDrive(drive: Drive, stop: StopPoint, fix: MeasuredFix, before: Fix, relocated: boolean): Drive {
  const { smoother, steps } = relocated
    ? {
        smoother: startSmoother(fix),
        steps: [...finishSmoother(drive.smoother), { ts: fix.ts, metres: distanceM(before, fix) }],
      }
    : addFix(drive.smoother, fix);
  const pausedAt = distanceM(drive.pausedAt, fix) > TRIP_M ? plainFix(fix) : drive.pausedAt;
  const measured = addSteps(drive, steps);
  const { possibleStop, unconfirmedMove } = updatePossibleStop(measured, drive.unconfirmedMove, fix);
  const isTrip = drive.isTrip || distanceM(stop, fix) > TRIP_M;
  return { isTrip, distanceM: measured.distanceM, smoother, pausedAt, possibleStop, unconfirmedMove };
}

/** One fix away from the stop may be noise; with the second the vehicle has moved on, perhaps to a new stop. */
function updatePossibleStop(
  drive: MeasuredDrive,
  away: Fix | null,
  fix: Fix,
): Pick<Drive, "possibleStop" | "unconfirmedMove"> {
  const { possibleStop: stop } = drive;
  if (distanceM(stop, fix) <= AT_STOP_M) {
    return { possibleStop: possibleStopAt(addToStop(stop, fix), stop.ts, stop.distanceM), unconfirmedMove: null };
  }
  if (away === null) return { possibleStop: stop, unconfirmedMove: plainFix(fix) };
  const first = distanceM(away, fix) <= AT_STOP_M ? away : fix;
  const place = first === fix ? newStop(fix) : addToStop(newStop(away), fix);
  return { possibleStop: possibleStopAt(place, first.ts, drive.distanceM), unconfirmedMove: null };
}

function possibleStopAt({ lat, lon, fixes }: StopPoint, ts: number, distanceM: number): Drive["possibleStop"] {
  return { lat, lon, fixes, ts, distanceM };
}

type MeasuredDrive = Pick<Drive, "distanceM" | "possibleStop">;

/** Adds measured steps; those before the possible stop belong to the way to it. */
function addSteps(drive: Drive, steps: readonly DistanceStep[]): MeasuredDrive {
  if (steps.length === 0) return drive;
  let { distanceM } = drive;
  let toStop = drive.possibleStop.distanceM;
  for (const { ts, metres } of steps) {
    distanceM = rounded(distanceM + metres, 2);
    if (ts <= drive.possibleStop.ts) toStop = distanceM;
  }
  const { possibleStop } = drive;
  return { distanceM, possibleStop: possibleStopAt(possibleStop, possibleStop.ts, toStop) };
}

/** @param at where it ended; by default at the possible stop */
function tripOf(stop: NonNullable<TripState["stop"]>, drive: Drive, at?: Fix): Trip | undefined {
  if (!drive.isTrip) return undefined;
  const whole = addSteps(drive, finishSmoother(drive.smoother));
  const { distanceM } = at ? whole : whole.possibleStop;
  return { from: stop.last, to: plainFix(at ?? drive.possibleStop), distanceM: Math.round(distanceM) };
}

function plainFix({ ts, lat, lon }: Fix): Fix {
  return { ts, lat, lon };
}
