import type { Pool, PoolClient } from "pg";
import type { AlertedFact } from "../../../domain/alert/events.ts";
import type { AlertedStock } from "../../../domain/alert/stock.ts";
import { msOfTime } from "../../sql-time.ts";

export interface AlertedPosition extends AlertedStock {
  removals: AlertedFact[];
}

/** Facts that were recorded longer ago are no news. */
export const NEWS_WINDOW = "30 days";

const FACT = `'id', f.id, 'at', ${msOfTime("f.at")}, 'recordedAt', ${msOfTime("f.recorded_at")}, 'isWithdrawn', f.withdrawn_at IS NOT NULL`;

const POSITION = `SELECT i.id, i.location_id AS "locationId", i.condition, i.reorder_point AS "reorderPoint",
    greatest(i.quantity, 0) AS quantity, greatest(i.quantity, 0) - i.reserved AS available,
    (greatest(i.quantity, 0) - i.reserved + on_order(i.id) + in_transit(i.id))::float8 AS projected,
    ${msOfTime("i.measured_at")} AS "measuredAt", ${msOfTime("i.updated_at")} AS "changedAt",
    coalesce((SELECT f.late FROM facts f WHERE f.subject = 'stock:' || i.id AND f.at = i.measured_at AND f.withdrawn_at IS NULL
      ORDER BY f.id DESC LIMIT 1), false) AS late,
    (SELECT json_build_object('id', c.id, 'reason', c.reason, 'openedAt', ${msOfTime("c.opened_at")}, 'differsSince', ${msOfTime("c.differs_since")},
        'suspect', c.suspect, 'detail', c.detail, 'deviceId', c.device_id)
      FROM cycle_counts c WHERE c.inventory_item_id = i.id AND c.state = 'open' AND c.reason NOT IN ('asked', 'scheduled')) AS count,
    coalesce((SELECT json_agg(json_build_object(${FACT}, 'late', f.late OR coalesce(c.late, false),
        'detail', f.data || jsonb_build_object('device_id', f.device_id)) ORDER BY f.id)
      FROM facts f LEFT JOIN facts c ON c.key = substr(f.key, length('unexplained:') + 1)
      WHERE f.subject = 'removals:' || i.id AND f.recorded_at > now() - interval '${NEWS_WINDOW}'), '[]') AS removals
  FROM inventory_items i`;

export async function loadAlertedStock(db: Pool | PoolClient, ids: readonly number[]): Promise<AlertedPosition[]> {
  const { rows } = await db.query<AlertedPosition>({
    name: "alerted_stock",
    text: `${POSITION} WHERE i.id = ANY ($1::int[]) ORDER BY i.id`,
    values: [ids],
  });
  return rows;
}

/** Ids of stock positions that have changed since then, page by page. @param since epoch milliseconds by the clock of Postgres; 0: all */
export async function stockToAssess(pool: Pool, since: number, after: number, limit: number): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>({
    name: "stock_to_assess",
    text: `SELECT id FROM inventory_items WHERE id > $2 AND updated_at >= to_timestamp($1::float8 / 1000) ORDER BY id LIMIT $3`,
    values: [since, after, limit],
  });
  return rows.map(({ id }) => id);
}
