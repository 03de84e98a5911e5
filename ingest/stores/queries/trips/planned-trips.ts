import type { Pool, PoolClient } from "pg";
import type { NewFact } from "../../../domain/fact.ts";
import { AROUND_TRIP_MS, NEIGHBOUR_MS, type TripPlan } from "../../../domain/trip/plan.ts";
import type { ActualTrip } from "../../../domain/trip/trip.ts";
import { msOfTime, timeOfMs } from "../../sql-time.ts";
import { FEW_ROWS } from "../facts.ts";

/** A planned trip, with what its vehicle has made of it as it was last folded. */
export interface StoredTrip extends TripPlan {
  /** whether it is to be folded again, or is here as a neighbour of one */
  isConcerned: boolean;
  actual: ActualTrip;
}

/** Trips of one vehicle that are not cancelled, in order of time, with its facts around them and its version. */
export interface VehicleTrips {
  vehicleId: number;
  version: number;
  trips: StoredTrip[];
  facts: NewFact[];
}

const AROUND = `interval '${AROUND_TRIP_MS} milliseconds'`;
const NEIGHBOUR = `interval '${NEIGHBOUR_MS} milliseconds'`;

const LOAD_PLANNED_TRIPS = `
WITH times AS (
  SELECT vehicle_id, ${timeOfMs("at")} AS at FROM unnest($1::int[], $2::float8[]) AS t (vehicle_id, at)
), concerned AS (
  SELECT DISTINCT t.id, t.vehicle_id, t.starts_at, t.ends_at FROM times CROSS JOIN LATERAL (
    SELECT * FROM trips WHERE trips.vehicle_id = times.vehicle_id AND cancelled_at IS NULL
      AND starts_at <= times.at + ${AROUND} AND ends_at >= times.at - ${AROUND} ${FEW_ROWS}
  ) AS t
), near AS (
  SELECT DISTINCT n.* FROM concerned c CROSS JOIN LATERAL (
    SELECT id, vehicle_id, starts_at, ends_at, status FROM trips WHERE trips.vehicle_id = c.vehicle_id AND cancelled_at IS NULL
      AND starts_at <= c.ends_at + ${NEIGHBOUR} AND ends_at >= c.starts_at - ${NEIGHBOUR} ${FEW_ROWS}
  ) AS n
)
SELECT v.vehicle_id AS "vehicleId", coalesce((SELECT version FROM fold_versions WHERE subject = 'vehicle:' || v.vehicle_id), 0) AS version,
  coalesce(json_agg(json_build_object('id', n.id, 'isConcerned', n.id IN (SELECT id FROM concerned), 'stops', (
      SELECT json_agg(json_build_object('locationId', s.location_id, 'window',
          json_build_object('from', ${msOfTime("s.window_from")}, 'to', ${msOfTime("s.window_to")})) ORDER BY s.sequence)
        FROM trip_stops s WHERE s.trip_id = n.id),
    'actual', json_build_object('status', n.status, 'stops', (
      SELECT json_agg(json_build_object('state', s.state, 'arrivedAt', ${msOfTime("s.arrived_at")},
          'departedAt', ${msOfTime("s.departed_at")}) ORDER BY s.sequence) FROM trip_stops s WHERE s.trip_id = n.id),
    'unplanned', (
      SELECT coalesce(json_agg(json_build_object('locationId', u.location_id,
          'point', CASE WHEN u.lat IS NOT NULL THEN json_build_object('lat', u.lat, 'lon', u.lon) END,
          'arrivedAt', ${msOfTime("u.arrived_at")}, 'departedAt', ${msOfTime("u.departed_at")}) ORDER BY u.number), '[]')
        FROM trip_unplanned_stops u WHERE u.trip_id = n.id))) ORDER BY n.starts_at, n.id) FILTER (WHERE n.id IS NOT NULL), '[]') AS trips,
  (SELECT coalesce(json_agg(json_build_object('key', f.key, 'subject', f.subject, 'at', ${msOfTime("f.at")}, 'type', f.type,
      'data', f.data, 'deviceId', f.device_id)), '[]') FROM facts f WHERE f.subject = 'vehicle:' || v.vehicle_id
      AND f.at BETWEEN min(n.starts_at) - ${AROUND} AND max(n.ends_at) + ${AROUND} AND f.withdrawn_at IS NULL) AS facts
FROM (SELECT DISTINCT vehicle_id FROM times) v LEFT JOIN near n ON n.vehicle_id = v.vehicle_id GROUP BY v.vehicle_id`;

/** Reads the planned trips of vehicles around times (epoch milliseconds), and what folding them again needs, from one snapshot. */
export async function loadPlannedTrips(
  client: Pool | PoolClient,
  times: readonly { vehicleId: number; at: number }[],
): Promise<VehicleTrips[]> {
  const { rows } = await client.query<VehicleTrips>({
    name: "load_planned_trips",
    text: LOAD_PLANNED_TRIPS,
    values: [times.map(({ vehicleId }) => vehicleId), times.map(({ at }) => at)],
  });
  return rows;
}
