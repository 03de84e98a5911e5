import type { PoolClient } from "pg";
import type { LaneRun, Leg, StopDwell } from "../../../domain/eta/lane-run.ts";
import type { NewFact } from "../../../domain/fact.ts";
import type { ProgressCurve } from "../../../domain/eta/progress-curve.ts";
import { msOfTime, timeOfMs } from "../../sql-time.ts";

/** Of each lane, each place, and each lane and horizon so many are kept: the newest. */
export const KEPT = { runs: 30, dwells: 60, checks: 100 } as const;

/** A vehicle whose facts have changed since its lanes were derived. */
export interface ChangedVehicle {
  vehicleId: number;
  version: number;
  /** everything is due, not only the last days */
  whole: boolean;
}

/** The vehicles whose facts have changed, those that wait longest first. @param wholeAfter of everything, so long after the last time */
export async function changedVehicles(
  client: PoolClient,
  limit: number,
  wholeAfterMs: number,
): Promise<ChangedVehicle[]> {
  const { rows } = await client.query<ChangedVehicle>({
    name: "changed_vehicles",
    text: `SELECT v.id AS "vehicleId", f.version,
        l.vehicle_id IS NULL OR l.whole_at < now() - interval '1 millisecond' * $2::float8 AS whole
      FROM fold_versions f JOIN vehicles v ON v.id = substr(f.subject, 9)::int LEFT JOIN vehicle_legs l ON l.vehicle_id = v.id
      WHERE f.subject >= 'vehicle:' AND f.subject < 'vehicle;' AND f.version IS DISTINCT FROM l.version
      ORDER BY l.derived_at NULLS FIRST, v.id LIMIT $1`,
    values: [limit, wholeAfterMs],
  });
  return rows;
}

/** What tells of the lanes of a vehicle. @param since epoch milliseconds */
export async function loadLaneFacts(client: PoolClient, vehicleId: number, since: number): Promise<NewFact[]> {
  const { rows } = await client.query<NewFact>({
    name: "load_lane_facts",
    text: `SELECT key, subject, ${msOfTime("at")} AS at, type, data, rule, evidence, confidence::float8, device_id AS "deviceId"
      FROM facts WHERE subject = 'vehicle:' || $1::int AND at >= ${timeOfMs("$2")} AND type IN ('arrived', 'departed', 'trip')
        AND withdrawn_at IS NULL`,
    values: [vehicleId, since],
  });
  return rows;
}

type StoredRun = Pick<LaneRun, "departure" | "destinationId" | "departedAt" | "arrivedAt" | "stopsMs" | "distanceM">;

/** The runs of a vehicle that are kept. @param since epoch milliseconds */
export async function loadRuns(client: PoolClient, vehicleId: number, since: number): Promise<StoredRun[]> {
  const { rows } = await client.query<StoredRun>({
    name: "load_runs",
    text: `SELECT departure, destination_id AS "destinationId", ${msOfTime("departed_at")} AS "departedAt",
        ${msOfTime("arrived_at")} AS "arrivedAt", stops_s * 1000::float8 AS "stopsMs", distance_m AS "distanceM"
      FROM lane_runs WHERE vehicle_id = $1 AND departed_at >= ${timeOfMs("$2")}`,
    values: [vehicleId, since],
  });
  return rows;
}

/** Older runs of a lane, and older dwells at a place, are not kept; epoch milliseconds. */
export async function loadFloors(
  client: PoolClient,
  runs: readonly LaneRun[],
  dwells: readonly StopDwell[],
): Promise<{ lanes: Map<string, number>; places: Map<number, number> }> {
  const { rows: lanes } = await client.query<{ lane: string; floor: number }>({
    name: "lane_floors",
    text: `SELECT l.origin || ' ' || l.destination AS lane, (SELECT ${msOfTime("r.departed_at")} FROM lane_runs r
        WHERE r.origin_id = l.origin AND r.destination_id = l.destination ORDER BY r.departed_at DESC OFFSET ${KEPT.runs - 1} LIMIT 1) AS floor
      FROM (SELECT DISTINCT * FROM unnest($1::int[], $2::int[]) AS t (origin, destination)) l`,
    values: [runs.map(({ originId }) => originId), runs.map(({ destinationId }) => destinationId)],
  });
  const { rows: places } = await client.query<{ place: number; floor: number }>({
    name: "dwell_floors",
    text: `SELECT p.id AS place, (SELECT ${msOfTime("d.arrived_at")} FROM stop_dwells d
        WHERE d.location_id = p.id ORDER BY d.arrived_at DESC OFFSET ${KEPT.dwells - 1} LIMIT 1) AS floor
      FROM (SELECT DISTINCT id FROM unnest($1::int[]) AS t (id)) p`,
    values: [dwells.map(({ locationId }) => locationId)],
  });
  return {
    lanes: new Map(lanes.map(({ lane, floor }) => [lane, floor ?? -Infinity])),
    places: new Map(places.map(({ place, floor }) => [place, floor ?? -Infinity])),
  };
}

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

/** Replaces what is kept of a vehicle since a time, and forgets what is too old or too much. */
export async function writeLanes(client: PoolClient, changes: LaneChanges): Promise<void> {
  const { vehicleId, version, whole, since, runs, written, dwells, leg } = changes;
  const keys = runs.map(({ departure, destinationId, arrivedAt }) => ({ departure, destinationId, arrivedAt }));
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
    values: [vehicleId, since, JSON.stringify(keys), JSON.stringify(written)],
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
  await client.query({
    name: "complete_checks",
    text: `UPDATE eta_checks c SET arrived_at = ${timeOfMs('k."arrivedAt"')}
      FROM jsonb_to_recordset($1::jsonb) AS k (departure text, "destinationId" int, "arrivedAt" float8)
      WHERE c.departure = k.departure AND c.destination_id = k."destinationId" AND c.arrived_at IS DISTINCT FROM ${timeOfMs('k."arrivedAt"')}`,
    values: [JSON.stringify(keys)],
  });
  await forgetOldest(client, written, dwells);
}

async function forgetOldest(
  client: PoolClient,
  written: readonly LaneRun[],
  dwells: readonly StopDwell[],
): Promise<void> {
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
  await client.query({
    name: "forget_dwells",
    text: `DELETE FROM stop_dwells d USING (SELECT arrival, row_number() OVER (PARTITION BY location_id ORDER BY arrived_at DESC, arrival) AS place
        FROM stop_dwells WHERE location_id = ANY($1::int[])) n
      WHERE n.place > ${KEPT.dwells} AND d.arrival = n.arrival`,
    values: [[...new Set(dwells.map(({ locationId }) => locationId))]],
  });
}
