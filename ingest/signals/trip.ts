import { distanceM, type Point } from "../domain/geo/geofence.ts";
import { rounded, roundedDegrees } from "./rounded.ts";
import {
  startSmoother,
  finishSmoother,
  type MeasuredFix,
  type SmootherState,
  type DistanceStep,
  addFix,
} from "./track-smoother.ts";

/**
 * Trips and stops, by distance and not by speed: a tracker without a fix says speed 0, and a parked one jitters. A trip
 * has gone 200 m from where the vehicle rested; it ends when the vehicle has stayed within 200 m for 180 s, and ended
 * then where it really came to rest. It began when it was last near its resting place.
 */
const TRIP_M = 200;
const STOP_MS = 180_000;
/** Fixes this close to a resting place are at it, metres. */
const AT_REST_M = 50;
/** After a silence this long nobody knows what the vehicle did: the trip ended before it, milliseconds. */
const SILENCE_MS = 3_600_000;
/** A resting place is the mean of at most so many fixes. */
const REST_FIXES = 32;

interface Fix extends Point {
  ts: number;
}

export interface TripState {
  /** where it rests or last rested, and the last fix there; null before the first fix */
  rest: (Rest & { last: Fix }) | null;
  /** the way it has gone since; null while it rests */
  way: Way | null;
}

interface Way {
  /** whether it has gone far enough to be a trip */
  underWay: boolean;
  /** measured so far, metres */
  distanceM: number;
  smoothing: SmootherState;
  /** since this fix it has stayed within `TRIP_M` of it */
  pause: Fix;
  /** where it may have come to rest since `ts`; `distanceM`: of the way until then */
  halt: Rest & { ts: number; distanceM: number };
  /** a fix away from the halt; noise, unless the next one is away too */
  away: Fix | null;
}

/** The mean of so many fixes. */
interface Rest extends Point {
  fixes: number;
}

/** A trip that is over. */
export interface Trip {
  from: Fix;
  to: Fix;
  distanceM: number;
}

export const NO_TRIP: TripState = { rest: null, way: null };

/**
 * Follows one accepted fix.
 * @param before the accepted fix before it
 * @param jumped whether the way from there is unknown: its straight line counts, and is not smoothed
 */
export function updateTrip(
  state: TripState,
  fix: MeasuredFix,
  before: Fix | null,
  jumped: boolean,
): { state: TripState; trip?: Trip } {
  const { rest, way } = state;
  if (rest === null || before === null) return { state: restAt(fix) };
  if (fix.ts - before.ts >= SILENCE_MS && way) {
    const over = endOf(rest, way, before);
    const next = updateTrip(restAt(before), fix, before, jumped).state;
    return over ? { state: next, trip: over } : { state: next };
  }
  const near = distanceM(rest, fix) <= AT_REST_M;
  if (near && !way?.underWay) {
    const { lat, lon, fixes } = stay(rest, fix);
    return { state: { rest: { lat, lon, fixes, last: plain(fix) }, way: null } };
  }
  const going = goOn(way ?? setOut(rest.last), rest, fix, before, jumped);
  if (fix.ts - going.pause.ts < STOP_MS) return { state: { rest, way: going } };
  const trip = endOf(rest, going);
  const next = restAt(going.halt, fix);
  return trip ? { state: next, trip } : { state: next };
}

function restAt(place: Fix, last: Fix = place): TripState {
  return { rest: { ...beginRest(place), last: plain(last) }, way: null };
}

function beginRest({ lat, lon }: Point): Rest {
  return { lat, lon, fixes: 1 };
}

function stay(rest: Rest, { lat, lon }: Point): Rest {
  const fixes = Math.min(REST_FIXES, rest.fixes + 1);
  const mean = (before: number, now: number) => roundedDegrees(before + (now - before) / fixes);
  return { lat: mean(rest.lat, lat), lon: mean(rest.lon, lon), fixes };
}

function setOut(last: Fix): Way {
  const halt = { ...beginRest(last), ts: last.ts, distanceM: 0 };
  return { underWay: false, distanceM: 0, smoothing: startSmoother(last), pause: last, halt, away: null };
}

/** Names every field instead of spreading: this runs twice for each fix, and spreads made it three times as slow. */
function goOn(way: Way, rest: Rest, fix: MeasuredFix, before: Fix, jumped: boolean): Way {
  const { smoothing, steps } = jumped
    ? {
        smoothing: startSmoother(fix),
        steps: [...finishSmoother(way.smoothing), { ts: fix.ts, metres: distanceM(before, fix) }],
      }
    : addFix(way.smoothing, fix);
  const pause = distanceM(way.pause, fix) > TRIP_M ? plain(fix) : way.pause;
  const added = add(way, steps);
  const { halt, away } = haltOrNot(added, fix);
  const underWay = way.underWay || distanceM(rest, fix) > TRIP_M;
  return { underWay, distanceM: added.distanceM, smoothing, pause, halt, away };
}

/** One fix away from the halt may be noise; with the second the vehicle has moved on, perhaps to a new halt. */
function haltOrNot(way: Way, fix: Fix): Pick<Way, "halt" | "away"> {
  const { halt, away } = way;
  if (distanceM(halt, fix) <= AT_REST_M) return { halt: haltAt(stay(halt, fix), halt.ts, halt.distanceM), away: null };
  if (away === null) return { halt, away: plain(fix) };
  const first = distanceM(away, fix) <= AT_REST_M ? away : fix;
  const place = first === fix ? beginRest(fix) : stay(beginRest(away), fix);
  return { halt: haltAt(place, first.ts, way.distanceM), away: null };
}

function haltAt({ lat, lon, fixes }: Rest, ts: number, distanceM: number): Way["halt"] {
  return { lat, lon, fixes, ts, distanceM };
}

/** Adds steps; those before the halt belong to the way to it. */
function add(way: Way, steps: readonly DistanceStep[]): Way {
  if (steps.length === 0) return way;
  let { distanceM } = way;
  let toHalt = way.halt.distanceM;
  for (const { ts, metres } of steps) {
    distanceM = rounded(distanceM + metres, 2);
    if (ts <= way.halt.ts) toHalt = distanceM;
  }
  return { ...way, distanceM, halt: { ...way.halt, distanceM: toHalt } };
}

/** @param at where it ended; the halt when not given */
function endOf(rest: NonNullable<TripState["rest"]>, way: Way, at?: Fix): Trip | undefined {
  if (!way.underWay) return undefined;
  const whole = add(way, finishSmoother(way.smoothing));
  const { distanceM } = at ? whole : whole.halt;
  return { from: rest.last, to: plain(at ?? way.halt), distanceM: Math.round(distanceM) };
}

function plain({ ts, lat, lon }: Fix): Fix {
  return { ts, lat, lon };
}
