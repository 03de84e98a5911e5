import type { PoolClient } from "pg";
import type { Eta } from "../../../domain/eta/estimate.ts";
import type { Leg } from "../../../domain/eta/lane-run.ts";
import type { Lateness } from "../../../domain/eta/lateness.ts";
import type { TrailPoint } from "../../../domain/shipment/arrival-estimate.ts";
import { TRAIL_MS } from "../../../domain/shipment/arrival-estimate.ts";
import { msOfTime, timeOfMs } from "../../sql-time.ts";
import { LEG } from "../eta/stops.ts";

/** Shipments that a vehicle carries to a place. The same condition as of the index `shipments_aboard`. */
const ABOARD = `s.destination_id IS NOT NULL AND s.vehicle_id IS NOT NULL
  AND s.status NOT IN ('delivered', 'returned', 'cancelled')`;
/** A position is kept as a point of the trail when it is so much newer than the last one. */
const TRAIL_STEP = "4 minutes 50 seconds";

/** Adds the positions of vehicles that carry goods, or are on a trip, to their trails, and forgets what is older than an hour. */
export async function extendTrails(client: PoolClient): Promise<void> {
  await client.query({
    name: "extend_trails",
    text: `INSERT INTO vehicle_trails (vehicle_id, at, lat, lon)
      SELECT p.vehicle_id, p.ts, p.lat, p.lon FROM vehicle_positions p
      WHERE (p.vehicle_id IN (SELECT s.vehicle_id FROM shipments s WHERE ${ABOARD})
          OR p.vehicle_id IN (SELECT t.vehicle_id FROM trips t WHERE t.status = 'under_way'))
        AND NOT EXISTS (SELECT FROM vehicle_trails t WHERE t.vehicle_id = p.vehicle_id AND t.at > p.ts - interval '${TRAIL_STEP}')
      ON CONFLICT DO NOTHING`,
  });
  await client.query({
    name: "shorten_trails",
    text: `DELETE FROM vehicle_trails t USING vehicle_positions p
      WHERE p.vehicle_id = t.vehicle_id AND (t.at < p.ts - interval '${TRAIL_MS + 300_000} milliseconds' OR t.at > p.ts
        OR p.ts < now() - interval '1 day')`,
  });
}

/** A shipment that a vehicle carries, and what its arrival is estimated from. Epoch milliseconds. */
export interface Aboard {
  shipmentId: number;
  vehicleId: number;
  originId: number | null;
  destinationId: number;
  dueAt: number | null;
  /** of its products' suppliers the shortest: what comes later than that is late for one of them */
  leadTimeDays: number | null;
  position: TrailPoint | null;
  /** nothing newer has come for a moment */
  isQuiet: boolean;
  trail: TrailPoint[];
  leg: Leg | null;
  /** of the last estimate; null: there is none */
  wasInTime: boolean | null;
  lateness: Lateness | null;
}

const LATENESS = `CASE WHEN a.shipment_id IS NOT NULL THEN json_build_object('dueAt', ${msOfTime("a.due_at")}, 'pastDueSince', ${msOfTime("a.past_due_since")},
  'isLate', a.late, 'isAtRisk', a.at_risk) END`;

/** The next shipments that vehicles carry, by id. @param after id of the last one before */
export async function loadAboard(client: PoolClient, after: number, limit: number): Promise<Aboard[]> {
  const { rows } = await client.query<Aboard>({
    name: "load_aboard",
    text: `SELECT s.id AS "shipmentId", s.vehicle_id AS "vehicleId", s.origin_id AS "originId", s.destination_id AS "destinationId", ${msOfTime("s.due_at")} AS "dueAt",
        y.days AS "leadTimeDays", a.in_time AS "wasInTime", ${LATENESS} AS lateness, ${LEG} AS leg, coalesce(t.points, '[]') AS trail,
        CASE WHEN p.vehicle_id IS NOT NULL THEN json_build_object('at', ${msOfTime("p.ts")}, 'lat', p.lat, 'lon', p.lon) END AS position,
        coalesce(p.received_at < now() - interval '1 second', false) AS "isQuiet"
      FROM (SELECT s.* FROM shipments s WHERE ${ABOARD} AND s.id > $1 ORDER BY s.id LIMIT $2) s
        LEFT JOIN LATERAL (SELECT min(y.lead_time_days) AS days FROM shipment_goods g JOIN items i ON i.id = g.item_id
          JOIN parties y ON y.id = i.supplier_id WHERE g.shipment_id = s.id) y ON true
        LEFT JOIN vehicle_positions p ON p.vehicle_id = s.vehicle_id LEFT JOIN vehicle_legs l ON l.vehicle_id = s.vehicle_id
        LEFT JOIN LATERAL (SELECT json_agg(json_build_object('at', ${msOfTime("t.at")}, 'lat', t.lat, 'lon', t.lon) ORDER BY t.at) AS points
          FROM vehicle_trails t WHERE t.vehicle_id = s.vehicle_id) t ON true
        LEFT JOIN arrival_estimates a ON a.shipment_id = s.id
      ORDER BY s.id`,
    values: [after, limit],
  });
  return rows;
}

export type EstimateRow = Eta & Lateness & { shipmentId: number; inTime: boolean; isQuiet: boolean };

/** What those who look on are told: an estimate that moves by less is told when it has moved by more, or with a promise in danger. */
const NEWS = `abs(extract(epoch FROM excluded.eta - a.told_eta)) >= 60 OR (a.basis, a.problem, a.late, a.at_risk, a.in_time) IS DISTINCT FROM
  (excluded.basis, excluded.problem, excluded.late, excluded.at_risk, excluded.in_time)`;
/** What is written: news, and what people see the age of: the position of a vehicle that is quiet now at once, of others once a minute. */
const CHANGED = `${NEWS} OR (a.due_at, a.past_due_since) IS DISTINCT FROM (excluded.due_at, excluded.past_due_since)
  OR (a.position_at IS DISTINCT FROM excluded.position_at
    AND (a.estimated_at < now() - interval '1 minute' OR a.shipment_id = ANY ($4::int[])))`;

/**
 * Writes the estimates of the shipments between two ids that are aboard; those of others between them go.
 * @param after exclusive
 * @param through inclusive; null: to the last
 * @returns the shipments whose estimates have gone, and those whose new estimates are news
 */
export async function writeEstimates(
  client: PoolClient,
  rows: readonly EstimateRow[],
  after: number,
  through: number | null,
): Promise<{ gone: number[]; news: number[] }> {
  const { rows: changed } = await client.query<{ id: number; isGone: boolean }>({
    name: "write_estimates",
    text: `WITH given AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($1::jsonb) AS t ("shipmentId" int, p50 float8, p90 float8, basis text, problem text,
          "laneOriginId" int, runs int, "distanceM" float8, "speedMps" float8, "observedMinutes" int, "positionAt" float8, "inTime" boolean,
          "dueAt" float8, "pastDueSince" float8, "isLate" boolean, "isAtRisk" boolean)),
      written AS (INSERT INTO arrival_estimates AS a (shipment_id, eta, p90, basis, problem, lane_origin_id, runs, distance_m, speed_mps, observed_minutes,
          position_at, in_time, due_at, past_due_since, late, at_risk, told_eta)
        SELECT "shipmentId", ${timeOfMs("p50")}, ${timeOfMs("p90")}, basis, problem, "laneOriginId", runs, "distanceM", "speedMps", "observedMinutes",
          ${timeOfMs('"positionAt"')}, "inTime", ${timeOfMs('"dueAt"')}, ${timeOfMs('"pastDueSince"')}, "isLate", "isAtRisk", ${timeOfMs("p50")} FROM given
        ORDER BY 1
        ON CONFLICT (shipment_id) DO UPDATE SET eta = excluded.eta, p90 = excluded.p90, basis = excluded.basis, problem = excluded.problem,
          lane_origin_id = excluded.lane_origin_id, runs = excluded.runs, distance_m = excluded.distance_m, speed_mps = excluded.speed_mps,
          observed_minutes = excluded.observed_minutes, position_at = excluded.position_at, in_time = excluded.in_time,
          due_at = excluded.due_at, past_due_since = excluded.past_due_since, late = excluded.late, at_risk = excluded.at_risk, estimated_at = now(),
          told_eta = CASE WHEN ${NEWS} THEN excluded.eta ELSE a.told_eta END
          WHERE ${CHANGED}
        RETURNING a.shipment_id AS id, a.told_eta IS NOT DISTINCT FROM a.eta OR a.past_due_since IS NOT NULL OR a.late AS "isNews"),
      gone AS (DELETE FROM arrival_estimates a WHERE a.shipment_id > $2 AND ($3::int IS NULL OR a.shipment_id <= $3)
        AND NOT EXISTS (SELECT FROM given g WHERE g."shipmentId" = a.shipment_id) RETURNING a.shipment_id AS id)
      SELECT id, false AS "isGone" FROM written WHERE "isNews" UNION ALL SELECT id, true FROM gone`,
    values: [JSON.stringify(rows), after, through, rows.flatMap((row) => (row.isQuiet ? [row.shipmentId] : []))],
  });
  const idsOf = (which: boolean) => changed.flatMap(({ id, isGone }) => (isGone === which ? [id] : []));
  return { gone: idsOf(true), news: idsOf(false) };
}

/** The stock positions that these shipments go to. */
export async function positionsOfShipments(client: PoolClient, shipmentIds: readonly number[]): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>({
    name: "positions_of_shipments",
    text: `SELECT DISTINCT i.id FROM shipments s JOIN shipment_goods g ON g.shipment_id = s.id
        JOIN inventory_items i ON i.item_id = g.item_id AND i.location_id = s.destination_id
      WHERE s.id = ANY($1::int[]) ORDER BY i.id`,
    values: [shipmentIds],
  });
  return rows.map(({ id }) => id);
}
