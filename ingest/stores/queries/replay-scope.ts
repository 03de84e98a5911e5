import type { Pool } from "pg";
import type { Signal } from "../../pipeline/signal-kinds.ts";

/** Signals with readings since `since` (epoch milliseconds), in Postgres or in InfluxDB. */
export async function signalsSince(pool: Pool, since: number): Promise<Signal[]> {
  const { rows } = await pool.query<Signal>(
    `SELECT DISTINCT device_id AS "deviceId", 'gps' AS kind, '' AS epc FROM gps_readings WHERE ts >= to_timestamp($1::float8 / 1000)
     UNION SELECT device_id, 'scale', '' FROM scale_readings WHERE ts >= to_timestamp($1::float8 / 1000)
     UNION SELECT device_id, kind, '' FROM reading_ids WHERE ts >= to_timestamp($1::float8 / 1000) AND kind IN ('gps', 'scale')
     UNION SELECT device_id, 'rfid', epc FROM rfid_reads WHERE ts >= to_timestamp($1::float8 / 1000)
     ORDER BY 1, 2, 3`,
    [since],
  );
  return rows;
}

/** Devices with scans since `since` (epoch milliseconds). */
export async function scannersSince(pool: Pool, since: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    "SELECT DISTINCT device_id AS id FROM scans WHERE ts >= to_timestamp($1::float8 / 1000) ORDER BY 1",
    [since],
  );
  return rows.map(({ id }) => id);
}

/** All shipments and stock positions, as subjects of facts. */
export async function allFoldedSubjects(pool: Pool): Promise<(`shipment:${number}` | `stock:${number}`)[]> {
  const { rows } = await pool.query<{ subject: `shipment:${number}` | `stock:${number}` }>(
    "SELECT 'shipment:' || id AS subject FROM shipments UNION ALL SELECT 'stock:' || id FROM inventory_items ORDER BY 1",
  );
  return rows.map(({ subject }) => subject);
}
