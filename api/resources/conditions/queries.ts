import type { Pool } from "pg";
import type { ProbeMount, Stay } from "../../../ingest/domain/conditions/probe-stays.ts";
import { msOfTime } from "../../http/sql-time.ts";

/** The devices with env readings that are or were mounted on this shipment, its vehicles and its places. */
export async function loadProbeMounts(db: Pool, shipmentId: number, stays: readonly Stay[]): Promise<ProbeMount[]> {
  const { rows } = await db.query<ProbeMount>({
    name: "api_probe_mounts",
    text: `SELECT m.device_id AS "deviceId", ${msOfTime("m.since")} AS "from", ${msOfTime("m.until")} AS "to", m.id, m.mounted_on AS "on"
      FROM (
        SELECT device_id, since, (SELECT min(n.since) FROM device_mounts n WHERE n.device_id = d.device_id AND n.since > d.since) AS until,
          CASE WHEN mount ? 'vehicle_id' THEN 'vehicle' WHEN mount ? 'shipment_id' THEN 'shipment' ELSE 'location' END AS mounted_on,
          coalesce((mount ->> 'vehicle_id')::int, (mount ->> 'shipment_id')::int, (mount ->> 'location_id')::int) AS id
        FROM device_mounts d
        WHERE mount ? 'vehicle_id' AND (mount ->> 'vehicle_id')::int = ANY ($1::int[])
          OR (mount ->> 'location_id')::int = ANY ($2::int[])
          OR mount ? 'shipment_id' AND (mount ->> 'shipment_id')::int = $3
      ) m JOIN device_states t ON t.device_id = m.device_id AND t.latest -> 'env' IS NOT NULL
      ORDER BY m.device_id, m.since`,
    values: [
      [...new Set(stays.flatMap(({ vehicleId }) => vehicleId ?? []))],
      [...new Set(stays.flatMap(({ locationId }) => locationId ?? []))],
      shipmentId,
    ],
  });
  return rows;
}
