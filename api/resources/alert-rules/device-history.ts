import type { Pool, PoolClient } from "pg";
import { msOfTime } from "../../http/sql-time.ts";
import { inScope, SCOPE } from "./history-queries.ts";

/** A device whose past a rule is tried on. */
export interface DeviceInScope {
  id: string;
  locationId: number | null;
  vehicleId: number | null;
  intervalSeconds: number | null;
}

/** Active devices that are mounted at these locations now, or below them. */
export async function devicesInScope(
  db: Pool | PoolClient,
  locationIds: readonly number[] | null,
  { after, limit, mustReport }: { after: string; limit: number; mustReport: boolean },
): Promise<DeviceInScope[]> {
  const { rows } = await db.query<DeviceInScope>(
    `WITH ${SCOPE}
    SELECT d.id, m.location_id AS "locationId", m.vehicle_id AS "vehicleId", d.interval_s AS "intervalSeconds" FROM devices d
    LEFT JOIN LATERAL (SELECT (mount ->> 'location_id')::int AS location_id, (mount ->> 'vehicle_id')::int AS vehicle_id
      FROM device_mounts WHERE device_id = d.id AND since <= now() ORDER BY since DESC LIMIT 1) m ON true
    WHERE d.id > $1 AND d.state = 'active' AND (NOT $4 OR d.interval_s IS NOT NULL) AND ${inScope("m.location_id")}
    ORDER BY d.id LIMIT $3`,
    [after, locationIds && `{${locationIds.join(",")}}`, limit, mustReport],
  );
  return rows;
}

/** When something was received of a device that is no series of numbers, and when that was measured. Epoch milliseconds. */
export interface Receipt {
  receivedAt: number;
  ts: number;
}

/** RFID reads, scans, reports of its state and undecoded messages: Postgres holds them with either series store. */
export async function receiptsOfEvents(
  db: Pool | PoolClient,
  deviceId: string,
  sinceMs: number,
  limit: number,
): Promise<Receipt[]> {
  const of = (table: string, receivedAt: string) =>
    `SELECT ${receivedAt} AS received_at, ts FROM ${table} WHERE device_id = $1 AND ts >= to_timestamp($2::float8 / 1000)`;
  const parts = ["rfid_reads", "scans", "status_reports"].map((table) => of(table, "received_at"));
  const { rows } = await db.query<Receipt>(
    `SELECT DISTINCT ${msOfTime("received_at")} AS "receivedAt", ${msOfTime("ts")} AS ts
    FROM (${[...parts, of("raw_messages", "ts")].join(" UNION ALL ")}) r LIMIT $3`,
    [deviceId, sinceMs, limit],
  );
  return rows;
}
