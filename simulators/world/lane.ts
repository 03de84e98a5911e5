import { bearing, between, distanceM, offset, type Point } from "./geometry.ts";
import type { Random } from "./random.ts";

/** A road between two docks: a polyline with the metres from its start to each of its points. */
export interface Lane {
  points: readonly Point[];
  /** metres along the lane to the point of the same index */
  distancesM: readonly number[];
  lengthM: number;
}

/**
 * Generates a winding road: sine waves of four lengths across the direct line, fading out at both ends.
 */
export function drawLane(from: Point, to: Point, random: Random): Lane {
  const directM = distanceM(from, to);
  const steps = Math.max(12, Math.min(160, Math.round(directM / 600)));
  const waves = [1, 2, 5, 11].map((turns) => ({
    turns,
    widthM: (directM * random.between(0.01, 0.05)) / turns,
    phase: random.between(0, Math.PI * 2),
  }));
  const across = ((bearing(from, to) + 90) * Math.PI) / 180;
  const points = Array.from({ length: steps + 1 }, (_, step) => {
    const share = step / steps;
    const sway = waves.reduce((sum, w) => sum + w.widthM * Math.sin(w.turns * Math.PI * 2 * share + w.phase), 0);
    const aside = sway * Math.sin(Math.PI * share);
    return offset(between(from, to, share), Math.sin(across) * aside, Math.cos(across) * aside);
  });
  return measure(points);
}

export function reverseLane(lane: Lane): Lane {
  return measure([...lane.points].reverse());
}

function measure(points: readonly Point[]): Lane {
  const along = [0];
  for (let i = 1; i < points.length; i += 1) along.push(at(along, i - 1) + distanceM(at(points, i - 1), at(points, i)));
  return { points, distancesM: along, lengthM: at(along, along.length - 1) };
}

export interface Pose extends Point {
  /** degrees clockwise from north */
  heading: number;
}

/** Position and heading after `metres` on the lane, clamped to its ends. */
export function poseAt(lane: Lane, metres: number): Pose {
  const here = Math.max(0, Math.min(lane.lengthM, metres));
  let low = 0;
  let high = lane.distancesM.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (at(lane.distancesM, middle) <= here) low = middle;
    else high = middle - 1;
  }
  const a = at(lane.points, low);
  const b = at(lane.points, low + 1);
  const legM = at(lane.distancesM, low + 1) - at(lane.distancesM, low);
  const share = legM === 0 ? 0 : (here - at(lane.distancesM, low)) / legM;
  return { ...between(a, b, share), heading: bearing(a, b) };
}

function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`a lane has no point ${index}`);
  return value;
}
