import type { ActualTrip } from "../../domain/trip/trip.ts";
import type { Write } from "../statement.ts";
import { timeOfMs } from "../sql-time.ts";

/** What a vehicle has made of a planned trip. */
export interface TripRow extends ActualTrip {
  id: number;
}

/** Writes what follows from facts beside the plans of these trips, whose stops stand in the order of their sequence. */
export function writeTrips(rows: readonly TripRow[]): Write[] {
  const stops = rows.flatMap(({ id, stops }) => stops.map((stop, at) => ({ id, sequence: at + 1, ...stop })));
  const unplanned = rows.flatMap(({ id, unplanned }) =>
    unplanned.map(({ point, ...stop }, at) => ({ id, number: at + 1, ...stop, ...point })),
  );
  const unplannedJson = JSON.stringify(unplanned);
  return [
    {
      name: "trips_folded",
      sql: `UPDATE trips SET status = t.status, updated_at = now(), version = trips.version + 1
        FROM jsonb_to_recordset($1::jsonb) AS t (id int, status text) WHERE trips.id = t.id AND trips.cancelled_at IS NULL`,
      params: [JSON.stringify(rows.map(({ id, status }) => ({ id, status })))],
    },
    {
      name: "trip_stops_folded",
      sql: `UPDATE trip_stops s SET state = t.state, arrived_at = ${timeOfMs('t."arrivedAt"')}, departed_at = ${timeOfMs('t."departedAt"')}
        FROM jsonb_to_recordset($1::jsonb) AS t (id int, sequence int, state text, "arrivedAt" float8, "departedAt" float8)
        WHERE s.trip_id = t.id AND s.sequence = t.sequence`,
      params: [JSON.stringify(stops)],
    },
    {
      name: "unplanned_stops_written",
      sql: `INSERT INTO trip_unplanned_stops (trip_id, number, location_id, lat, lon, arrived_at, departed_at)
        SELECT id, number, "locationId", lat, lon, ${timeOfMs('"arrivedAt"')}, ${timeOfMs('"departedAt"')}
        FROM jsonb_to_recordset($1::jsonb) AS t (id int, number int, "locationId" int, lat float8, lon float8, "arrivedAt" float8, "departedAt" float8)
        ON CONFLICT (trip_id, number) DO UPDATE SET location_id = excluded.location_id, lat = excluded.lat, lon = excluded.lon,
          arrived_at = excluded.arrived_at, departed_at = excluded.departed_at`,
      params: [unplannedJson],
    },
    {
      name: "unplanned_stops_deleted",
      sql: `DELETE FROM trip_unplanned_stops u WHERE u.trip_id = ANY($2::int[]) AND NOT EXISTS (
          SELECT FROM jsonb_to_recordset($1::jsonb) AS t (id int, number int) WHERE t.id = u.trip_id AND t.number = u.number)`,
      params: [unplannedJson, rows.map(({ id }) => id)],
    },
  ];
}
