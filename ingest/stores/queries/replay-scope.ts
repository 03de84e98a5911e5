import type { Pool } from "pg";
import { READING_KINDS, SIGNAL_KINDS } from "../../domain/reading-kinds.ts";
import type { Signal } from "../../pipeline/signal-kinds.ts";
import { epcColumn } from "./stored-readings.ts";
import { timeOfMs } from "../sql-time.ts";

/** Signals with readings since `since` (epoch milliseconds), in Postgres or in InfluxDB. */
export async function signalsSince(pool: Pool, since: number): Promise<Signal[]> {
  const ofKinds = SIGNAL_KINDS.map(
    (kind) =>
      `SELECT device_id, '${kind}' AS kind, ${epcColumn(kind)} AS epc FROM ${READING_KINDS[kind].table} WHERE ts >= ${timeOfMs("$1")}`,
  );
  const { rows } = await pool.query<Signal>(
    `SELECT DISTINCT device_id AS "deviceId", kind, epc FROM (
       ${ofKinds.join(" UNION ALL ")}
       UNION ALL SELECT device_id, kind, '' FROM reading_ids WHERE ts >= ${timeOfMs("$1")} AND kind = ANY($2::text[])) AS found
     ORDER BY 1, 2, 3`,
    [since, SIGNAL_KINDS],
  );
  return rows;
}

/** Devices with scans since `since` (epoch milliseconds). */
export async function scannersSince(pool: Pool, since: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT DISTINCT device_id AS id FROM scans WHERE ts >= ${timeOfMs("$1")} ORDER BY 1`,
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
