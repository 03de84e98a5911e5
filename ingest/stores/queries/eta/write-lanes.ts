import type { PoolClient } from "pg";
import type { LaneRun, Leg, StopDwell } from "../../../domain/eta/lane-run.ts";
import type { ProgressCurve } from "../../../domain/eta/progress-curve.ts";
import { timeOfMs } from "../../sql-time.ts";
import { KEPT } from "./lane-facts.ts";

export interface LaneChanges {
  vehicleId: number;
  version: number;
  whole: boolean;
  /** what is kept of the time before is left alone; epoch milliseconds */
  since: number;
  /** all runs since then, whether they are kept or not */
  runs: readonly LaneRun[];
  /** those that are new, or have changed */
  written: readonly (LaneRun & { curve: ProgressCurve })[];
  dwells: readonly StopDwell[];
  leg: Leg;
}

const keysOf = ({ departure, destinationId, arrivedAt }: LaneRun) => ({ departure, destinationId, arrivedAt });

/** Replaces what is kept of a vehicle since a time, and forgets what is too old or too much. */
export async function writeLanes(client: PoolClient, changes: LaneChanges): Promise<void> {
  const { vehicleId, version, whole, since, runs, written, dwells, leg } = changes;
  await client.query({
    name: "write_runs",
    text: `WITH known AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($3::jsonb) AS k (departure text, "destinationId" int)),
      gone AS (DELETE FROM lane_runs r WHERE r.vehicle_id = $1 AND r.departed_at >= ${timeOfMs("$2")}
        AND NOT EXISTS (SELECT FROM known k WHERE k.departure = r.departure AND k."destinationId" = r.destination_id))
      INSERT INTO lane_runs (departure, destination_id, origin_id, vehicle_id, departed_at, arrived_at, stops_s, distance_m, curve)
      SELECT departure, "destinationId", "originId", $1, ${timeOfMs('"departedAt"')}, ${timeOfMs('"arrivedAt"')}, round("stopsMs" / 1000), "distanceM", curve
      FROM jsonb_to_recordset($4::jsonb) AS t (departure text, "destinationId" int, "originId" int, "departedAt" float8, "arrivedAt" float8,
        "stopsMs" float8, "distanceM" float8, curve jsonb)
      WHERE EXISTS (SELECT FROM locations o WHERE o.id = "originId") AND EXISTS (SELECT FROM locations d WHERE d.id = "destinationId")
      ORDER BY 1, 2
      ON CONFLICT (departure, destination_id) DO UPDATE SET origin_id = excluded.origin_id, vehicle_id = excluded.vehicle_id,
        departed_at = excluded.departed_at, arrived_at = excluded.arrived_at, stops_s = excluded.stops_s, distance_m = excluded.distance_m,
        curve = excluded.curve`,
    values: [vehicleId, since, JSON.stringify(runs.map(keysOf)), JSON.stringify(written)],
  });
  await client.query({
    name: "write_dwells",
    text: `WITH given AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($3::jsonb) AS t (arrival text, "locationId" int, "arrivedAt" float8, "departedAt" float8)),
      gone AS (DELETE FROM stop_dwells d WHERE d.vehicle_id = $1 AND d.arrived_at >= ${timeOfMs("$2")}
        AND NOT EXISTS (SELECT FROM given g WHERE g.arrival = d.arrival))
      INSERT INTO stop_dwells AS d (arrival, location_id, vehicle_id, arrived_at, departed_at)
      SELECT arrival, "locationId", $1, ${timeOfMs('"arrivedAt"')}, ${timeOfMs('"departedAt"')} FROM given
      WHERE EXISTS (SELECT FROM locations l WHERE l.id = "locationId") ORDER BY 1
      ON CONFLICT (arrival) DO UPDATE SET arrived_at = excluded.arrived_at, departed_at = excluded.departed_at
        WHERE (d.arrived_at, d.departed_at) IS DISTINCT FROM (excluded.arrived_at, excluded.departed_at)`,
    values: [vehicleId, since, JSON.stringify(dwells)],
  });
  await client.query({
    name: "write_leg",
    text: `INSERT INTO vehicle_legs AS l (vehicle_id, version, derived_at, whole_at, place_id, since, departure, departed_from, departed_at)
      SELECT $1, $2, now(), now(), (SELECT id FROM locations WHERE id = $4), ${timeOfMs("$5")}, $6,
        (SELECT id FROM locations WHERE id = $7), ${timeOfMs("$8")}
      ON CONFLICT (vehicle_id) DO UPDATE SET version = excluded.version, derived_at = now(), whole_at = CASE WHEN $3 THEN now() ELSE l.whole_at END,
        place_id = excluded.place_id, since = excluded.since, departure = excluded.departure, departed_from = excluded.departed_from,
        departed_at = excluded.departed_at`,
    values: [vehicleId, version, whole, leg.placeId, leg.since, leg.departure, leg.departedFrom, leg.departedAt],
  });
  if (runs.length > 0) await completeChecks(client, runs);
  if (written.length > 0) await forgetOldestRuns(client, written);
  if (dwells.length > 0) await forgetOldestDwells(client, dwells);
}

/** Estimates that were made on the way are compared with when the vehicle came. */
async function completeChecks(client: PoolClient, runs: readonly LaneRun[]): Promise<void> {
  await client.query({
    name: "complete_checks",
    text: `UPDATE eta_checks c SET arrived_at = ${timeOfMs('k."arrivedAt"')}
      FROM jsonb_to_recordset($1::jsonb) AS k (departure text, "destinationId" int, "arrivedAt" float8)
      WHERE c.departure = k.departure AND c.destination_id = k."destinationId" AND c.arrived_at IS DISTINCT FROM ${timeOfMs('k."arrivedAt"')}`,
    values: [JSON.stringify(runs.map(keysOf))],
  });
}

async function forgetOldestRuns(client: PoolClient, written: readonly LaneRun[]): Promise<void> {
  const lanes = [written.map(({ originId }) => originId), written.map(({ destinationId }) => destinationId)];
  await client.query({
    name: "forget_runs",
    text: `DELETE FROM lane_runs r USING (SELECT departure, destination_id, row_number() OVER (PARTITION BY origin_id, destination_id
          ORDER BY departed_at DESC, departure) AS place FROM lane_runs
        WHERE (origin_id, destination_id) IN (SELECT * FROM unnest($1::int[], $2::int[]))) n
      WHERE n.place > ${KEPT.runs} AND r.departure = n.departure AND r.destination_id = n.destination_id`,
    values: lanes,
  });
  await client.query({
    name: "forget_checks",
    text: `DELETE FROM eta_checks c USING (SELECT departure, destination_id, horizon, row_number() OVER (PARTITION BY origin_id, destination_id, horizon
          ORDER BY made_at DESC, departure) AS place FROM eta_checks
        WHERE (origin_id, destination_id) IN (SELECT * FROM unnest($1::int[], $2::int[]))) n
      WHERE n.place > ${KEPT.checks} AND c.departure = n.departure AND c.destination_id = n.destination_id AND c.horizon = n.horizon`,
    values: lanes,
  });
}

async function forgetOldestDwells(client: PoolClient, dwells: readonly StopDwell[]): Promise<void> {
  await client.query({
    name: "forget_dwells",
    text: `DELETE FROM stop_dwells d USING (SELECT arrival, row_number() OVER (PARTITION BY location_id ORDER BY arrived_at DESC, arrival) AS place
        FROM stop_dwells WHERE location_id = ANY($1::int[])) n
      WHERE n.place > ${KEPT.dwells} AND d.arrival = n.arrival`,
    values: [[...new Set(dwells.map(({ locationId }) => locationId))]],
  });
}
