import type { Movement } from "../../domain/stock/movement.ts";
import { timeOfMs } from "../sql-time.ts";
import type { Write } from "../statement.ts";

/** A movement with the id of its fact; undefined for a fact of the same statement. */
export type MovementRow = Movement & { id?: number };

/**
 * Records movements under the ids of their facts. Those of `refolded` positions are all of them: what else was recorded
 * there goes.
 * @param addsFacts whether the statement adds facts; their movements find their ids there
 */
export function writeMovements(rows: readonly MovementRow[], refolded: readonly number[], addsFacts: boolean): Write[] {
  const writes: Write[] = [];
  if (rows.length > 0) {
    writes.push({
      name: "moved",
      sql: `INSERT INTO movements AS m (id, inventory_item_id, at, delta, level, unfit)
        SELECT ${addsFacts ? "coalesce(t.id, f.id, (SELECT id FROM facts WHERE key = t.key))" : "t.id"}, t."stockId", ${timeOfMs("t.at")}, t.delta, t.level, t.unfit
        FROM jsonb_to_recordset($1::jsonb) AS t (id bigint, key text, "stockId" int, at float8, delta int, level int, unfit int)
        ${addsFacts ? "LEFT JOIN facts_added f ON f.key = t.key" : ""} ORDER BY 1
        ON CONFLICT (id) DO UPDATE SET at = excluded.at, delta = excluded.delta, level = excluded.level, unfit = excluded.unfit
          WHERE (m.at, m.delta, m.level, m.unfit) IS DISTINCT FROM (excluded.at, excluded.delta, excluded.level, excluded.unfit)`,
      params: [JSON.stringify(rows)],
    });
  }
  if (refolded.length > 0) {
    writes.push({
      name: "unmoved",
      sql: `DELETE FROM movements m WHERE inventory_item_id = ANY($1::int[])
        AND NOT EXISTS (SELECT FROM unnest($2::bigint[]) AS kept (id) WHERE kept.id = m.id)`,
      params: [refolded, rows.flatMap(({ id }) => id ?? [])],
    });
  }
  return writes;
}
