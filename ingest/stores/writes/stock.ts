import type { NewFact } from "../../domain/fact.ts";
import { MAX_LEVEL } from "../../domain/stock/movement.ts";
import { isCount, standingCount } from "../queries/cycle-counts.ts";
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

const POSITION = "CASE WHEN f.subject LIKE 'stock:%' THEN substr(f.subject, 7)::int END";

/**
 * A person's count of a position closes the cycle count that is open there, whatever way it came: entered for the cycle count, as a
 * level that was set, by a scan or by an import. The count must not be older than the cycle count:
 *
 * - What a person enters is as old as its record here, whatever the clock of that machine says.
 * - A scan is as old as its own time says, and no newer than its record. One of before the asking that arrives late closes nothing, and
 *   neither does one that is derived again.
 *
 * The first count that becomes known answers; of several that become known together, the earliest. A count of one lot says nothing of
 * the others, so it closes nothing.
 *
 * A count that is taken back was none: what it had closed is asked for again, unless somebody has counted since.
 */
export function answerCycleCounts(added: readonly NewFact[]): Write[] {
  const writes: Write[] = [];
  if (added.some((fact) => fact.type === "counted" && fact.data.source === "person")) {
    writes.push({
      name: "cycle_counts_closed",
      sql: `UPDATE cycle_counts c SET state = 'counted', counted_quantity = n.quantity, actor_id = n.actor_id,
          closed_at = greatest(n.at, c.opened_at), updated_at = now(), version = c.version + 1
        FROM (SELECT DISTINCT ON (o.id) o.id, f.at, f.actor_id, least((f.data ->> 'quantity')::float8, ${MAX_LEVEL})::int AS quantity
          FROM facts_added f JOIN cycle_counts o ON o.inventory_item_id = ${POSITION} AND o.state = 'open'
          WHERE ${isCount("f")} AND f.voided_by IS NULL AND date_trunc('milliseconds', o.opened_at) <= CASE f.rule WHEN 'person' THEN f.recorded_at ELSE least(f.at, f.recorded_at) END
          ORDER BY o.id, f.at, f.id) n
        WHERE c.id = n.id AND c.state = 'open'`,
      params: [],
    });
  }
  if (added.some((fact) => fact.type === "adjusted" && fact.data.reverses !== undefined)) {
    writes.push({
      name: "cycle_counts_asked_again",
      sql: `INSERT INTO cycle_counts (inventory_item_id, reason, detail)
        SELECT c.inventory_item_id, 'asked', 'the count of ' || (f.data ->> 'quantity') || ' was taken back'
        FROM facts_added r JOIN facts f ON f.id = (r.data ->> 'reverses')::bigint AND ${isCount("f")}
          JOIN LATERAL (SELECT * FROM cycle_counts o WHERE o.inventory_item_id = ${POSITION} AND o.state = 'counted'
            AND o.closed_at <= greatest(f.at, o.opened_at) ORDER BY o.closed_at DESC, o.id DESC LIMIT 1) c ON true
        WHERE r.type = 'adjusted'
          AND NOT EXISTS (SELECT FROM facts n WHERE n.subject = f.subject AND n.at >= c.opened_at AND n.id <> f.id AND ${standingCount("n")})
        ON CONFLICT (inventory_item_id) WHERE state = 'open' DO NOTHING`,
      params: [],
    });
  }
  return writes;
}
