import { distanceM, distanceToEdgeM, type Geofence, type Point } from "../geo/geofence.ts";

/*
 * How a run went: how far it still was, straight to the edge of the destination, and how long it still took. A road that winds leads
 * away at times, so one distance may be passed more than once.
 */

/** metres straight to the edge of the destination, seconds until the arrival */
export type CurvePoint = readonly [metres: number, seconds: number];
/** in the order of time; the last one is the arrival */
export type ProgressCurve = readonly CurvePoint[];

/** A fix of a run; epoch milliseconds. */
export interface RunFix extends Point {
  at: number;
}

/** Faster than any vehicle: such a fix is wrong. */
const MAX_SPEED_MPS = 70;

/** @param fixes some of the way, in the order of time @param start where it set out, for when nothing is left of its fixes */
export function curveOf(
  fixes: readonly RunFix[],
  run: { departedAt: number; arrivedAt: number },
  destination: Geofence,
  start: Point | undefined,
): ProgressCurve {
  const points: CurvePoint[] = [];
  let last: RunFix | undefined;
  for (const fix of fixes) {
    if (fix.at < run.departedAt || fix.at >= run.arrivedAt) continue;
    const isTooFast = last && distanceM(last, fix) > MAX_SPEED_MPS * Math.max(1, (fix.at - last.at) / 1_000) + 200;
    if (isTooFast || (last && fix.at <= last.at)) continue;
    last = fix;
    points.push(pointOf(fix, fix.at, run.arrivedAt, destination));
  }
  if (points.length === 0 && start) points.push(pointOf(start, run.departedAt, run.arrivedAt, destination));
  return [...points, [0, 0]];
}

const pointOf = (point: Point, at: number, arrivedAt: number, destination: Geofence): CurvePoint => [
  Math.round(Math.max(0, distanceToEdgeM(point, destination))),
  Math.round((arrivedAt - at) / 1_000),
];

/**
 * How long a run still took at this distance.
 * @param elapsedS since the departure: of several passings of the distance the one about that time counts; null: the last
 * @returns seconds; undefined: the run tells nothing of the way
 */
export function secondsLeft(
  curve: ProgressCurve,
  totalS: number,
  metres: number,
  elapsedS: number | null,
): number | undefined {
  if (curve.length < 2) return undefined;
  const passings: number[] = [];
  for (let at = 1; at < curve.length; at += 1) {
    const [[farM, farS], [nearM, nearS]] = [curve[at - 1]!, curve[at]!];
    if (Math.min(farM, nearM) > metres || Math.max(farM, nearM) < metres) continue;
    const share = farM === nearM ? 0 : (farM - metres) / (farM - nearM);
    passings.push(farS + (nearS - farS) * share);
  }
  if (passings.length === 0) return outside(curve, totalS, metres);
  if (elapsedS === null) return passings.at(-1)!;
  const awayFrom = (left: number) => Math.abs(totalS - left - elapsedS);
  return passings.reduce((best, left) => (awayFrom(left) <= awayFrom(best) ? left : best));
}

/** Farther away than the run ever was: as long as it took, and the rest of the way at its mean speed. */
function outside(curve: ProgressCurve, totalS: number, metres: number): number | undefined {
  const farthest = Math.max(...curve.map(([of]) => of));
  return farthest === 0 ? undefined : totalS * (metres / farthest);
}
