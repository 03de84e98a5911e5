import type { Pool, PoolClient } from "pg";
import type { Fact, NewFact } from "../../../ingest/domain/fact.ts";
import type { Place, Places } from "../../../ingest/domain/place.ts";
import { msOfTime } from "../../http/sql-time.ts";

/** A fact with the time it was recorded, epoch milliseconds. */
export type RecordedFact = Fact & { recordedAt: number };

/** Loads the facts of a shipment that are not withdrawn: its own, its tags', and its vehicles' since it was first loaded. */
export async function loadHistory(db: Pool | PoolClient, shipmentId: number): Promise<RecordedFact[]> {
  const { rows } = await db.query<NewFact & { id: number; recordedAt: number }>({
    name: "api_shipment_history",
    text: `SELECT f.id, f.key, f.subject, ${msOfTime("f.at")} AS at, f.type, f.data, f.rule, f.evidence, f.confidence,
        f.device_id AS "deviceId", f.actor_id AS "actorId", ${msOfTime("f.recorded_at")} AS "recordedAt"
      FROM subjects_of_shipments(ARRAY[$1::int]) s JOIN facts f ON f.subject = s.subject AND f.at >= coalesce(s.since, '-infinity') AND f.at < coalesce(s.until, 'infinity')
      WHERE f.withdrawn_at IS NULL`,
    values: [shipmentId],
  });
  return rows;
}

/** Loads what the fold needs to know about locations. */
export async function loadPlaces(db: Pool | PoolClient): Promise<Places> {
  const { rows } = await db.query<Place>({
    name: "api_places",
    text: `SELECT id, stage, geofence IS NOT NULL AS "hasGeofence" FROM locations`,
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/** A tracker on a vehicle while it carried the shipment, and from when to when; `to` is null while it still does. */
export interface ShipmentTracker {
  device_id: string;
  from: Date;
  to: Date | null;
}

export async function listTrackers(db: Pool, shipmentId: number): Promise<ShipmentTracker[]> {
  const { rows } = await db.query<ShipmentTracker>(
    `WITH mounts AS (
      SELECT m.device_id, (m.mount ->> 'vehicle_id')::int AS vehicle_id, m.since,
        lead(m.since) OVER (PARTITION BY m.device_id ORDER BY m.since) AS until
      FROM device_mounts m JOIN devices d ON d.id = m.device_id WHERE d.kind = 'gps'
    )
    SELECT m.device_id, greatest(a.from_at, m.since) AS "from", least(a.to_at, m.until) AS "to"
    FROM shipment_on_vehicle a JOIN mounts m ON m.vehicle_id = a.vehicle_id
    WHERE a.shipment_id = $1 AND greatest(a.from_at, m.since) < coalesce(least(a.to_at, m.until), 'infinity')
    ORDER BY 2, 1`,
    [shipmentId],
  );
  return rows;
}
