import type { Pool, PoolClient } from "pg";
import type { AlertedShipment } from "../../../domain/alert/shipment.ts";
import { msOfTime } from "../../sql-time.ts";
import { NEWS_WINDOW } from "./stock.ts";

export async function loadAlertedShipments(db: Pool | PoolClient, ids: readonly number[]): Promise<AlertedShipment[]> {
  const { rows } = await db.query<AlertedShipment>({
    name: "alerted_shipments",
    text: `SELECT s.id, s.status, s.location_id AS "locationId", s.origin_id AS "originId", s.destination_id AS "destinationId",
        coalesce((SELECT json_agg(json_build_object('id', f.id, 'at', ${msOfTime("f.at")}, 'recordedAt', ${msOfTime("f.recorded_at")},
          'isWithdrawn', f.withdrawn_at IS NOT NULL, 'late', f.late, 'type', f.type, 'kind', f.data ->> 'kind',
          'since', (f.data ->> 'since')::float8, 'detail', f.data || jsonb_build_object('device_id', f.device_id)) ORDER BY f.id)
        FROM facts f WHERE f.subject = 'shipment:' || s.id AND f.type IN ('excursion', 'risk', 'risk_over')
          AND f.recorded_at > now() - interval '${NEWS_WINDOW}'), '[]') AS facts,
        json_build_object('dueAt', ${msOfTime("s.due_at")}, 'now', ${msOfTime("now()")}, 'p50', ${msOfTime("a.eta")}, 'p90', ${msOfTime("a.p90")},
          'positionAt', ${msOfTime("a.position_at")}, 'pastDueSince', CASE WHEN a.due_at = s.due_at THEN ${msOfTime("a.past_due_since")} END,
          'basis', a.basis, 'runs', a.runs) AS promise
      FROM shipments s LEFT JOIN arrival_estimates a ON a.shipment_id = s.id AND s.vehicle_id IS NOT NULL WHERE s.id = ANY ($1::int[]) ORDER BY s.id`,
    values: [ids],
  });
  return rows;
}

/**
 * Ids of shipments that have changed since then, page by page. Asked for all, those that are not closed: the others are told by
 * their notices, and by what was found of them. @param since epoch milliseconds by the clock of Postgres; 0: all
 */
export async function shipmentsToAssess(pool: Pool, since: number, after: number, limit: number): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>({
    name: "shipments_to_assess",
    text: `SELECT id FROM shipments WHERE id > $2 AND updated_at >= to_timestamp($1::float8 / 1000)
        AND ($1 > 0 OR status NOT IN ('delivered', 'returned', 'cancelled')) ORDER BY id LIMIT $3`,
    values: [since, after, limit],
  });
  return rows.map(({ id }) => id);
}
