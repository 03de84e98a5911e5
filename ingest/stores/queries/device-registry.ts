import type { PoolClient } from "pg";
import type { Fenced } from "../../domain/geo/fence-index.ts";
import type { Geofence, Ring } from "../../domain/geo/geofence.ts";
import type { Mounting } from "../caches/device-registry.ts";

/** A row of device_mounts; the API has checked what it wrote there. */
export interface MountRow {
  since: number;
  mount: {
    vehicle_id?: number;
    location_id?: number;
    antennas?: Record<string, "inside" | "outside">;
    item_id?: number;
    tare_grams?: number;
  } | null;
}

/** A row of calibrations: the weight of one unit of an item on this scale, from `since` (epoch milliseconds) on. */
export interface CalibrationRow {
  since: number;
  itemId: number;
  unitWeightGrams: number;
}

/** Stock positions and unit weights that the mount of a shelf refers to. */
interface ShelfContext {
  /** stock position by `itemId:locationId` */
  stock: ReadonlyMap<string, number>;
  /** by item, for scales without a calibration */
  unitWeights: ReadonlyMap<number, number>;
}

/** Translates mounts (newest first) for the rules. The mount of a shelf becomes one mounting for each unit weight it had. */
export function readMounts(
  mounts: readonly MountRow[],
  calibrations: readonly CalibrationRow[],
  shelves: ShelfContext,
): Mounting[] {
  return mounts.flatMap((row, index) => {
    const until = mounts[index - 1]?.since ?? Infinity;
    const applicable = calibrations.filter(({ itemId, since }) => itemId === row.mount?.item_id && since < until);
    const during = applicable.filter(({ since }) => since > row.since);
    return [
      ...during.map(({ since, unitWeightGrams }) => readMount({ ...row, since }, shelves, unitWeightGrams)),
      readMount(row, shelves, applicable[during.length]?.unitWeightGrams),
    ];
  });
}

/** A shelf without a stock position or a unit weight counts nothing: its mounting is empty. */
function readMount(
  { since, mount }: MountRow,
  { stock, unitWeights }: ShelfContext,
  calibratedGrams: number | undefined,
): Mounting {
  if (mount === null) return { since };
  if (mount.vehicle_id !== undefined) {
    const vehicle = { vehicleId: mount.vehicle_id };
    return { since, vehicle, readPoint: { locationId: null, ...vehicle, antennas: {} } };
  }
  if (mount.location_id === undefined) return { since };
  if (mount.item_id === undefined) {
    return { since, readPoint: { locationId: mount.location_id, antennas: mount.antennas ?? {} } };
  }
  const stockId = stock.get(`${mount.item_id}:${mount.location_id}`);
  const unitWeightGrams = calibratedGrams ?? unitWeights.get(mount.item_id);
  if (stockId === undefined || unitWeightGrams === undefined) return { since };
  return { since, shelf: { stockId, unitWeightGrams, tareGrams: mount.tare_grams ?? 0 } };
}

type StoredFence = { type: "Polygon"; coordinates: [Ring, ...Ring[]] } | { lat: number; lon: number; radius_m: number };

export async function readFences(client: PoolClient): Promise<Fenced[]> {
  const { rows } = await client.query<{ id: number; geofence: StoredFence }>(
    "SELECT id, geofence FROM locations WHERE geofence IS NOT NULL",
  );
  return rows.map(({ id, geofence }) => ({ locationId: id, fence: readFence(geofence) }));
}

function readFence(stored: StoredFence): Geofence {
  if ("type" in stored) return { shape: "polygon", rings: stored.coordinates };
  return { shape: "circle", centre: { lat: stored.lat, lon: stored.lon }, radiusM: stored.radius_m };
}
