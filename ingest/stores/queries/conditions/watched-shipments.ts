import type { Pool, PoolClient } from "pg";
import type { ProbeMount, Stay } from "../../../domain/conditions/probe-stays.ts";
import type { NewFact } from "../../../domain/fact.ts";
import { msOfTime } from "../../sql-time.ts";

/** Shipments whose readings are looked at: they set limits, or are of high value. */
const WATCHED = "(s.conditions IS NOT NULL OR s.profiles @> '{high_value}')";
/** What has come to its end is looked at again, when its probes send what they had kept, for so long. */
const LATELY = "interval '30 days'";

export interface WatchedShipment {
  id: number;
  version: number;
  conditions: unknown;
  isOfHighValue: boolean;
  route: unknown;
}

/** With those that are no longer watched: what was found by them is withdrawn. */
export async function loadWatchedShipments(db: Pool | PoolClient, ids: readonly number[]): Promise<WatchedShipment[]> {
  const { rows } = await db.query<WatchedShipment>({
    name: "watched_shipments",
    text: `SELECT s.id, s.version::float8 AS version, s.conditions, s.route,
        s.profiles @> '{high_value}' AS "isOfHighValue"
      FROM shipments s WHERE s.id = ANY ($1::int[])
        AND (${WATCHED} OR EXISTS (SELECT FROM facts f WHERE f.subject = 'shipment:' || s.id AND f.type IN ('excursion', 'risk') AND f.withdrawn_at IS NULL))
      ORDER BY s.id`,
    values: [ids],
  });
  return rows;
}

/** Ids of the watched shipments that are under way, page by page. */
export async function watchedShipmentIds(db: Pool, after: number, limit: number): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>({
    name: "watched_shipment_ids",
    text: `SELECT s.id FROM shipments s WHERE s.id > $1 AND ${WATCHED} AND s.status NOT IN ('delivered', 'returned', 'cancelled')
      ORDER BY s.id LIMIT $2`,
    values: [after, limit],
  });
  return rows.map(({ id }) => id);
}

/** Watched shipments that one of these devices tells of, or told of lately. */
export async function watchedByDevices(db: Pool, deviceIds: readonly string[]): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>({
    name: "watched_by_devices",
    text: `WITH mounts AS (
        SELECT DISTINCT (mount ->> 'vehicle_id')::int AS vehicle_id, (mount ->> 'location_id')::int AS location_id,
          (mount ->> 'shipment_id')::int AS shipment_id
        FROM device_mounts WHERE device_id = ANY ($1::text[]) AND mount IS NOT NULL
      ), told AS (
        SELECT shipment_id AS id FROM mounts WHERE shipment_id IS NOT NULL
        UNION SELECT a.shipment_id FROM mounts m JOIN shipment_on_vehicle a ON a.vehicle_id = m.vehicle_id
          AND coalesce(a.to_at, 'infinity') > now() - ${LATELY}
        UNION SELECT s.id FROM mounts m JOIN shipments s ON s.location_id = m.location_id
      )
      SELECT s.id FROM told JOIN shipments s ON s.id = told.id AND ${WATCHED} AND s.updated_at > now() - ${LATELY}`,
    values: [deviceIds],
  });
  return rows.map(({ id }) => id);
}

/** A device, and what of it may tell of goods. */
export interface MountedDevice extends ProbeMount {
  hasEnv: boolean;
  hasGps: boolean;
}

/** The devices with env or gps readings that are or were mounted on this shipment, its vehicles and its places. */
export async function loadProbeMounts(
  db: Pick<Pool | PoolClient, "query">,
  shipmentId: number,
  stays: readonly Stay[],
): Promise<MountedDevice[]> {
  const { rows } = await db.query<MountedDevice>({
    name: "probe_mounts",
    text: `SELECT m.device_id AS "deviceId", ${msOfTime("m.since")} AS "from", ${msOfTime("m.until")} AS "to", m.id,
        m.mounted_on AS "on", t.latest -> 'env' IS NOT NULL AS "hasEnv",
        t.latest -> 'gps' IS NOT NULL OR t.latest -> 'gps_flagged' IS NOT NULL AS "hasGps"
      FROM (
        SELECT device_id, since, mount, (SELECT min(n.since) FROM device_mounts n WHERE n.device_id = d.device_id AND n.since > d.since) AS until,
          CASE WHEN mount ? 'vehicle_id' THEN 'vehicle' WHEN mount ? 'shipment_id' THEN 'shipment' ELSE 'location' END AS mounted_on,
          coalesce((mount ->> 'vehicle_id')::int, (mount ->> 'shipment_id')::int, (mount ->> 'location_id')::int) AS id
        FROM device_mounts d
        WHERE mount ? 'vehicle_id' AND (mount ->> 'vehicle_id')::int = ANY ($1::int[])
          OR (mount ->> 'location_id')::int = ANY ($2::int[])
          OR mount ? 'shipment_id' AND (mount ->> 'shipment_id')::int = $3
      ) m JOIN device_states t ON t.device_id = m.device_id
        AND (t.latest -> 'env' IS NOT NULL OR t.latest -> 'gps' IS NOT NULL OR t.latest -> 'gps_flagged' IS NOT NULL)
      ORDER BY m.device_id, m.since`,
    values: [
      [...new Set(stays.flatMap(({ vehicleId }) => vehicleId ?? []))],
      [...new Set(stays.flatMap(({ locationId }) => locationId ?? []))],
      shipmentId,
    ],
  });
  return rows;
}

/** How far a device has come. */
export interface DeviceProgress {
  deviceId: string;
  /** how many of its readings came late */
  late: number;
  /** of its newest reading, epoch milliseconds */
  newestTs: number;
  /** how long nothing of it was received, milliseconds */
  silentMs: number;
}

export async function loadProgress(db: Pool, deviceIds: readonly string[]): Promise<Map<string, DeviceProgress>> {
  const { rows } = await db.query<DeviceProgress>({
    name: "device_progress",
    text: `SELECT device_id AS "deviceId", late::float8 AS late, ${msOfTime("newest_ts")} AS "newestTs",
        greatest(0, extract(epoch FROM clock_timestamp() - last_received_at)::float8 * 1000) AS "silentMs" FROM device_states
      WHERE device_id = ANY ($1::text[]) AND newest_ts IS NOT NULL`,
    values: [deviceIds],
  });
  return new Map(rows.map((row) => [row.deviceId, row]));
}

/** What is recorded of a shipment by the rules that watch it, not withdrawn. */
export async function loadWatchFacts(client: PoolClient, shipmentId: number): Promise<NewFact[]> {
  const { rows } = await client.query<NewFact>({
    name: "watch_facts",
    text: `SELECT key, subject, ${msOfTime("at")} AS at, type, data, rule, evidence, confidence::float8, device_id AS "deviceId", signal,
        ${msOfTime("concluded_at")} AS "concludedAt"
      FROM facts WHERE subject = 'shipment:' || $1::int AND type IN ('excursion', 'excursion_over', 'risk', 'risk_over') AND withdrawn_at IS NULL`,
    values: [shipmentId],
  });
  return rows;
}

/** The first day of which readings are still stored, epoch milliseconds; null: there are none. */
export async function firstStoredDay(db: Pool | PoolClient): Promise<number | null> {
  const { rows } = await db.query<{ first: number | null }>({
    name: "first_stored_day",
    text: `SELECT ${msOfTime("min(day)::timestamp AT TIME ZONE 'UTC'")} AS first FROM reading_days WHERE has_partitions`,
  });
  return rows[0]!.first;
}
