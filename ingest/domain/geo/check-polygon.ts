import { distanceToEdgeM, type Ring, type Rings, continuousRings, polygonFence } from "./geofence.ts";
import { findCrossing } from "./ring-crossing.ts";
import { shortWay } from "./longitude.ts";

/** What is wrong with a polygon, where (below its coordinates), and what to do about it. */
export interface PolygonFault {
  path: number[];
  message: string;
}

/** Metres. Points no further than this from one line enclose nothing a vehicle could be in. */
const FLAT_M = 0.1;
const METRES_PER_DEGREE = 111_195;

/**
 * Finds why a GeoJSON polygon (RFC 7946 §3.1.6) cannot be a geofence. Rings are checked in order and each for one fault;
 * messages number rings and points from 0, as the coordinates do. An edge goes the short way around the Earth, so that a
 * ring across the 180th meridian needs no cut.
 */
export function checkPolygon(rings: readonly Ring[]): PolygonFault[] {
  const faults = rings.flatMap((ring, index) => {
    const fault = checkPositions(ring, index) ?? checkTurn(ring, index);
    return fault ? [fault] : [];
  });
  if (faults.length > 0 || rings.length === 0) return faults;
  const continuous = continuousRings(rings as unknown as Rings);
  const shapes = continuous.flatMap((ring, index) => checkShape(ring, index) ?? []);
  return shapes.length > 0 ? shapes : checkHoles(continuous);
}

function checkPositions(ring: Ring, index: number): PolygonFault | undefined {
  for (const [at, [lon, lat]] of ring.entries()) {
    const point = `ring ${index}, point ${at}`;
    if (!(Math.abs(lat) <= 90)) {
      const swapped = Math.abs(lon) <= 90 ? " (are they swapped?)" : "";
      const message = `${point}: latitude ${lat} is beyond ±90; a position is [longitude, latitude]${swapped}`;
      return { path: [index, at, 1], message };
    }
    if (!(Math.abs(lon) <= 180)) {
      const message = `${point}: longitude ${lon} is beyond ±180; across the 180th meridian write ${shortWay(lon)}`;
      return { path: [index, at, 0], message };
    }
  }
  const [first, last] = [ring[0], ring.at(-1)];
  if (first && last && ring.length >= 4 && first[0] === last[0] && first[1] === last[1]) return undefined;
  if (ring.length < 4)
    return { path: [index], message: `ring ${index}: has ${ring.length} points; at least 4, the last like the first` };
  const at = ring.length - 1;
  const message = `ring ${index}, point ${at}: the last position of a ring must equal its first (RFC 7946 §3.1.6)`;
  return { path: [index, at], message };
}

/** Edges of half a turn, and rings around a pole: on a map of longitude and latitude they enclose nothing. */
function checkTurn(ring: Ring, index: number): PolygonFault | undefined {
  let turn = 0;
  for (let at = 1; at < ring.length; at += 1) {
    const stated = ring[at]![0] - ring[at - 1]![0];
    if (Math.abs(stated) === 180 || Math.abs(stated) === 360) {
      const message = `ring ${index}, point ${at}: ${Math.abs(stated)} degrees of longitude from the point before; put points between them`;
      return { path: [index, at], message };
    }
    turn += shortWay(stated);
  }
  const pole = ring.findIndex(([, lat]) => Math.abs(lat) === 90);
  if (Math.abs(turn) < 1 && pole < 0) return undefined;
  const message = `ring ${index}, point ${Math.max(0, pole)}: the ring goes around or touches a pole; use a circle {lat, lon, radius_m}`;
  return { path: pole < 0 ? [index] : [index, pole], message };
}

function checkShape(ring: Ring, index: number): PolygonFault | undefined {
  if (isFlat(ring)) {
    const message = `ring ${index}, points 0 to ${ring.length - 1}: lie on one line and enclose no area; for a point use a circle {lat, lon, radius_m}`;
    return { path: [index], message };
  }
  const lons = ring.map(([lon]) => lon);
  if (Math.max(...lons) - Math.min(...lons) >= 180) {
    return { path: [index], message: `ring ${index}: is wider than half the Earth; list its parts as a MultiPolygon` };
  }
  const crossing = findCrossing(ring);
  if (crossing === undefined) return undefined;
  const [a, b] = crossing;
  const message = `ring ${index}, point ${a}: the edge from point ${a} to point ${a + 1} meets the edge from point ${b} to point ${b + 1}; list the points in order around the area, without crossing`;
  return { path: [index, a], message };
}

/** Whether all points lie within 10 cm of one line. */
function isFlat(ring: Ring): boolean {
  const [lon0, lat0] = ring[0]!;
  const metresPerLon = METRES_PER_DEGREE * Math.cos((lat0 * Math.PI) / 180);
  const points = ring.map(([lon, lat]) => [(lon - lon0) * metresPerLon, (lat - lat0) * METRES_PER_DEGREE] as const);
  const [x, y] = points.reduce((far, point) => (Math.hypot(...point) > Math.hypot(...far) ? point : far));
  const length = Math.hypot(x, y);
  return length < FLAT_M || points.every(([px, py]) => Math.abs(px * y - py * x) / length < FLAT_M);
}

/** A hole must lie inside the outer ring, and its edges must not cross those of other rings. */
function checkHoles(rings: Rings): PolygonFault[] {
  const [outer, ...holes] = rings;
  const area = polygonFence([outer]);
  const faults: PolygonFault[] = [];
  for (const [number, hole] of holes.entries()) {
    const index = number + 1;
    const outside = hole.findIndex(([lon, lat]) => distanceToEdgeM({ lat, lon }, area) > 0.01);
    if (outside >= 0) {
      const message = `ring ${index}, point ${outside}: a hole must lie inside ring 0; for a second area use a MultiPolygon`;
      faults.push({ path: [index, outside], message });
      continue;
    }
    for (const [other, ring] of rings.slice(0, index).entries()) {
      const crossing = findCrossing(hole, ring);
      if (crossing === undefined) continue;
      const message = `ring ${index}, point ${crossing[0]}: the edge from here crosses ring ${other} after its point ${crossing[1]}`;
      faults.push({ path: [index, crossing[0]], message });
      break;
    }
  }
  return faults;
}
