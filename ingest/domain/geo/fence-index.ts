import { boundsOf, type Geofence, type Point, sizeM } from "./geofence.ts";

export interface Fenced {
  locationId: number;
  fence: Geofence;
}

export interface FencedLocation extends Fenced {
  /** see `sizeM` */
  sizeM: number;
}

/** Finds the fences near a point without testing all of them, by a grid of cells about 5 km wide. */
export interface FenceIndex {
  near(point: Point): readonly FencedLocation[];
  /** those near the straight line from `a` to `b`; if it crosses more than 64 cells, only those near `b` */
  along(a: Point, b: Point): readonly FencedLocation[];
  get(locationId: number): FencedLocation | undefined;
}

const CELL_DEGREES = 0.05;
/** More than the 7,200 columns around the world. One number identifies a cell: a faster map key than a text of two. */
const COLUMNS = 10_000;
/** A fence over more cells than this is near every point. */
const MAX_CELLS_PER_FENCE = 4_096;
/** A line between two fixes over more cells than this is too long to show where the vehicle was. */
const MAX_CELLS_PER_LINE = 64;
const NONE: readonly FencedLocation[] = [];

export function createFenceIndex(locations: readonly Fenced[]): FenceIndex {
  const cells = new Map<number, FencedLocation[]>();
  const everywhere: FencedLocation[] = [];
  const byId = new Map<number, FencedLocation>();
  for (const { locationId, fence } of locations) {
    const location = { locationId, fence, sizeM: sizeM(fence) };
    byId.set(locationId, location);
    const { south, north, west, east } = boundsOf(fence);
    const keys = cellsBetween({ lat: south, lon: west }, { lat: north, lon: east }, MAX_CELLS_PER_FENCE);
    if (keys === undefined) everywhere.push(location);
    for (const key of keys ?? []) {
      const cell = cells.get(key);
      if (cell) cell.push(location);
      else cells.set(key, [location]);
    }
  }
  const near = (point: Point) => {
    const cell = cells.get(keyOf(cellOf(point.lat), cellOf(point.lon))) ?? NONE;
    return everywhere.length === 0 ? cell : [...cell, ...everywhere];
  };
  return {
    near,
    along(a, b) {
      // Most lines stay in one cell.
      if (cellOf(a.lat) === cellOf(b.lat) && cellOf(a.lon) === cellOf(b.lon)) return near(b);
      const southWest = { lat: Math.min(a.lat, b.lat), lon: Math.min(a.lon, b.lon) };
      const northEast = { lat: Math.max(a.lat, b.lat), lon: Math.max(a.lon, b.lon) };
      const keys = cellsBetween(southWest, northEast, MAX_CELLS_PER_LINE);
      if (keys === undefined) return near(b);
      return [...new Set([...keys.flatMap((key) => cells.get(key) ?? NONE), ...everywhere])];
    },
    get: (locationId) => byId.get(locationId),
  };
}

function keyOf(row: number, column: number): number {
  return row * COLUMNS + column;
}

function cellOf(degrees: number): number {
  return Math.floor(degrees / CELL_DEGREES);
}

/** `undefined` when there are more than `max`. */
function cellsBetween(southWest: Point, northEast: Point, max: number): number[] | undefined {
  const [firstRow, lastRow] = [cellOf(southWest.lat), cellOf(northEast.lat)];
  const [firstColumn, lastColumn] = [cellOf(southWest.lon), cellOf(northEast.lon)];
  if ((lastRow - firstRow + 1) * (lastColumn - firstColumn + 1) > max) return undefined;
  const keys: number[] = [];
  for (let row = firstRow; row <= lastRow; row += 1) {
    for (let column = firstColumn; column <= lastColumn; column += 1) keys.push(keyOf(row, column));
  }
  return keys;
}
