import type { Pool, PoolClient } from "pg";
import type { AlertedTripStop } from "../../../domain/alert/load-mismatch.ts";
import { parseEvidenceKey } from "../../../domain/trip/evidence-keys.ts";
import { timeOfMs } from "../../sql-time.ts";
import { loadVerifiedTrips } from "../trips/verified-trips.ts";

/** A stop by its trip and its place in the plan: `12:stop:2`. */
const parseStop = (id: string): { tripId: number; sequence: number } => {
  const [tripId, , sequence] = id.split(":");
  return { tripId: Number(tripId), sequence: Number(sequence) };
};

export async function loadAlertedTripStops(db: Pool | PoolClient, ids: readonly string[]): Promise<AlertedTripStop[]> {
  const asked = new Set(ids);
  const trips = await loadVerifiedTrips(db, [...new Set(ids.map((id) => parseStop(id).tripId))]);
  const stops = trips.flatMap(({ id: tripId, stops }) =>
    stops.filter(({ sequence }) => asked.has(`${tripId}:stop:${sequence}`)).map((stop) => ({ tripId, ...stop })),
  );
  const named = stops.flatMap(({ load, unload }) =>
    [load, unload].flatMap(({ missing, extra }) => [...missing, ...extra]),
  );
  const trackingNumbers = await loadTrackingNumbers(
    db,
    named.flatMap(({ shipmentId }) => shipmentId ?? []),
  );
  return stops.map((stop) => ({ ...stop, trackingNumbers }));
}

async function loadTrackingNumbers(db: Pool | PoolClient, ids: readonly number[]): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<{ id: number; tracking: string }>({
    name: "alerted_trip_shipments",
    text: "SELECT id, tracking_number AS tracking FROM shipments WHERE id = ANY($1::int[])",
    values: [ids],
  });
  return new Map(rows.map(({ id, tracking }) => [id, tracking]));
}

/** The stops of trips at which all is over, and those of which a rule has found something: `12:stop:2`. */
export async function stopsToAssess(pool: Pool, tripIds: readonly number[]): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: "trip_stops_to_assess",
    text: `SELECT trip_id || ':stop:' || sequence AS id FROM trip_stops WHERE trip_id = ANY ($1::int[]) AND state IN ('left', 'passed', 'skipped')
      UNION
      SELECT substr(c.subject, 6) FROM alert_rules r JOIN alert_conditions c ON c.rule_id = r.id
      WHERE r.type = 'load_mismatch' AND split_part(c.subject, ':', 2) = ANY ($1::int[]::text[]) AND c.subject LIKE 'trip:%' ORDER BY 1`,
    values: [tripIds],
  });
  return rows.map(({ id }) => id);
}

/** Where nobody knows what has changed, trips that the vehicles have driven lately are looked at again. */
const LATELY = "2 days";

/** Ids of trips that were driven lately, page by page. */
export async function tripsToAssess(pool: Pool, after: number, limit: number): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>({
    name: "trips_to_assess",
    text: `SELECT id FROM trips WHERE id > $1 AND cancelled_at IS NULL AND status <> 'planned' AND updated_at > now() - interval '${LATELY}'
      ORDER BY trips.id LIMIT $2`,
    values: [after, limit],
  });
  return rows.map(({ id }) => id);
}

/** Of vehicles, so much around a trip its reader is listened to; of goods, so much around the time that they were on a vehicle. */
const AROUND = "interval '1 day'";

/** Trips that load or unload these shipments, that ran while these were on their vehicles, or whose alerts name them. */
export async function tripsOfShipments(pool: Pool, shipmentIds: readonly number[]): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>({
    name: "trips_of_shipments",
    text: `SELECT trip_id AS id FROM trip_stop_shipments WHERE shipment_id = ANY ($1::int[])
      UNION
      SELECT t.id FROM shipment_on_vehicle o JOIN trips t ON t.vehicle_id = o.vehicle_id AND t.cancelled_at IS NULL
        AND t.starts_at <= coalesce(o.to_at, 'infinity') + ${AROUND} AND t.ends_at >= o.from_at - ${AROUND} WHERE o.shipment_id = ANY ($1::int[])
      UNION
      SELECT a.trip_id FROM unnest($1::int[]) AS s JOIN alerts a ON a.trip_id IS NOT NULL AND a.detail -> 'shipment_ids' @> to_jsonb(s)`,
    values: [shipmentIds],
  });
  return rows.map(({ id }) => id);
}

/** Trips whose load may be verified by what was read then and there: keys of domain/trip/evidence-keys.ts. */
export async function tripsOfEvidence(pool: Pool, keys: readonly string[]): Promise<number[]> {
  const parsed = keys.map(parseEvidenceKey);
  const { rows } = await pool.query<{ id: number }>({
    name: "trips_of_evidence",
    text: `WITH RECURSIVE keys AS (
        SELECT kind, id, ${timeOfMs("from_ms")} AS from_at, ${timeOfMs("to_ms")} AS to_at
        FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[]) AS k (kind, id, from_ms, to_ms)
      ), read AS (
        SELECT kind, id::int, from_at, to_at FROM keys WHERE kind <> 'tag'
        UNION SELECT f.kind, f.id, k.from_at, k.to_at FROM keys k CROSS JOIN LATERAL (
          SELECT CASE WHEN data ? 'vehicleId' THEN 'vehicle' ELSE 'location' END AS kind, coalesce(data ->> 'vehicleId', data ->> 'locationId')::int AS id
          FROM facts WHERE subject = 'tag:' || k.id AND at >= k.from_at AND at < k.to_at AND type IN ('seen', 'gone') OFFSET 0) f
        WHERE k.kind = 'tag' AND f.id IS NOT NULL
      ), places AS (
        SELECT id, from_at, to_at FROM read WHERE kind = 'location'
        UNION SELECT l.parent_id, p.from_at, p.to_at FROM places p JOIN locations l ON l.id = p.id WHERE l.parent_id IS NOT NULL
      )
      SELECT t.id FROM read r JOIN trips t ON t.vehicle_id = r.id AND t.cancelled_at IS NULL
        AND t.starts_at <= r.to_at + ${AROUND} AND t.ends_at >= r.from_at - ${AROUND} WHERE r.kind = 'vehicle'
      UNION
      -- Goods are put on a shelf for half an hour after the vehicle has left.
      SELECT s.trip_id FROM places p JOIN trip_stops s ON s.location_id = p.id AND s.departed_at >= p.from_at - interval '35 minutes'
        AND s.departed_at <= p.to_at + ${AROUND} AND coalesce(s.arrived_at, s.departed_at - interval '12 hours') <= p.to_at + interval '5 minutes'`,
    values: [
      parsed.map(({ kind }) => kind),
      parsed.map(({ id }) => id),
      parsed.map(({ from }) => from),
      parsed.map(({ to }) => to),
    ],
  });
  return rows.map(({ id }) => id);
}
