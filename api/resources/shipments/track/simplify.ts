/** A point of a track; longitude and latitude in degrees (WGS 84). */
export interface TrackPoint {
  lon: number;
  lat: number;
  ts: number;
  speed: number | null;
}

const METRES_PER_DEGREE = 111_195;

/**
 * Leaves out points that lie within `toleranceMetres` of the simplified line (Ramer–Douglas–Peucker). It uses a stack
 * instead of recursion, whose depth could reach the number of points.
 */
export function simplify(points: readonly TrackPoint[], toleranceMetres: number): TrackPoint[] {
  if (points.length < 3 || toleranceMetres <= 0) return [...points];
  const kept = new Uint8Array(points.length);
  kept[0] = 1;
  kept[points.length - 1] = 1;
  const spans: [number, number][] = [[0, points.length - 1]];
  for (let span = spans.pop(); span !== undefined; span = spans.pop()) {
    const [first, last] = span;
    let farthest = -1;
    let distance = toleranceMetres;
    for (let at = first + 1; at < last; at += 1) {
      const off = metresFromLine(points[at]!, points[first]!, points[last]!);
      if (off > distance) {
        distance = off;
        farthest = at;
      }
    }
    if (farthest < 0) continue;
    kept[farthest] = 1;
    spans.push([first, farthest], [farthest, last]);
  }
  return points.filter((_, at) => kept[at] === 1);
}

/** Distance of `p` from the segment a–b, metres, on the tangent plane at `a`. Accurate enough for segments up to about 100 km. */
function metresFromLine(p: TrackPoint, a: TrackPoint, b: TrackPoint): number {
  const scale = Math.cos((a.lat * Math.PI) / 180);
  const x = (point: TrackPoint): number => eastOf(point.lon - a.lon) * scale;
  const y = (point: TrackPoint): number => point.lat - a.lat;
  const [dx, dy] = [x(b), y(b)];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, (x(p) * dx + y(p) * dy) / length));
  return Math.hypot(x(p) - along * dx, y(p) - along * dy) * METRES_PER_DEGREE;
}

/** Difference of longitudes, degrees, -180 to 180: the short way across the 180th meridian. */
const eastOf = (degrees: number): number => ((((degrees + 180) % 360) + 360) % 360) - 180;
