import { pointsAt, type TrackPoints } from "./track-points.ts";

const METRES_PER_DEGREE = 111_195;

/**
 * Leaves out points that lie within `toleranceMetres` of the simplified line (Ramer–Douglas–Peucker). It uses a stack
 * instead of recursion, whose depth could reach the number of points.
 */
export function simplify(points: TrackPoints, toleranceMetres: number): TrackPoints {
  const count = points.ts.length;
  if (count < 3 || toleranceMetres <= 0) return points;
  const kept = new Uint8Array(count);
  kept[0] = 1;
  kept[count - 1] = 1;
  const spans: [number, number][] = [[0, count - 1]];
  for (let span = spans.pop(); span !== undefined; span = spans.pop()) {
    const [first, last] = span;
    let farthest = -1;
    let distance = toleranceMetres;
    for (let at = first + 1; at < last; at += 1) {
      const off = metresFromLine(points, at, first, last);
      if (off > distance) {
        distance = off;
        farthest = at;
      }
    }
    if (farthest < 0) continue;
    kept[farthest] = 1;
    spans.push([first, farthest], [farthest, last]);
  }
  return pointsAt(
    points,
    Uint32Array.from(kept.keys()).filter((at) => kept[at] === 1),
  );
}

/**
 * Distance of the point at `p` from the segment between those at `a` and `b`, metres, on the tangent plane at `a`. Accurate enough
 * for segments up to about 100 km.
 */
function metresFromLine({ lon, lat }: TrackPoints, p: number, a: number, b: number): number {
  const scale = Math.cos((lat[a]! * Math.PI) / 180);
  const x = (point: number): number => eastOf(lon[point]! - lon[a]!) * scale;
  const y = (point: number): number => lat[point]! - lat[a]!;
  const [dx, dy] = [x(b), y(b)];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, (x(p) * dx + y(p) * dy) / length));
  return Math.hypot(x(p) - along * dx, y(p) - along * dy) * METRES_PER_DEGREE;
}

/** Difference of longitudes, degrees, -180 to 180: the short way across the 180th meridian. */
const eastOf = (degrees: number): number => ((((degrees + 180) % 360) + 360) % 360) - 180;
