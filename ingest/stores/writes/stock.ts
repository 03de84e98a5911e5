import type { Write } from "../statement.ts";
import { timeOfMs } from "../sql-time.ts";

/** The folded state of one stock position; `measuredAt` in epoch milliseconds. */
export interface StockRow {
  id: number;
  quantity: number;
  measuredAt: number | null;
  fold: unknown;
}

export function writeStock(rows: readonly StockRow[]): Write {
  return {
    name: "stocked",
    sql: `UPDATE inventory_items i SET quantity = t.quantity, measured_at = ${timeOfMs('t."measuredAt"')}, fold = t.fold,
        updated_at = now(), version = i.version + 1
      FROM jsonb_to_recordset($1::jsonb) AS t (id int, quantity int, "measuredAt" float8, fold jsonb)
      WHERE i.id = t.id`,
    params: [JSON.stringify(rows)],
  };
}

/** Leaves for the relay whose level is another one now. The rows guard no order: the event tells the level of its own time. */
export function tellOfLevels(ids: readonly number[]): Write {
  return {
    name: "levels_left_for_relay",
    sql: "INSERT INTO outbox (event, record_id) SELECT 'stock.level_changed', unnest($1::bigint[])",
    params: [ids],
  };
}
