import { offsetFrom, type Point } from "../geo/geofence.ts";

/** The way that a shipment is to take: a line, and how far beside it is still on the way. */
export interface Corridor {
  /** [longitude, latitude] each, WGS 84 */
  line: readonly (readonly [number, number])[];
  widthM: number;
}

export const DEFAULT_WIDTH_M = 2_000;

/** Reads the route of a shipment as it is stored. @returns undefined for none */
export function corridorOf(stored: unknown): Corridor | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const { coordinates, width_m: widthM = DEFAULT_WIDTH_M } = stored as {
    coordinates?: Corridor["line"];
    width_m?: number;
  };
  return Array.isArray(coordinates) && coordinates.length > 1 ? { line: coordinates, widthM } : undefined;
}

/** How far a point is from the line of a corridor, metres. */
export function distanceToLineM(point: Point, { line }: Corridor): number {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 1; at < line.length; at += 1) {
    const [a, b] = [line[at - 1]!, line[at]!].map(([lon, lat]) => offsetFrom(point, { lat, lon }));
    least = Math.min(least, distanceToPieceM(a!, b!));
  }
  return least;
}

interface Offset {
  east: number;
  north: number;
}

/** From the origin, metres. */
function distanceToPieceM(a: Offset, b: Offset): number {
  const [east, north] = [b.east - a.east, b.north - a.north];
  const length2 = east * east + north * north;
  const share = length2 === 0 ? 0 : Math.min(1, Math.max(0, -(a.east * east + a.north * north) / length2));
  return Math.hypot(a.east + share * east, a.north + share * north);
}
