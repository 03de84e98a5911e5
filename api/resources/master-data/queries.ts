import type { Pool, PoolClient } from "pg";
import type { Stored } from "../../http/response.ts";
import type { Item } from "./catalogue-schema.ts";
import type { Location, Vehicle } from "./places-schema.ts";

export interface MasterDataFilter {
  after: number | undefined;
  q: string | undefined;
  limit: number;
}

const LOCATION = `SELECT id, name, stage, parent_id, time_zone, geofence, capacity_units, created_at, updated_at, version FROM locations`;

export async function findLocation(db: Pool | PoolClient, id: number): Promise<Stored<Location> | undefined> {
  const { rows } = await db.query<Stored<Location>>(`${LOCATION} WHERE id = $1`, [id]);
  return rows[0];
}

export async function listLocations(db: Pool, { after, q, limit }: MasterDataFilter): Promise<Stored<Location>[]> {
  const { rows } = await db.query<Stored<Location>>(
    `${LOCATION} WHERE id > $1 AND ($2::text IS NULL OR strpos(lower(name), lower($2)) > 0) ORDER BY id LIMIT $3`,
    [after ?? 0, q ?? null, limit],
  );
  return rows;
}

/** The first location of a stage: where goods are that were put down by stage only. */
export async function findLocationOfStage(client: PoolClient, stage: string): Promise<number | undefined> {
  const { rows } = await client.query<{ id: number }>("SELECT id FROM locations WHERE stage = $1 ORDER BY id LIMIT 2", [
    stage,
  ]);
  // With several, nobody has said which one.
  return rows.length === 1 ? rows[0]!.id : undefined;
}

/** Whether location `id` is `ancestor` or lies within it. One change of parents at a time, or two could close a circle. */
export async function isWithin(client: PoolClient, id: number, ancestor: number): Promise<boolean> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock location parents'))");
  const { rows } = await client.query<{ within: boolean }>(
    `WITH RECURSIVE above AS (
      SELECT id, parent_id FROM locations WHERE id = $1
      UNION SELECT l.id, l.parent_id FROM locations l JOIN above ON l.id = above.parent_id
    ) SELECT EXISTS (SELECT FROM above WHERE id = $2) AS within`,
    [id, ancestor],
  );
  return rows[0]!.within;
}

const ITEM = `SELECT id, sku, name, gtin, barcode, base_unit, packs, unit_weight_grams, value_cents, currency, supplier_id,
  created_at, updated_at, version FROM items`;

export async function findItem(db: Pool | PoolClient, id: number): Promise<Stored<Item> | undefined> {
  const { rows } = await db.query<Stored<Item>>(`${ITEM} WHERE id = $1`, [id]);
  return rows[0];
}

export async function listItems(db: Pool, { after, q, limit }: MasterDataFilter): Promise<Stored<Item>[]> {
  const { rows } = await db.query<Stored<Item>>(
    `${ITEM} WHERE id > $1 AND ($2::text IS NULL OR strpos(lower(name), lower($2)) > 0 OR sku = $2 OR gtin = $2 OR barcode = $2)
    ORDER BY id LIMIT $3`,
    [after ?? 0, q ?? null, limit],
  );
  return rows;
}

const VEHICLE = `SELECT v.id, v.name, v.plate,
    CASE WHEN p.vehicle_id IS NULL THEN NULL ELSE json_build_object('ts', p.ts, 'received_at', p.received_at, 'lat', p.lat, 'lon', p.lon,
      'accuracy', p.accuracy, 'speed', p.speed, 'heading', p.heading, 'device_id', p.device_id) END AS position,
    v.created_at, v.updated_at, v.version
  FROM vehicles v LEFT JOIN vehicle_positions p ON p.vehicle_id = v.id`;

interface VehicleRow extends Omit<Stored<Vehicle>, "position"> {
  position: (Omit<NonNullable<Vehicle["position"]>, "ts" | "received_at"> & { ts: string; received_at: string }) | null;
}

/** Inside JSON Postgres writes times in its own way; the API's is ISO 8601 with milliseconds. */
function vehicleOf({ position, ...row }: VehicleRow): Stored<Vehicle> {
  return {
    ...row,
    position: position && { ...position, ts: new Date(position.ts), received_at: new Date(position.received_at) },
  };
}

export async function findVehicle(db: Pool | PoolClient, id: number): Promise<Stored<Vehicle> | undefined> {
  const { rows } = await db.query<VehicleRow>(`${VEHICLE} WHERE v.id = $1`, [id]);
  return rows[0] && vehicleOf(rows[0]);
}

export async function listVehicles(db: Pool, { after, q, limit }: MasterDataFilter): Promise<Stored<Vehicle>[]> {
  const { rows } = await db.query<VehicleRow>(
    `${VEHICLE} WHERE v.id > $1 AND ($2::text IS NULL OR strpos(lower(v.name), lower($2)) > 0 OR v.plate = $2) ORDER BY v.id LIMIT $3`,
    [after ?? 0, q ?? null, limit],
  );
  return rows.map(vehicleOf);
}
