import type { Pool, PoolClient } from "pg";
import { createFenceIndex, type Fenced, type FenceIndex } from "../../domain/geo/fence-index.ts";
import { type Geofence, multiPolygonFence, polygonFence, type Rings } from "../../domain/geo/geofence.ts";
import type { Place, Places } from "../../domain/place.ts";
import { type CalibrationRow, type Mounting, type MountRow, toMountings } from "./device-mounts.ts";
import { loadPlaces } from "./places.ts";

export interface RegisteredDevice {
  id: string;
  kind: string;
  decoder: string;
  /** newest first */
  mountings: readonly Mounting[];
}

/** The master data that the rules need, as of one version. */
export interface DeviceRegistry {
  version: number;
  devices: ReadonlyMap<string, RegisteredDevice>;
  fences: FenceIndex;
  places: Places;
  /** stock position (inventory item) by `itemId:locationId` */
  stock: ReadonlyMap<string, number>;
}

/** Reads the whole registry from one snapshot. */
export async function loadDeviceRegistry(pool: Pool): Promise<DeviceRegistry> {
  const client = await pool.connect();
  let isCommitted = false;
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const { rows: versions } = await client.query<{ version: number }>("SELECT version FROM registry_version");
    const places: Map<number, Place> = await loadPlaces(client);
    const fences = createFenceIndex(await readFences(client));
    const { rows: positions } = await client.query<{ id: number; item_id: number; location_id: number }>(
      "SELECT id, item_id, location_id FROM inventory_items",
    );
    const stock = new Map(positions.map((row) => [`${row.item_id}:${row.location_id}`, row.id]));
    const devices = await readDevices(client, stock);
    await client.query("COMMIT");
    isCommitted = true;
    return { version: versions[0]!.version, devices, fences, places, stock };
  } finally {
    // A connection with an open transaction must not go back to the pool: it is closed instead.
    client.release(!isCommitted);
  }
}

async function readDevices(
  client: PoolClient,
  stock: ReadonlyMap<string, number>,
): Promise<Map<string, RegisteredDevice>> {
  const { rows } = await client.query<DeviceRow>(
    `SELECT d.id, d.kind, d.decoder,
      coalesce((SELECT json_agg(json_build_object('since', extract(epoch FROM m.since) * 1000, 'mount', m.mount) ORDER BY m.since DESC)
        FROM device_mounts m WHERE m.device_id = d.id), '[]') AS mounts,
      coalesce((SELECT json_agg(json_build_object('since', extract(epoch FROM c.since) * 1000, 'itemId', c.item_id, 'unitWeightGrams', c.unit_weight_grams) ORDER BY c.since DESC)
        FROM calibrations c WHERE c.device_id = d.id), '[]') AS calibrations
     FROM devices d`,
  );
  const { rows: items } = await client.query<{ id: number; unit_weight_grams: number }>(
    "SELECT id, unit_weight_grams FROM items WHERE unit_weight_grams IS NOT NULL",
  );
  const unitWeights = new Map(items.map((item) => [item.id, item.unit_weight_grams]));
  return new Map(
    rows.map(({ id, kind, decoder, mounts, calibrations }) => [
      id,
      { id, kind, decoder, mountings: toMountings(mounts, calibrations, { stock, unitWeights }) },
    ]),
  );
}

interface DeviceRow {
  id: string;
  kind: string;
  decoder: string;
  mounts: MountRow[];
  calibrations: CalibrationRow[];
}

type StoredFence =
  | { type: "Polygon"; coordinates: Rings }
  | { type: "MultiPolygon"; coordinates: Rings[] }
  | { lat: number; lon: number; radius_m: number };

export async function readFences(client: PoolClient): Promise<Fenced[]> {
  const { rows } = await client.query<{ id: number; geofence: StoredFence }>(
    "SELECT id, geofence FROM locations WHERE geofence IS NOT NULL",
  );
  return rows.map(({ id, geofence }) => ({ locationId: id, fence: readFence(geofence) }));
}

function readFence(stored: StoredFence): Geofence {
  if ("type" in stored) {
    return stored.type === "Polygon" ? polygonFence(stored.coordinates) : multiPolygonFence(stored.coordinates);
  }
  return { shape: "circle", centre: { lat: stored.lat, lon: stored.lon }, radiusM: stored.radius_m };
}
