import { normalLongitude, shortWay } from "./longitude.ts";

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

/** The outer ring first, then its holes (RFC 7946 §3.1.6). */
export type Rings = readonly [Ring, ...Ring[]];

/**
 * A circle, or the area of one or more GeoJSON polygons (§3.1.6, §3.1.7). Longitudes of a ring are continuous: across the
 * 180th meridian they go on beyond ±180 (`continuousRings`).
 */
export type Geofence =
  | { shape: "circle"; centre: Point; radiusM: number }
  | { shape: "polygon"; rings: Rings }
  | {
      shape: "multipolygon";
      polygons: readonly Rings[];
      /** cut along the 180th meridian (§3.1.9): edges on it are no edges of the area */
      cutAt180: boolean;
    };

/** Great-circle distance in metres (haversine). */
export function distanceM(a: Point, b: Point): number {
  const dLat = (b.lat - a.lat) * RADIANS;
  const dLon = (b.lon - a.lon) * RADIANS;
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * RADIANS) * Math.cos(b.lat * RADIANS) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** At least `distanceM`, without its trigonometry: the way along the meridian, then as far east or west as at the equator. */
export function longestWayM(a: Point, b: Point): number {
  return (Math.abs(b.lat - a.lat) + Math.abs(b.lon - a.lon)) * METRES_PER_DEGREE;
}

/** Metres east and north of `origin`, on the tangent plane: within 0.1 % up to some kilometres. */
export function offsetFrom(origin: Point, { lat, lon }: Point): { east: number; north: number } {
  const metresPerLon = metresPerLonAt(origin.lat);
  return { east: shortWay(lon - origin.lon) * metresPerLon, north: (lat - origin.lat) * METRES_PER_DEGREE };
}

/** The point at this offset from `origin`, metres; the inverse of `offsetFrom`. */
export function pointAt(origin: Point, east: number, north: number): Point {
  const lon = normalLongitude(origin.lon + east / metresPerLonAt(origin.lat));
  return { lat: origin.lat + north / METRES_PER_DEGREE, lon };
}

/** Metres per degree of longitude; bounded at the poles, where it is 0. */
function metresPerLonAt(lat: number): number {
  return Math.max(0.01, Math.cos(lat * RADIANS)) * METRES_PER_DEGREE;
}

/** Metres from the fence's edge: negative inside, positive outside. */
export function distanceToEdgeM(point: Point, fence: Geofence): number {
  if (fence.shape === "circle") return distanceM(point, fence.centre) - fence.radiusM;
  if (fence.shape === "polygon") return distanceToRingsM(point, fence.rings, false);
  return fence.polygons.reduce(
    (nearest, rings) => Math.min(nearest, distanceToRingsM(point, rings, fence.cutAt180)),
    Number.POSITIVE_INFINITY,
  );
}

function distanceToRingsM(point: Point, rings: Rings, cutAt180: boolean): number {
  let inside = false;
  let nearest = Number.POSITIVE_INFINITY;
  // On the tangent plane at the point: its error at the size of a yard is far below that of a fix.
  const metresPerLon = metresPerLonAt(point.lat);
  const lon = longitudeNear(rings[0][0]![0], point.lon);
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const ax = (ring[j]![0] - lon) * metresPerLon;
      const ay = (ring[j]![1] - point.lat) * METRES_PER_DEGREE;
      const bx = (ring[i]![0] - lon) * metresPerLon;
      const by = (ring[i]![1] - point.lat) * METRES_PER_DEGREE;
      // Even-odd rule over all rings: a point in a hole is outside.
      if (ay > 0 !== by > 0 && (-ay * (bx - ax)) / (by - ay) + ax > 0) inside = !inside;
      if (!cutAt180 || !isOn180(ring[j]!, ring[i]!)) nearest = Math.min(nearest, distanceToSegment(ax, ay, bx, by));
    }
  }
  return inside ? -nearest : nearest;
}

/** The longitude of a point in the turn around the Earth in which `reference` is. */
export function longitudeNear(reference: number, lon: number): number {
  return reference + shortWay(lon - reference);
}

type Position = Ring[number];

function isOn180(a: Position, b: Position): boolean {
  return Math.abs(a[0]) === 180 && a[0] === b[0];
}

/** Makes the longitudes of every ring continuous: each edge goes the short way around the Earth. */
export function continuousRings(rings: Rings): Rings {
  const [outer, ...holes] = rings;
  const first = continuousRing(outer, outer[0]![0]);
  return [first, ...holes.map((ring) => continuousRing(ring, longitudeNear(first[0]![0], ring[0]![0])))];
}

function continuousRing(ring: Ring, startLon: number): Ring {
  let lon = startLon;
  return ring.map(([next, lat]) => {
    lon = longitudeNear(lon, next);
    return [lon, lat] as const;
  });
}

export function polygonFence(rings: Rings): Geofence {
  return { shape: "polygon", rings: continuousRings(rings) };
}

export function multiPolygonFence(polygons: readonly Rings[]): Geofence {
  const hasEdgeAt = (lon: number) =>
    polygons.some(([outer]) => outer.some((position, i) => position[0] === lon && outer[i + 1]?.[0] === lon));
  const cutAt180 = hasEdgeAt(180) && hasEdgeAt(-180);
  return { shape: "multipolygon", polygons: polygons.map(continuousRings), cutAt180 };
}

/** From the origin to the segment a–b. */
function distanceToSegment(ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax;
  const dy = by - ay;
  const lengthSquared = dx * dx + dy * dy;
  const t = lengthSquared === 0 ? 0 : Math.max(0, Math.min(1, -(ax * dx + ay * dy) / lengthSquared));
  return Math.hypot(ax + t * dx, ay + t * dy);
}

/** The size of a fence, metres: the radius of a circle, half the diagonal of a (the largest) polygon's bounding box. */
export function sizeM(fence: Geofence): number {
  if (fence.shape === "circle") return fence.radiusM;
  return Math.max(...polygonsOf(fence).map(halfDiagonalM));
}

/** The polygons of a fence that is no circle. */
export function polygonsOf(fence: Exclude<Geofence, { shape: "circle" }>): readonly Rings[] {
  return fence.shape === "polygon" ? [fence.rings] : fence.polygons;
}

function halfDiagonalM(rings: Rings): number {
  const box = boundsOfRing(rings[0]);
  return distanceM({ lat: box.south, lon: box.west }, { lat: box.north, lon: box.east }) / 2;
}

/** West and east may lie beyond ±180 degrees. */
export interface Bounds {
  south: number;
  north: number;
  west: number;
  east: number;
}

/** A box around each part of the fence. */
export function boundsOf(fence: Geofence): Bounds[] {
  if (fence.shape !== "circle") return polygonsOf(fence).map(([outer]) => boundsOfRing(outer));
  const { lat, lon } = fence.centre;
  const dLat = fence.radiusM / METRES_PER_DEGREE;
  const [south, north] = [lat - dLat, lat + dLat];
  // A circle over a pole touches every meridian.
  const ratio = Math.sin(dLat * RADIANS) / Math.cos(lat * RADIANS);
  const dLon = south <= -90 || north >= 90 || ratio >= 1 ? 180 : Math.asin(ratio) / RADIANS;
  return [{ south, north, west: lon - dLon, east: lon + dLon }];
}

/** The middle of a fence, of its first part if it has several. */
export function middleOf(fence: Geofence): Point {
  if (fence.shape === "circle") return fence.centre;
  const { south, north, west, east } = boundsOf(fence)[0]!;
  return { lat: (south + north) / 2, lon: (west + east) / 2 };
}

function boundsOfRing(ring: Ring): Bounds {
  const [lon, lat] = ring[0]!;
  const bounds = { south: lat, north: lat, west: lon, east: lon };
  for (const [east, north] of ring) {
    bounds.south = Math.min(bounds.south, north);
    bounds.north = Math.max(bounds.north, north);
    bounds.west = Math.min(bounds.west, east);
    bounds.east = Math.max(bounds.east, east);
  }
  return bounds;
}
