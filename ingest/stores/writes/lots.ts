import type { NewFact } from "../../domain/fact.ts";
import { type LotMovement, lotsNamedBy, type LotQuantity } from "../../domain/stock/lots.ts";
import { timeOfMs } from "../sql-time.ts";
import type { Write } from "../statement.ts";

/** A movement of a lot with the id of its fact; undefined for a fact of the same statement. */
export type LotMovementRow = LotMovement & { id?: number };

/** The lots of a stock position; of one that has none any more, an empty list. */
export interface LotRow {
  stockId: number;
  lots: readonly LotQuantity[];
}

/**
 * Adds the lots that facts name, with the dates of their labels. Two labels of one lot with different dates: the earlier one
 * holds, until a person says the date.
 */
export function lotsOfFacts(facts: readonly NewFact[]): Write[] {
  const named = facts.flatMap((fact) => {
    const stockId = Number(/^stock:(\d+)$/.exec(fact.subject)?.[1]);
    return lotsNamedBy(fact).map(({ lot, expiry = null }) => ({ stockId, lot, expiry }));
  });
  if (named.length === 0) return [];
  return [
    {
      name: "lots_added",
      sql: `INSERT INTO lots AS l (item_id, number, expires_on)
        SELECT i.item_id, t.lot, min(t.expiry) FROM jsonb_to_recordset($1::jsonb) AS t ("stockId" int, lot text, expiry date)
          JOIN inventory_items i ON i.id = t."stockId" GROUP BY i.item_id, t.lot ORDER BY i.item_id, t.lot
        ON CONFLICT (item_id, number) DO UPDATE SET expires_on = excluded.expires_on, updated_at = now(), version = l.version + 1
          WHERE NOT l.is_expiry_stated AND excluded.expires_on < coalesce(l.expires_on, 'infinity')`,
      params: [JSON.stringify(named)],
    },
  ];
}

/**
 * Writes which lots there are and what they changed by. The movements of `refolded` positions are all of them: what else was
 * recorded there goes.
 * @param addsFacts whether the statement adds facts; their movements find their ids there
 */
export function writeLots(
  stock: { lots: readonly LotRow[]; lotMovements: readonly LotMovementRow[]; refolded: readonly number[] },
  addsFacts: boolean,
): Write[] {
  const { lots, lotMovements } = stock;
  if (lots.length === 0) return [];
  const positions = lots.map(({ stockId }) => stockId);
  const json = JSON.stringify(lots.flatMap(({ stockId, lots: of }) => of.map((lot) => ({ stockId, ...lot }))));
  const record = `jsonb_to_recordset($1::jsonb) AS t ("stockId" int, lot text, quantity int, since float8)`;
  const writes: Write[] = [
    {
      name: "stock_lots_written",
      sql: `INSERT INTO stock_lots AS s (inventory_item_id, item_id, lot, quantity, since)
        SELECT i.id, i.item_id, t.lot, t.quantity, ${timeOfMs("t.since")} FROM ${record} JOIN inventory_items i ON i.id = t."stockId" ORDER BY i.id, t.lot
        ON CONFLICT (inventory_item_id, lot) DO UPDATE SET quantity = excluded.quantity, since = excluded.since
          WHERE (s.quantity, s.since) IS DISTINCT FROM (excluded.quantity, excluded.since)`,
      params: [json],
    },
    {
      name: "stock_lots_deleted",
      sql: `DELETE FROM stock_lots s WHERE s.inventory_item_id = ANY($2::int[])
        AND NOT EXISTS (SELECT FROM ${record} WHERE t."stockId" = s.inventory_item_id AND t.lot = s.lot)`,
      params: [json, positions],
    },
  ];
  if (lotMovements.length > 0) {
    writes.push({
      name: "lots_moved",
      sql: `INSERT INTO lot_movements AS m (id, inventory_item_id, item_id, lot, at, delta, quantity)
        SELECT ${addsFacts ? "coalesce(t.id, f.id, (SELECT id FROM facts WHERE key = t.key))" : "t.id"}, i.id, i.item_id, t.lot, ${timeOfMs("t.at")}, t.delta, t.quantity
        FROM jsonb_to_recordset($1::jsonb) AS t (id bigint, key text, "stockId" int, lot text, at float8, delta int, quantity int)
        JOIN inventory_items i ON i.id = t."stockId" ${addsFacts ? "LEFT JOIN facts_added f ON f.key = t.key" : ""} ORDER BY 1, 4
        ON CONFLICT (id, lot) DO UPDATE SET at = excluded.at, delta = excluded.delta, quantity = excluded.quantity
          WHERE (m.at, m.delta, m.quantity) IS DISTINCT FROM (excluded.at, excluded.delta, excluded.quantity)`,
      params: [JSON.stringify(lotMovements)],
    });
  }
  const refolded = stock.refolded.filter((id) => positions.includes(id));
  if (refolded.length > 0) {
    const kept = lotMovements.flatMap(({ id, lot }) => (id === undefined ? [] : [{ id, lot }]));
    writes.push({
      name: "lots_unmoved",
      sql: `DELETE FROM lot_movements m WHERE inventory_item_id = ANY($1::int[])
        AND NOT EXISTS (SELECT FROM jsonb_to_recordset($2::jsonb) AS kept (id bigint, lot text) WHERE kept.id = m.id AND kept.lot = m.lot)`,
      params: [refolded, JSON.stringify(kept)],
    });
  }
  return writes;
}
