import type { Reader } from "../../auth/limits.ts";
import type { StockEvent } from "./stock-event-schema.ts";

export interface StockEventFilter {
  inventoryItemId: number;
  type: string | undefined;
  /** inclusive */
  from: Date | undefined;
  /** exclusive */
  to: Date | undefined;
  /** time and id of the last event on the page before */
  after: readonly [string, number] | undefined;
  limit: number;
}

/** The facts of a stock position that are not withdrawn, unexplained removals included; oldest first. */
export async function listStockEvents(
  db: Reader,
  { inventoryItemId, type, from, to, after, limit }: StockEventFilter,
): Promise<StockEvent[]> {
  const { rows } = await db.query<StockEvent>({
    name: "api_stock_events",
    text: `SELECT id, date_trunc('milliseconds', at) AS at, type, data ->> 'source' AS source, (data ->> 'quantity')::float8 AS quantity,
        data ->> 'lot' AS lot, CASE WHEN type = 'lot_counted' THEN (SELECT m.delta FROM movements m WHERE m.id = facts.id)
          ELSE coalesce((data ->> 'change')::float8, (data ->> 'delta')::float8) END AS change, (data ->> 'before')::float8 AS before,
        (data ->> 'after')::float8 AS after, coalesce(data ->> 'reason', data ->> 'problem') AS reason, rule, evidence, confidence, actor_id, device_id, recorded_at
      FROM facts WHERE subject IN ('stock:' || $1::int, 'removals:' || $1::int) AND withdrawn_at IS NULL
        AND ($2::text IS NULL OR type = $2) AND at >= coalesce($6, '-infinity'::timestamptz) AND at < coalesce($7, 'infinity'::timestamptz)
        AND (at, id) > (coalesce($3::timestamptz, '-infinity'), $4::bigint)
      ORDER BY at, id LIMIT $5`,
    values: [inventoryItemId, type ?? null, after?.[0] ?? null, after?.[1] ?? 0, limit, from ?? null, to ?? null],
  });
  return rows;
}
