import { boundsOf, type Geofence, longitudeNear, type Point, sizeM } from "./geofence.ts";
import { deepestM } from "./line-in-fence.ts";

export interface Fenced {
  locationId: number;
  fence: Geofence;
}

export interface FencedLocation extends Fenced {
  /** see `sizeM` */
  sizeM: number;
  /** how deep a point can lie in it, metres: far less than its size if it is narrow */
  readonly depthM: number;
}

/** Finds the fences near a point without testing all of them, by a grid of cells about 5 km wide. */
export interface FenceIndex {
  near(point: Point): readonly FencedLocation[];
  /** those near the straight line from `a` to `b`; if it crosses more than 64 cells, only those near `b` */
  along(a: Point, b: Point): readonly FencedLocation[];
  get(locationId: number): FencedLocation | undefined;
}

const CELL_DEGREES = 0.05;
/** Columns around the world: 360 degrees. */
const COLUMNS = 7_200;
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
    const location = fencedLocation(locationId, fence);
    byId.set(locationId, location);
    const keys = cellsOf(fence);
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
      const lon = longitudeNear(a.lon, b.lon);
      const southWest = { lat: Math.min(a.lat, b.lat), lon: Math.min(a.lon, lon) };
      const northEast = { lat: Math.max(a.lat, b.lat), lon: Math.max(a.lon, lon) };
      const keys = cellsBetween(southWest, northEast, MAX_CELLS_PER_LINE);
      if (keys === undefined) return near(b);
      return [...new Set([...keys.flatMap((key) => cells.get(key) ?? NONE), ...everywhere])];
    },
    get: (locationId) => byId.get(locationId),
  };
}

function fencedLocation(locationId: number, fence: Geofence): FencedLocation {
  let depthM: number | undefined;
  return {
    locationId,
    fence,
    sizeM: sizeM(fence),
    // Measured when a vehicle passes it for the first time: most fences are never needed.
    get depthM() {
      depthM ??= deepestM(fence);
      return depthM;
    },
  };
}

/** The cells of all parts, each once; `undefined` when a part covers too many. */
function cellsOf(fence: Geofence): Set<number> | undefined {
  const keys = new Set<number>();
  for (const { south, north, west, east } of boundsOf(fence)) {
    const cells = cellsBetween({ lat: south, lon: west }, { lat: north, lon: east }, MAX_CELLS_PER_FENCE);
    if (cells === undefined) return undefined;
    for (const key of cells) keys.add(key);
  }
  return keys;
}

/** One number identifies a cell: a faster map key than a text of two. Columns begin again at the 180th meridian. */
function keyOf(row: number, column: number): number {
  return row * COLUMNS + (((column % COLUMNS) + COLUMNS) % COLUMNS);
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
