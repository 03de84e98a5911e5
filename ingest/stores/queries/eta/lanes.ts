import type { PoolClient } from "pg";
import type { LaneSample } from "../../../domain/eta/remaining-time.ts";
import { msOfTime, timeOfMs } from "../../sql-time.ts";

export const laneKey = (originId: number, destinationId: number): string => `${originId} ${destinationId}`;

/** The history of lanes, by `laneKey`. Lanes without any are left out. */
export async function loadLanes(
  client: PoolClient,
  lanes: readonly (readonly [originId: number, destinationId: number])[],
): Promise<Map<string, LaneSample[]>> {
  const distinct = [...new Map(lanes.map((lane) => [laneKey(...lane), lane])).values()];
  const { rows } = await client.query<{ lane: string; runs: LaneSample[] }>({
    name: "load_lanes",
    text: `SELECT l.origin || ' ' || l.destination AS lane, r.runs FROM unnest($1::int[], $2::int[]) AS l (origin, destination)
      CROSS JOIN LATERAL (SELECT json_agg(json_build_object('departedAt', ${msOfTime("departed_at")}, 'curve', curve,
          'totalS', extract(epoch FROM arrived_at - departed_at)::float8) ORDER BY departed_at, departure) AS runs
        FROM lane_runs WHERE origin_id = l.origin AND destination_id = l.destination) r WHERE r.runs IS NOT NULL`,
    values: [distinct.map(([origin]) => origin), distinct.map(([, destination]) => destination)],
  });
  return new Map(rows.map(({ lane, runs }) => [lane, runs]));
}

/** How long vehicles stood at places, milliseconds. */
export async function loadDwells(client: PoolClient, locationIds: readonly number[]): Promise<Map<number, number[]>> {
  const { rows } = await client.query<{ id: number; dwells: number[] }>({
    name: "load_dwells",
    text: `SELECT location_id AS id, json_agg(extract(epoch FROM departed_at - arrived_at)::float8 * 1000 ORDER BY arrived_at, arrival) AS dwells
      FROM stop_dwells WHERE location_id = ANY($1::int[]) GROUP BY 1`,
    values: [[...new Set(locationIds)]],
  });
  return new Map(rows.map(({ id, dwells }) => [id, dwells]));
}

/** An estimate to compare with what will come true; epoch milliseconds. */
export interface EtaCheck {
  departure: string;
  originId: number;
  destinationId: number;
  /** minutes */
  horizon: number;
  basis: string;
  madeAt: number;
  p50: number;
  p90: number;
}

/** Keeps the first estimate of each run below each horizon. */
export async function keepChecks(client: PoolClient, checks: readonly EtaCheck[]): Promise<void> {
  if (checks.length === 0) return;
  await client.query({
    name: "keep_checks",
    text: `INSERT INTO eta_checks (departure, destination_id, horizon, origin_id, basis, made_at, p50, p90)
      SELECT DISTINCT ON (departure, "destinationId", horizon) departure, "destinationId", horizon, "originId", basis, ${timeOfMs('"madeAt"')}, ${timeOfMs("p50")}, ${timeOfMs("p90")}
      FROM jsonb_to_recordset($1::jsonb) AS t (departure text, "destinationId" int, horizon int, "originId" int, basis text, "madeAt" float8, p50 float8, p90 float8)
      WHERE EXISTS (SELECT FROM locations o WHERE o.id = "originId") AND EXISTS (SELECT FROM locations d WHERE d.id = "destinationId")
      ORDER BY departure, "destinationId", horizon ON CONFLICT DO NOTHING`,
    values: [JSON.stringify(checks)],
  });
}

/** Open shipments whose promise has passed since a time; and the time of Postgres, epoch milliseconds. */
export async function passedPromises(
  client: PoolClient,
  since: number | undefined,
): Promise<{ now: number; shipmentIds: number[] }> {
  const { rows } = await client.query<{ now: number; ids: number[] }>({
    name: "passed_promises",
    text: `SELECT ${msOfTime("now()")} AS now, ARRAY(SELECT id FROM shipments WHERE due_at > coalesce(${timeOfMs("$1")}, now()) AND due_at <= now()
      AND status NOT IN ('delivered', 'returned', 'cancelled') ORDER BY due_at LIMIT 10000) AS ids`,
    values: [since ?? null],
  });
  return { now: rows[0]!.now, shipmentIds: rows[0]!.ids };
}
