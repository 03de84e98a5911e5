import { expect } from "vitest";
import { estimateStopsPage } from "../../../ingest/workers/estimates/stop-estimates.ts";
import { databaseTest as test } from "../../support/database-test.ts";
import { worldIn } from "../../support/world.ts";

test("the stops that a vehicle has not come to have estimates, from where it is and from stop to stop; they go with the stop", async ({
  db,
}) => {
  const { pool } = db;
  const world = worldIn(pool);
  const place = (name: string, km: number) =>
    world.location(name, "delivery", { lat: 48 + km / 111.195, lon: 11, radius_m: 500 });
  const [depot, first, second] = [await place("Depot", 0), await place("First", 60), await place("Second", 100)];
  const vehicle = await world.vehicle("Truck");
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO trips (vehicle_id, starts_at, ends_at, status) VALUES ($1, now() - interval '1 hour', now() + interval '3 hours', 'under_way') RETURNING id`,
    [vehicle],
  );
  const trip = rows[0]!.id;
  await pool.query(
    `INSERT INTO trip_stops (trip_id, sequence, location_id, window_from, window_to, state)
    SELECT $1, n, location, now(), now() + interval '1 hour', CASE WHEN n = 1 THEN 'left' ELSE 'expected' END FROM unnest($2::int[]) WITH ORDINALITY AS t (location, n)`,
    [trip, [depot, first, second]],
  );
  await pool.query(
    `INSERT INTO lane_runs (departure, destination_id, origin_id, vehicle_id, departed_at, arrived_at, stops_s, curve)
    SELECT 'run ' || n || ' ' || o, d, o, $1, now() - n * interval '1 day', now() - n * interval '1 day' + interval '1 hour', 0, '[[59000, 3600], [0, 0]]'
    FROM generate_series(1, 10) n, (VALUES ($2::int, $3::int), ($3, $4)) AS lane (o, d)`,
    [vehicle, depot, first, second],
  );
  await pool.query(
    `INSERT INTO vehicle_legs (vehicle_id, version, departure, departed_from, departed_at) VALUES ($1, 1, 'd', $2, now() - interval '30 minutes')`,
    [vehicle, depot],
  );
  await pool.query(
    `INSERT INTO vehicle_positions (vehicle_id, device_id, ts, received_at, lat, lon) VALUES ($1, 'tracker', now(), now(), 48 + 30.25 / 111.195, 11)`,
    [vehicle],
  );
  const told = async () => {
    await estimateStopsPage(pool, 0, 100);
    const { rows } = await pool.query<object>(
      `SELECT sequence, basis, runs, round(extract(epoch FROM p50 - now()) / 60)::int AS minutes, p90 > p50 AS "isWider" FROM trip_stop_etas ORDER BY 1`,
    );
    return rows;
  };
  expect(await told()).toEqual([
    { sequence: 2, basis: "lane_history", runs: 10, minutes: 30, isWider: true },
    // A quarter of an hour at the stop before it.
    { sequence: 3, basis: "lane_history", runs: 10, minutes: 105, isWider: true },
  ]);
  await pool.query("UPDATE trip_stops SET state = 'there' WHERE sequence = 2");
  await pool.query(
    "UPDATE vehicle_legs SET place_id = $1, since = now(), departure = NULL, departed_from = NULL, departed_at = NULL",
    [first],
  );
  expect(await told()).toMatchObject([{ sequence: 3 }]);
  await pool.query("UPDATE trips SET status = 'completed'");
  expect(await told()).toEqual([]);
});
