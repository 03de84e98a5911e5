import type { Pool, PoolClient } from "pg";
import type { Logger } from "pino";
import type { Place, Places } from "../../domain/place.ts";
import { createFenceIndex, type FenceIndex } from "../../domain/geo/fence-index.ts";
import type { ReadPointMount, ShelfMount, VehicleMount } from "../../signals/sample.ts";
import { loadPlaces } from "../queries/places.ts";
import { type CalibrationRow, type MountRow, readFences, readMounts } from "../queries/device-registry.ts";

/** Where a device was from `since` (epoch milliseconds) until the next mounting. */
export interface Mounting {
  since: number;
  vehicle?: VehicleMount;
  readPoint?: ReadPointMount;
  shelf?: ShelfMount;
}

export interface RegisteredDevice {
  id: string;
  kind: string;
  decoder: string;
  /** newest first */
  mountings: readonly Mounting[];
}

/** Everything rules need to know of the installation, as of one version. */
export interface Registry {
  version: number;
  devices: ReadonlyMap<string, RegisteredDevice>;
  fences: FenceIndex;
  places: Places;
  /** stock position (inventory item) by `itemId:locationId` */
  stock: ReadonlyMap<string, number>;
}

/** Where the device was at `ts`; before its first mounting: nowhere. */
export function mountingAt(device: RegisteredDevice | undefined, ts: number): Mounting | undefined {
  return device?.mountings.find(({ since }) => since <= ts);
}

export interface RegistryCache {
  /** the registry, read again if anything in it has changed since */
  current(): Promise<Registry>;
  /** what `current` returned last: for what must go on while Postgres is away */
  last(): Registry | undefined;
  /** to be called when a commit was refused for it */
  stale(): void;
  close(): Promise<void>;
}

/** Keeps the registry in memory; NOTIFY tells when it is stale, the guard in every commit makes sure. */
export async function openRegistry(pool: Pool, log: Logger): Promise<RegistryCache> {
  let registry: Registry | undefined;
  let listener: PoolClient | undefined;
  let fresh = false;
  let closed = false;

  async function listen(): Promise<void> {
    const client = await pool.connect();
    const lost = (error?: Error) => {
      if (listener !== client) return;
      listener = undefined;
      fresh = false;
      client.release(error ?? true);
      if (!closed) log.warn({ err: error }, "lost the connection that hears of registry changes");
    };
    client.on("error", lost);
    client.on("end", () => lost());
    client.on("notification", () => (fresh = false));
    await client.query("LISTEN registry");
    listener = client;
  }

  /** one at a time: several workers ask */
  let reading: Promise<Registry> | undefined;

  async function read(): Promise<Registry> {
    if (listener === undefined) await listen();
    // A change that comes while we read makes what we read stale again.
    fresh = true;
    try {
      return (registry = await loadRegistry(pool));
    } catch (error) {
      fresh = false;
      throw error;
    }
  }

  return {
    async current() {
      if (registry !== undefined && fresh && listener !== undefined) return registry;
      reading ??= read().finally(() => (reading = undefined));
      return reading;
    },
    last: () => registry,
    stale: () => (fresh = false),
    async close() {
      closed = true;
      await reading?.catch(() => undefined);
      const client = listener;
      listener = undefined;
      client?.release(true);
    },
  };
}

/** Reads the whole registry in one snapshot. */
export async function loadRegistry(pool: Pool): Promise<Registry> {
  const client = await pool.connect();
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
    return { version: versions[0]!.version, devices, fences, places, stock };
  } finally {
    client.release();
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
      { id, kind, decoder, mountings: readMounts(mounts, calibrations, { stock, unitWeights }) },
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
