/** Distances and geofences, on a sphere with the mean radius of the Earth. */

/** Mean Earth radius, metres (IUGG R1). */
const EARTH_RADIUS_M = 6_371_008.8;
const RADIANS = Math.PI / 180;
const METRES_PER_DEGREE = EARTH_RADIUS_M * RADIANS;

export interface Point {
  lat: number;
  lon: number;
}

/** [lon, lat] pairs, the last like the first (RFC 7946 §3.1.6). */
export type Ring = readonly (readonly [number, number])[];

/** A circle, or a GeoJSON Polygon: the outer ring first, then its holes (RFC 7946 §3.1.6). */
export type Geofence =
  | { shape: "circle"; centre: Point; radiusM: number }
  | { shape: "polygon"; rings: readonly [Ring, ...Ring[]] };

/** Great-circle distance in metres (haversine). */
export function distanceM(a: Point, b: Point): number {
  const dLat = (b.lat - a.lat) * RADIANS;
  const dLon = (b.lon - a.lon) * RADIANS;
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * RADIANS) * Math.cos(b.lat * RADIANS) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Metres east and north of `origin`, on the tangent plane: within 0.1 % up to some kilometres. */
export function offsetFrom(origin: Point, { lat, lon }: Point): { east: number; north: number } {
  const metresPerLon = metresPerLonAt(origin.lat);
  return { east: (lon - origin.lon) * metresPerLon, north: (lat - origin.lat) * METRES_PER_DEGREE };
}

/** The point at this offset from `origin`, metres; the inverse of `offsetFrom`. */
export function pointAt(origin: Point, east: number, north: number): Point {
  return { lat: origin.lat + north / METRES_PER_DEGREE, lon: origin.lon + east / metresPerLonAt(origin.lat) };
}

/** Metres per degree of longitude; bounded at the poles, where it is 0. */
function metresPerLonAt(lat: number): number {
  return Math.max(0.01, Math.cos(lat * RADIANS)) * METRES_PER_DEGREE;
}

/** Metres from the fence's edge: negative inside, positive outside. */
export function distanceToEdgeM(point: Point, fence: Geofence): number {
  if (fence.shape === "circle") return distanceM(point, fence.centre) - fence.radiusM;
  let inside = false;
  let nearest = Number.POSITIVE_INFINITY;
  // On the tangent plane at the point: its error at the size of a yard is far below that of a fix.
  const metresPerLon = metresPerLonAt(point.lat);
  for (const ring of fence.rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const ax = (ring[j]![0] - point.lon) * metresPerLon;
      const ay = (ring[j]![1] - point.lat) * METRES_PER_DEGREE;
      const bx = (ring[i]![0] - point.lon) * metresPerLon;
      const by = (ring[i]![1] - point.lat) * METRES_PER_DEGREE;
      // Even-odd rule over all rings: a point in a hole is outside.
      if (ay > 0 !== by > 0 && (-ay * (bx - ax)) / (by - ay) + ax > 0) inside = !inside;
      nearest = Math.min(nearest, distanceToSegment(ax, ay, bx, by));
    }
  }
  return inside ? -nearest : nearest;
}

/** From the origin to the segment a–b. */
function distanceToSegment(ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax;
  const dy = by - ay;
  const lengthSquared = dx * dx + dy * dy;
  const t = lengthSquared === 0 ? 0 : Math.max(0, Math.min(1, -(ax * dx + ay * dy) / lengthSquared));
  return Math.hypot(ax + t * dx, ay + t * dy);
}

/** The size of a fence, metres: the radius of a circle, half the diagonal of a polygon's bounding box. */
export function sizeM(fence: Geofence): number {
  if (fence.shape === "circle") return fence.radiusM;
  const box = boundsOf(fence);
  return distanceM({ lat: box.south, lon: box.west }, { lat: box.north, lon: box.east }) / 2;
}

export interface Bounds {
  south: number;
  north: number;
  west: number;
  east: number;
}

export function boundsOf(fence: Geofence): Bounds {
  if (fence.shape === "polygon") {
    const bounds = { south: 90, north: -90, west: 180, east: -180 };
    for (const [lon, lat] of fence.rings[0]) {
      bounds.south = Math.min(bounds.south, lat);
      bounds.north = Math.max(bounds.north, lat);
      bounds.west = Math.min(bounds.west, lon);
      bounds.east = Math.max(bounds.east, lon);
    }
    return bounds;
  }
  const dLat = fence.radiusM / METRES_PER_DEGREE;
  const dLon = fence.radiusM / metresPerLonAt(fence.centre.lat);
  const { lat, lon } = fence.centre;
  return { south: lat - dLat, north: lat + dLat, west: lon - dLon, east: lon + dLon };
}
