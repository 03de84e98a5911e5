import {
  boundsOf,
  distanceToEdgeM,
  type Geofence,
  longitudeNear,
  type Point,
  polygonsOf,
  type Rings,
} from "./geofence.ts";
import { shortWay } from "./longitude.ts";

/** A section of a line inside a fence is searched for its deepest point in this many steps. */
const STEPS = 17;
/** The deepest point of a polygon is searched on a grid of this many columns and rows. */
const GRID = 24;

export function pointOnLine(from: Point, to: Point, share: number): Point {
  return {
    lat: from.lat + (to.lat - from.lat) * share,
    lon: from.lon + shortWay(to.lon - from.lon) * share,
  };
}

/**
 * Where the straight line lies deepest in the fence: metres, and at which share of its length. However long the line and
 * however small the fence, no crossing is missed: the line is cut where it meets the edge, and each part is searched.
 */
export function deepestOnLine(from: Point, to: Point, fence: Geofence): { depthM: number; share: number } {
  let deepest = { depthM: Number.NEGATIVE_INFINITY, share: 0 };
  const cuts = cutsOf(from, to, fence);
  for (let i = 1; i < cuts.length; i += 1) {
    const [begin, end] = [cuts[i - 1]!, cuts[i]!];
    for (let step = 0; step < STEPS; step += 1) {
      const share = begin + ((step + 0.5) / STEPS) * (end - begin);
      const depthM = -distanceToEdgeM(pointOnLine(from, to, share), fence);
      if (depthM > deepest.depthM) deepest = { depthM, share };
      // A section that begins outside stays outside; of a circle the cuts are only nearly exact.
      if (depthM <= 0 && fence.shape !== "circle") break;
    }
  }
  return deepest;
}

/** The shares of the line at which it meets the edge of the fence, with 0 and 1, in order. */
function cutsOf(from: Point, to: Point, fence: Geofence): number[] {
  const cuts = [0, 1];
  if (fence.shape === "circle") cuts.push(...cutsOfCircle(from, to, fence));
  else for (const rings of polygonsOf(fence)) cuts.push(...cutsOfRings(from, to, rings));
  return cuts.filter((share) => share >= 0 && share <= 1).sort((a, b) => a - b);
}

/** On the plane of a map whose scale is that of the centre: the error is far below the depth that matters. */
function cutsOfCircle(from: Point, to: Point, { centre, radiusM }: Extract<Geofence, { shape: "circle" }>): number[] {
  const metresPerDegree = 111_195.08;
  const metresPerLon = metresPerDegree * Math.cos((centre.lat * Math.PI) / 180);
  const x = shortWay(from.lon - centre.lon) * metresPerLon;
  const y = (from.lat - centre.lat) * metresPerDegree;
  const dx = shortWay(to.lon - from.lon) * metresPerLon;
  const dy = (to.lat - from.lat) * metresPerDegree;
  const [a, b, c] = [dx * dx + dy * dy, x * dx + y * dy, x * x + y * y - radiusM * radiusM];
  const root = b * b - a * c;
  if (a === 0 || root <= 0) return [];
  return [(-b - Math.sqrt(root)) / a, (-b + Math.sqrt(root)) / a];
}

/** Edges and the line are both straight in longitude and latitude. */
function cutsOfRings(from: Point, to: Point, rings: Rings): number[] {
  const cuts: number[] = [];
  const lon = longitudeNear(rings[0][0]![0], from.lon);
  const [dx, dy] = [shortWay(to.lon - from.lon), to.lat - from.lat];
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i += 1) {
      const [ax, ay] = [ring[i - 1]![0] - lon, ring[i - 1]![1] - from.lat];
      const [ex, ey] = [ring[i]![0] - ring[i - 1]![0], ring[i]![1] - ring[i - 1]![1]];
      const cross = dx * ey - dy * ex;
      if (cross === 0) continue;
      const along = (ax * dy - ay * dx) / cross;
      if (along >= 0 && along <= 1) cuts.push((ax * ey - ay * ex) / cross);
    }
  }
  return cuts;
}

/** How deep a point can lie in the fence, metres; of a polygon a little less than it really is. */
export function deepestM(fence: Geofence): number {
  if (fence.shape === "circle") return fence.radiusM;
  let deepest = 0;
  for (const { south, north, west, east } of boundsOf(fence)) {
    for (let row = 0; row < GRID; row += 1) {
      const lat = south + ((row + 0.5) / GRID) * (north - south);
      for (let column = 0; column < GRID; column += 1) {
        const lon = west + ((column + 0.5) / GRID) * (east - west);
        deepest = Math.max(deepest, -distanceToEdgeM({ lat, lon }, fence));
      }
    }
  }
  return deepest;
}
