import { createHash, randomBytes } from "node:crypto";
import type pg from "pg";
import { latitudeOf, longitudeOf, Truck, YARD_RADIUS_M, YARDS_PER_ROAD } from "./load/truck.ts";

const ROADS = 20;
const GATEWAYS = 50;
/** The trucks' clocks start this long ago, so that minutes of load stay in the past. */
const HISTORY_MS = 24 * 3_600_000;

/** A shipment loaded on a truck before it departs. */
export interface InitialLoading {
  shipmentId: number;
  vehicleId: number;
  locationId: number;
  at: number;
}

export interface BenchWorld {
  secret: string;
  trucks: Truck[];
  /** service accounts that publish for the trucks: fewer connections, the same devices */
  gateways: { id: string; trucks: Truck[] }[];
}

export interface WorldOptions {
  trucks: number;
  /** further devices, which connect and send nothing */
  idleDevices: number;
  /** creates and loads shipments by the path that the API takes for a person */
  load: (loadings: readonly InitialLoading[]) => Promise<void>;
}

export const idleDeviceId = (index: number): string => `bench-idle-${String(index).padStart(5, "0")}`;

/** Inserts geofenced yards along straight roads, and trucks with one tracker and one shipment each. */
export async function createWorld(
  pool: pg.Pool,
  { trucks: count, idleDevices, load }: WorldOptions,
): Promise<BenchWorld> {
  const secret = randomBytes(32).toString("base64url");
  const startsAt = Date.now() - HISTORY_MS;
  const yards = await insertYards(pool);
  const places = Array.from({ length: count }, (_, index) => ({
    deviceId: `bench-truck-${String(index).padStart(5, "0")}`,
    road: index % ROADS,
    yard: Math.floor(index / ROADS) % YARDS_PER_ROAD,
    startsAt,
  }));
  const ids = places.map(({ deviceId }) => deviceId);
  const vehicles = await insertVehicles(pool, ids);
  const idle = Array.from({ length: idleDevices }, (_, index) => idleDeviceId(index));
  await insertDevices(pool, [...ids, ...idle], secret);
  await mountOn(pool, ids, vehicles, startsAt);
  const shipments = await insertShipments(
    pool,
    places.map(({ road, yard }) => yards[road]![yard]!),
  );
  await load(
    places.map(({ road, yard }, index) => ({
      shipmentId: shipments[index]!,
      vehicleId: vehicles[index]!,
      locationId: yards[road]![yard]!,
      at: startsAt - 60_000,
    })),
  );
  const trucks = places.map((place) => new Truck(place));
  return { secret, trucks, gateways: await insertGateways(pool, trucks, secret) };
}

async function insertYards(pool: pg.Pool): Promise<number[][]> {
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO locations (name, stage, geofence)
     SELECT 'yard ' || n, 'storage', json_build_object('lat', lat, 'lon', lon, 'radius_m', $3::int)
     FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS t (lat, lon, n) ORDER BY n RETURNING id`,
    [
      Array.from({ length: ROADS * YARDS_PER_ROAD }, (_, index) => latitudeOf(Math.floor(index / YARDS_PER_ROAD))),
      Array.from({ length: ROADS * YARDS_PER_ROAD }, (_, index) => longitudeOf(index % YARDS_PER_ROAD)),
      YARD_RADIUS_M,
    ],
  );
  return Array.from({ length: ROADS }, (_, road) =>
    rows.slice(road * YARDS_PER_ROAD, (road + 1) * YARDS_PER_ROAD).map(({ id }) => id),
  );
}

async function insertVehicles(pool: pg.Pool, names: string[]): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>(
    "INSERT INTO vehicles (name) SELECT name FROM unnest($1::text[]) WITH ORDINALITY AS t (name, n) ORDER BY n RETURNING id",
    [names],
  );
  return rows.map(({ id }) => id);
}

/** Without a rate limit, so that the bench measures the platform and not the limit. */
async function insertDevices(pool: pg.Pool, ids: string[], secret: string): Promise<void> {
  await pool.query(
    "INSERT INTO devices (id, kind, decoder, rate_limit) SELECT id, 'gps', 'native', 0 FROM unnest($1::text[]) AS t (id)",
    [ids],
  );
  await pool.query(
    "INSERT INTO device_credentials (device_id, secret_sha256) SELECT id, $2 FROM unnest($1::text[]) AS t (id)",
    [ids, createHash("sha256").update(secret).digest()],
  );
}

async function mountOn(pool: pg.Pool, ids: string[], vehicles: number[], since: number): Promise<void> {
  await pool.query(
    `INSERT INTO device_mounts (device_id, since, mount)
     SELECT d, to_timestamp($3 / 1000.0), json_build_object('vehicle_id', v) FROM unnest($1::text[], $2::int[]) AS t (d, v)`,
    [ids, vehicles, since - 3_600_000],
  );
}

async function insertShipments(pool: pg.Pool, origins: number[]): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO shipments (tracking_number, product_name, quantity, status, stage, stage_since, location_id, origin_id, created_at)
     SELECT 'B' || nextval('tracking_numbers'), 'goods', 10, 'in_storage', 'storage', now(), l, l, now()
     FROM unnest($1::int[]) WITH ORDINALITY AS t (l, n) ORDER BY n RETURNING id`,
    [origins],
  );
  return rows.map(({ id }) => id);
}

async function insertGateways(pool: pg.Pool, trucks: Truck[], secret: string): Promise<BenchWorld["gateways"]> {
  const gateways = Array.from({ length: GATEWAYS }, (_, index) => ({
    id: `bench-gateway-${String(index).padStart(2, "0")}`,
    trucks: trucks.filter((_, truck) => truck % GATEWAYS === index),
  }));
  await pool.query(
    "INSERT INTO service_accounts (id, secret_sha256, filters) SELECT id, $2, $3 FROM unnest($1::text[]) AS t (id)",
    [
      gateways.map(({ id }) => id),
      createHash("sha256").update(secret).digest(),
      JSON.stringify({ publish: ["devices/+/gps"], subscribe: [] }),
    ],
  );
  return gateways;
}
