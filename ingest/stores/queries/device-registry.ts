import type { Pool, PoolClient } from "pg";
import { createFenceIndex, type Fenced, type FenceIndex } from "../../domain/geo/fence-index.ts";
import type { Place, Places } from "../../domain/place.ts";
import { loadPlaces } from "./places.ts";
import { readRegistryChanges, readRegistryVersion, type RegistryChanges } from "./registry/changes.ts";
import { readDevices, type RegisteredDevice } from "./registry/devices.ts";
import { readFences } from "./registry/fences.ts";
import { type Lookup, OverlayMap } from "./registry/overlay-map.ts";
import { withClient } from "../with-client.ts";

export type { RegisteredDevice } from "./registry/devices.ts";

/** The master data that the rules need, as of one version. */
export interface DeviceRegistry {
  version: number;
  devices: Lookup<string, RegisteredDevice>;
  fences: FenceIndex;
  places: Places;
  /** stock position (inventory item) by `itemId:locationId` */
  stock: Lookup<string, number>;
}

/** A registry that can be brought up to date. */
export interface LoadedRegistry extends DeviceRegistry {
  devices: OverlayMap<string, RegisteredDevice>;
  stock: OverlayMap<string, number>;
  /** the locations in `fences` */
  fenced: ReadonlyMap<number, Fenced>;
}

/**
 * Reads the registry from one snapshot: all of it, or what has changed since `known`. Devices that have not changed are the
 * same objects in both.
 */
export function loadDeviceRegistry(pool: Pool, known?: LoadedRegistry): Promise<LoadedRegistry> {
  return withClient(pool, async (client) => {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const { version, completeAfter } = await readRegistryVersion(client);
    // A version below the known one: the database was restored.
    const isRecorded = known !== undefined && completeAfter <= known.version && known.version <= version;
    const changes = isRecorded ? await readRegistryChanges(client, known.version) : undefined;
    const registry =
      known && changes ? await readChanged(client, version, known, changes) : await readAll(client, version);
    await client.query("COMMIT");
    return registry;
  });
}

async function readAll(client: PoolClient, version: number): Promise<LoadedRegistry> {
  const places = await loadPlaces(client);
  const fenced = await readFences(client);
  const stock = new OverlayMap(await readStock(client));
  const devices = new OverlayMap(await readDevices(client, stock));
  return { version, devices, fences: createFenceIndex([...fenced.values()]), places, stock, fenced };
}

async function readChanged(
  client: PoolClient,
  version: number,
  known: LoadedRegistry,
  { deviceIds, locationIds, stockKeys }: RegistryChanges,
): Promise<LoadedRegistry> {
  if (version === known.version) return known;
  let { places, fenced, fences, stock, devices } = known;
  if (locationIds.length > 0) {
    places = replaced<number, Place>(places, locationIds, await loadPlaces(client, locationIds));
    fenced = replaced(fenced, locationIds, await readFences(client, locationIds));
    fences = createFenceIndex([...fenced.values()]);
  }
  if (stockKeys.length > 0) stock = stock.with(valuesOf(stockKeys, await readStock(client, stockKeys)));
  if (deviceIds.length > 0) devices = devices.with(valuesOf(deviceIds, await readDevices(client, stock, deviceIds)));
  return { version, devices, fences, places, stock, fenced };
}

/** The stock positions that sensors count, by `itemId:locationId`. @param keys only these; all when undefined */
async function readStock(client: PoolClient, keys?: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await client.query<{ id: number; item_id: number; location_id: number }>(
    `SELECT id, item_id, location_id FROM inventory_items ${
      keys
        ? `JOIN unnest($1::text[]) AS k (key)
            ON item_id = split_part(key, ':', 1)::int AND location_id = split_part(key, ':', 2)::int`
        : ""
    } WHERE is_main`,
    keys ? [keys] : [],
  );
  return new Map(rows.map((row) => [`${row.item_id}:${row.location_id}`, row.id]));
}

/** The value of each key; undefined for those that are gone. */
function valuesOf<K, V>(keys: readonly K[], read: ReadonlyMap<K, V>): (readonly [K, V | undefined])[] {
  return keys.map((key) => [key, read.get(key)] as const);
}

function replaced<K, V>(before: ReadonlyMap<K, V>, keys: readonly K[], read: ReadonlyMap<K, V>): Map<K, V> {
  const after = new Map(before);
  for (const key of keys) after.delete(key);
  for (const [key, value] of read) after.set(key, value);
  return after;
}
