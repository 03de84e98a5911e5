import type { Pool, PoolClient } from "pg";
import type { AlertedDevice } from "../../../domain/alert/device.ts";
import { msOfTime } from "../../sql-time.ts";
import { HEARD_NODES } from "../ingest-nodes.ts";

/** A device, without what the clocks of this process say of it. */
export interface DeviceRow extends Omit<AlertedDevice, "silentMs"> {
  /** everything that its node received up to then is committed, epoch milliseconds */
  reached: number;
}

/** Battery and clock are told by the newest reading of each kind; late ones are none of these. */
const DEVICE = `SELECT d.id, d.state = 'active' AS "isActive", d.interval_s AS "intervalSeconds",
    m.location_id AS "locationId", m.vehicle_id AS "vehicleId", ${msOfTime("s.last_received_at")} AS "lastReceivedAt",
    ${msOfTime("coalesce(n.received_until, now())")} AS reached, r.behind AS "behindMs",
    (SELECT json_build_object('level', (value ->> 'battery')::float8, 'at', (value ->> 'ts')::float8, 'late', false)
      FROM json_each(s.latest) WHERE value ->> 'battery' IS NOT NULL ORDER BY (value ->> 'ts')::float8 DESC LIMIT 1) AS battery
  FROM devices d
  LEFT JOIN device_states s ON s.device_id = d.id
  LEFT JOIN ${HEARD_NODES} n ON n.journal_id = s.journal_id
  LEFT JOIN LATERAL (SELECT (mount ->> 'location_id')::int AS location_id, (mount ->> 'vehicle_id')::int AS vehicle_id
    FROM device_mounts WHERE device_id = d.id AND since <= now() ORDER BY since DESC LIMIT 1) m ON true
  LEFT JOIN LATERAL (SELECT min((value ->> 'received_at')::float8 - (value ->> 'ts')::float8) AS behind
    FROM json_each(s.latest) WHERE (value ->> 'ts')::float8 >= ${msOfTime("s.newest_ts")}) r ON true`;

export async function loadAlertedDevices(db: Pool | PoolClient, ids: readonly string[]): Promise<DeviceRow[]> {
  const { rows } = await db.query<DeviceRow>({
    name: "alerted_devices",
    text: `${DEVICE} WHERE d.id = ANY ($1::text[]) ORDER BY d.id`,
    values: [ids],
  });
  return rows;
}

/** Ids of devices that were heard since then, page by page. @param since epoch milliseconds by the clock of Postgres; 0: all */
export async function devicesToAssess(pool: Pool, since: number, after: string, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: "devices_to_assess",
    text: `SELECT d.id FROM devices d LEFT JOIN device_states s ON s.device_id = d.id
      WHERE d.id > $2 AND ($1::float8 = 0 OR s.last_received_at >= to_timestamp($1::float8 / 1000)) ORDER BY d.id LIMIT $3`,
    values: [since, after, limit],
  });
  return rows.map(({ id }) => id);
}
