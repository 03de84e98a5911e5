import type { PoolClient } from "pg";
import type { ArrivalEstimate, TrailPoint } from "../../../domain/shipment/arrival-estimate.ts";
import { TRAIL_MS } from "../../../domain/shipment/arrival-estimate.ts";
import { msOfTime, timeOfMs } from "../../sql-time.ts";

/** Shipments of products that a vehicle carries to a place. The same condition as of the index `shipments_aboard`. */
const ABOARD = `(s.item_id IS NOT NULL OR s.line_count > 1) AND s.destination_id IS NOT NULL AND s.vehicle_id IS NOT NULL
  AND s.status NOT IN ('delivered', 'returned', 'cancelled')`;
/** A position is kept as a point of the trail when it is so much newer than the last one. */
const TRAIL_STEP = "4 minutes 50 seconds";

/** Adds the positions of vehicles that carry goods to their trails, and forgets what is older than an hour. */
export async function extendTrails(client: PoolClient): Promise<void> {
  await client.query({
    name: "extend_trails",
    text: `INSERT INTO vehicle_trails (vehicle_id, at, lat, lon)
      SELECT p.vehicle_id, p.ts, p.lat, p.lon FROM vehicle_positions p
      WHERE p.vehicle_id IN (SELECT s.vehicle_id FROM shipments s WHERE ${ABOARD})
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
  destinationId: number;
  /** of its products' suppliers the shortest: what comes later than that is late for one of them */
  leadTimeDays: number | null;
  position: TrailPoint | null;
  trail: TrailPoint[];
  /** of the last estimate; null: there is none */
  wasInTime: boolean | null;
}

/** The next shipments that vehicles carry, by id. @param after id of the last one before */
export async function loadAboard(client: PoolClient, after: number, limit: number): Promise<Aboard[]> {
  const { rows } = await client.query<Aboard>({
    name: "load_aboard",
    text: `SELECT s.id AS "shipmentId", s.destination_id AS "destinationId", y.days AS "leadTimeDays", a.in_time AS "wasInTime", coalesce(t.points, '[]') AS trail,
        CASE WHEN p.vehicle_id IS NOT NULL THEN json_build_object('at', ${msOfTime("p.ts")}, 'lat', p.lat, 'lon', p.lon) END AS position
      FROM (SELECT s.* FROM shipments s WHERE ${ABOARD} AND s.id > $1 ORDER BY s.id LIMIT $2) s
        LEFT JOIN LATERAL (SELECT min(y.lead_time_days) AS days FROM shipment_goods g JOIN items i ON i.id = g.item_id
          JOIN parties y ON y.id = i.supplier_id WHERE g.shipment_id = s.id) y ON true
        LEFT JOIN vehicle_positions p ON p.vehicle_id = s.vehicle_id
        LEFT JOIN LATERAL (SELECT json_agg(json_build_object('at', ${msOfTime("t.at")}, 'lat', t.lat, 'lon', t.lon) ORDER BY t.at) AS points
          FROM vehicle_trails t WHERE t.vehicle_id = s.vehicle_id) t ON true
        LEFT JOIN arrival_estimates a ON a.shipment_id = s.id
      ORDER BY s.id`,
    values: [after, limit],
  });
  return rows;
}

export type EstimateRow = ArrivalEstimate & { shipmentId: number; inTime: boolean };

/**
 * Writes the estimates of the shipments between two ids that are aboard; those of others between them go.
 * @param after exclusive
 * @param through inclusive; null: to the last
 * @returns the shipments whose estimates have gone
 */
export async function writeEstimates(
  client: PoolClient,
  rows: readonly EstimateRow[],
  after: number,
  through: number | null,
): Promise<number[]> {
  const { rows: gone } = await client.query<{ id: number }>({
    name: "write_estimates",
    text: `WITH given AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($1::jsonb) AS t ("shipmentId" int, eta float8, problem text,
          "distanceM" float8, "speedMps" float8, "observedMinutes" int, "positionAt" float8, "inTime" boolean)),
      written AS (INSERT INTO arrival_estimates AS a (shipment_id, eta, problem, distance_m, speed_mps, observed_minutes, position_at, in_time)
        SELECT "shipmentId", ${timeOfMs("eta")}, problem, "distanceM", "speedMps", "observedMinutes", ${timeOfMs('"positionAt"')}, "inTime" FROM given
        ORDER BY 1
        ON CONFLICT (shipment_id) DO UPDATE SET eta = excluded.eta, problem = excluded.problem, distance_m = excluded.distance_m,
          speed_mps = excluded.speed_mps, observed_minutes = excluded.observed_minutes, position_at = excluded.position_at,
          in_time = excluded.in_time, estimated_at = now()
          WHERE (a.eta, a.problem, a.position_at, a.speed_mps, a.in_time)
            IS DISTINCT FROM (excluded.eta, excluded.problem, excluded.position_at, excluded.speed_mps, excluded.in_time))
      DELETE FROM arrival_estimates a WHERE a.shipment_id > $2 AND ($3::int IS NULL OR a.shipment_id <= $3)
        AND NOT EXISTS (SELECT FROM given g WHERE g."shipmentId" = a.shipment_id) RETURNING a.shipment_id AS id`,
    values: [JSON.stringify(rows), after, through],
  });
  return gone.map(({ id }) => id);
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
