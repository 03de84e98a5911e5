import type { Pool } from "pg";
import type { AbcClass, CountedPosition, Usage } from "../../domain/stock/count-schedule.ts";
import { msOfTime } from "../sql-time.ts";
import { standingCount } from "./cycle-counts.ts";

/** What people have taken from each position that they book, in the last days, by its value. */
export async function loadUsage(pool: Pool, days: number): Promise<Usage[]> {
  const { rows } = await pool.query<Usage>(
    `SELECT i.id, sum(-m.delta)::float8 * coalesce(t.value_cents, 1) AS "valueCents"
    FROM inventory_items i JOIN items t ON t.id = i.item_id JOIN movements m ON m.inventory_item_id = i.id
    WHERE i.source = 'ledger' AND m.delta < 0 AND m.at > now() - make_interval(days => $1)
    GROUP BY i.id, t.value_cents HAVING sum(-m.delta)::float8 * coalesce(t.value_cents, 1) > 0`,
    [days],
  );
  return rows;
}

/** Positions that people book and that nobody is asked to count, page by page, with the last count by a person, whatever way it came. */
export async function loadUncounted(pool: Pool, after: number, limit: number): Promise<CountedPosition[]> {
  const { rows } = await pool.query<CountedPosition>(
    `SELECT i.id, i.location_id AS "locationId", ${msOfTime("i.created_at")} AS "createdAt", ${msOfTime("c.at")} AS "lastCountedAt"
    FROM inventory_items i
      LEFT JOIN LATERAL (SELECT f.at FROM facts f WHERE f.subject = 'stock:' || i.id AND ${standingCount("f")}
        ORDER BY f.at DESC LIMIT 1) c ON true
    WHERE i.id > $1 AND i.source = 'ledger'
      AND NOT EXISTS (SELECT FROM cycle_counts o WHERE o.inventory_item_id = i.id AND o.state = 'open')
    ORDER BY i.id LIMIT $2`,
    [after, limit],
  );
  return rows;
}

/** How many scheduled counts are open at each location. */
export async function loadOpenScheduled(pool: Pool): Promise<Map<number, number>> {
  const { rows } = await pool.query<{ locationId: number; open: number }>(
    `SELECT i.location_id AS "locationId", count(*)::int AS open FROM cycle_counts c JOIN inventory_items i ON i.id = c.inventory_item_id
    WHERE c.state = 'open' AND c.reason = 'scheduled' GROUP BY i.location_id`,
  );
  return new Map(rows.map(({ locationId, open }) => [locationId, open]));
}

/** Asks for counts. What somebody is asked to count already, or is not booked by people any more, is left out. */
export async function openScheduledCounts(
  pool: Pool,
  counts: readonly { id: number; abc: AbcClass }[],
): Promise<number> {
  const { rowCount } = await pool.query(
    `INSERT INTO cycle_counts (inventory_item_id, reason, source_counts, detail)
    SELECT i.id, 'scheduled', jsonb_build_object('ledger', greatest(i.quantity, 0)), 'class ' || t.abc
    FROM jsonb_to_recordset($1::jsonb) AS t (id int, abc text) JOIN inventory_items i ON i.id = t.id AND i.source = 'ledger'
    ON CONFLICT (inventory_item_id) WHERE state = 'open' DO NOTHING`,
    [JSON.stringify(counts)],
  );
  return rowCount ?? 0;
}
