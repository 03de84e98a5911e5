import type { PoolClient } from "pg";
import type { Leg } from "../../../domain/eta/lane-run.ts";
import type { StopEta } from "../../../domain/eta/stops.ts";
import type { TrailPoint } from "../../../domain/shipment/arrival-estimate.ts";
import { msOfTime, timeOfMs } from "../../sql-time.ts";

/** A trip whose vehicle is on its way, with the stops that it has not come to. Epoch milliseconds. */
export interface TripUnderWay {
  tripId: number;
  position: TrailPoint | null;
  trail: TrailPoint[];
  leg: Leg | null;
  /** in their order */
  stops: { sequence: number; locationId: number }[];
}

/** SQL: where the vehicle of a row `l` of vehicle_legs is on its way, as JSON; null without one. */
export const LEG = `CASE WHEN l.vehicle_id IS NOT NULL THEN json_build_object('placeId', l.place_id, 'since', ${msOfTime("l.since")}, 'departure', l.departure,
  'departedFrom', l.departed_from, 'departedAt', ${msOfTime("l.departed_at")}) END`;

/** The next trips that are under way, or begin within the hour, by id. @param after id of the last one before */
export async function loadTripsUnderWay(client: PoolClient, after: number, limit: number): Promise<TripUnderWay[]> {
  const { rows } = await client.query<TripUnderWay>({
    name: "load_trips_under_way",
    text: `SELECT t.id AS "tripId", ${LEG} AS leg, coalesce(r.points, '[]') AS trail, s.stops,
        CASE WHEN p.vehicle_id IS NOT NULL THEN json_build_object('at', ${msOfTime("p.ts")}, 'lat', p.lat, 'lon', p.lon) END AS position
      FROM trips t LEFT JOIN vehicle_positions p ON p.vehicle_id = t.vehicle_id LEFT JOIN vehicle_legs l ON l.vehicle_id = t.vehicle_id
        CROSS JOIN LATERAL (SELECT json_agg(json_build_object('sequence', s.sequence, 'locationId', s.location_id) ORDER BY s.sequence) AS stops
          FROM trip_stops s WHERE s.trip_id = t.id AND s.state = 'expected'
            AND s.sequence > coalesce((SELECT max(sequence) FROM trip_stops b WHERE b.trip_id = t.id AND b.state IN ('there', 'left', 'passed')), 0)) s
        LEFT JOIN LATERAL (SELECT json_agg(json_build_object('at', ${msOfTime("v.at")}, 'lat', v.lat, 'lon', v.lon) ORDER BY v.at) AS points
          FROM vehicle_trails v WHERE v.vehicle_id = t.vehicle_id) r ON true
      WHERE t.id > $1 AND s.stops IS NOT NULL AND t.status IN ('planned', 'under_way')
        AND (t.status = 'under_way' OR now() BETWEEN t.starts_at - interval '1 hour' AND t.ends_at)
      ORDER BY t.id LIMIT $2`,
    values: [after, limit],
  });
  return rows;
}

export type StopEtaRow = StopEta & { tripId: number; sequence: number };

/** Writes the estimates of the stops of the trips between two ids; those of others between them go. @param through null: to the last */
export async function writeStopEtas(
  client: PoolClient,
  rows: readonly StopEtaRow[],
  after: number,
  through: number | null,
): Promise<void> {
  await client.query({
    name: "write_stop_etas",
    text: `WITH given AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($1::jsonb) AS t ("tripId" int, sequence int, p50 float8, p90 float8, basis text,
          problem text, runs int, "distanceM" float8, "positionAt" float8)),
      gone AS (DELETE FROM trip_stop_etas e WHERE e.trip_id > $2 AND ($3::int IS NULL OR e.trip_id <= $3)
        AND NOT EXISTS (SELECT FROM given g WHERE g."tripId" = e.trip_id AND g.sequence = e.sequence))
      INSERT INTO trip_stop_etas AS e (trip_id, sequence, p50, p90, basis, problem, runs, distance_m, position_at)
      SELECT "tripId", sequence, ${timeOfMs("p50")}, ${timeOfMs("p90")}, basis, problem, runs, "distanceM", ${timeOfMs('"positionAt"')} FROM given g
      -- Its trip may have been changed meanwhile.
      WHERE EXISTS (SELECT FROM trip_stops s WHERE s.trip_id = g."tripId" AND s.sequence = g.sequence FOR KEY SHARE) ORDER BY 1, 2
      ON CONFLICT (trip_id, sequence) DO UPDATE SET p50 = excluded.p50, p90 = excluded.p90, basis = excluded.basis, problem = excluded.problem,
        runs = excluded.runs, distance_m = excluded.distance_m, position_at = excluded.position_at, estimated_at = now()
        WHERE (e.p50, e.p90, e.basis, e.problem, e.position_at) IS DISTINCT FROM
          (excluded.p50, excluded.p90, excluded.basis, excluded.problem, excluded.position_at)`,
    values: [JSON.stringify(rows), after, through],
  });
}
