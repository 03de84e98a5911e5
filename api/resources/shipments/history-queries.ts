import type { PoolClient } from "pg";
import type { Reader } from "../../auth/limits.ts";
import type { Fact } from "../../../ingest/domain/fact.ts";
import type { Place, Places } from "../../../ingest/domain/place.ts";
import type { PlannedHandling, ShipmentContext } from "../../../ingest/domain/shipment/state.ts";
import { msOfTime } from "../../http/sql-time.ts";

/** A fact with the time it was recorded, epoch milliseconds, and the id of the fact by which it is void. */
export type RecordedFact = Fact & { recordedAt: number; voidedBy: number | null };

/** Loads the facts of a shipment that hold: its own, its tags', and its vehicles' since it was first loaded. */
export const loadHistory = async (db: Reader, shipmentId: number): Promise<RecordedFact[]> =>
  (await loadWholeHistory(db, shipmentId)).filter(({ voidedBy }) => voidedBy === null);

/** The same with those that are void. */
export async function loadWholeHistory(db: Reader, shipmentId: number): Promise<RecordedFact[]> {
  const { rows } = await db.query<RecordedFact>({
    name: "api_shipment_history",
    text: `SELECT f.id, f.key, f.subject, ${msOfTime("f.at")} AS at, f.type, f.data, f.rule, f.evidence, f.confidence,
        f.device_id AS "deviceId", f.actor_id AS "actorId", ${msOfTime("f.recorded_at")} AS "recordedAt",
        f.voided_by AS "voidedBy"
      FROM subjects_of_shipments(ARRAY[$1::int]) s CROSS JOIN LATERAL (
        -- OFFSET 0 keeps the planner from reading all facts: it cannot know how few subjects a shipment has.
        SELECT * FROM facts WHERE facts.subject = s.subject AND at >= coalesce(s.since, '-infinity') AND at < coalesce(s.until, 'infinity')
          AND (withdrawn_at IS NULL OR voided_by IS NOT NULL AND NOT retracted) OFFSET 0
      ) AS f`,
    values: [shipmentId],
  });
  return rows;
}

/** Loads what people have said in the history of this shipment, that facts are wrong or hold after all, and these voids too. */
export async function loadVoids(db: Reader, shipmentId: number, voidIds: readonly number[]): Promise<RecordedFact[]> {
  const { rows } = await db.query<RecordedFact>({
    name: "api_voids_of_facts",
    text: `SELECT f.id, f.key, f.subject, ${msOfTime("f.at")} AS at, f.type, f.data, f.rule, f.evidence, f.confidence,
        f.device_id AS "deviceId", f.actor_id AS "actorId", ${msOfTime("f.recorded_at")} AS "recordedAt", NULL AS "voidedBy"
      FROM facts f WHERE f.type = 'void' AND ((f.data ->> 'shipmentId')::int = $1 OR f.id = ANY ($2::bigint[])) ORDER BY f.id`,
    values: [shipmentId, voidIds],
  });
  return rows;
}

/** The keys of facts that are void by this one, and whether their readings do not give them any longer. */
export async function findVoidedBy(
  client: PoolClient,
  voidId: number,
): Promise<{ id: number; key: string; retracted: boolean }[]> {
  const { rows } = await client.query<{ id: number; key: string; retracted: boolean }>(
    "SELECT id, key, retracted FROM facts WHERE voided_by = $1 ORDER BY id",
    [voidId],
  );
  return rows;
}

/** Loads what the fold needs to know about locations. */
export async function loadPlaces(db: Reader): Promise<Places> {
  const { rows } = await db.query<Place>({
    name: "api_places",
    text: `SELECT id, stage, geofence IS NOT NULL AS "hasGeofence", parent_id AS "parentId" FROM locations`,
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Loads what the fold of a shipment needs besides its facts. */
export async function loadContext(
  db: Reader,
  { id, destination_id: destinationId }: { id: number; destination_id: number | null },
): Promise<ShipmentContext> {
  const { rows: plannedStops } = await db.query<PlannedHandling>({
    name: "api_planned_stops",
    text: `SELECT t.vehicle_id AS "vehicleId", p.location_id AS "locationId", h.action, ${msOfTime("t.starts_at")} AS "from", ${msOfTime("t.ends_at")} AS "to"
      FROM trip_stop_shipments h JOIN trips t ON t.id = h.trip_id AND t.cancelled_at IS NULL
        JOIN trip_stops p ON p.trip_id = h.trip_id AND p.sequence = h.sequence WHERE h.shipment_id = $1`,
    values: [id],
  });
  return { destinationId, plannedStops, places: await loadPlaces(db) };
}
