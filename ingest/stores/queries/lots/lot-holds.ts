import type { Pool, PoolClient } from "pg";

/** Goods of a lot at a stock position that are to be moved, and why. */
export interface LotAtPosition {
  stockId: number;
  lot: string;
  quantity: number;
  reason: string;
}

/** Whether there are goods of lots on hold that count as good. */
export async function hasGoodsOnHold(pool: Pool): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: "has_goods_on_hold",
    text: `SELECT FROM lots l JOIN stock_lots s ON s.item_id = l.item_id AND s.lot = l.number
        JOIN inventory_items i ON i.id = s.inventory_item_id AND i.condition = 'good'
      WHERE l.held_at IS NOT NULL LIMIT 1`,
  });
  return rowCount === 1;
}

/** Goods of lots on hold that count as good. @param lotId null: of all lots */
export async function findGoodsOnHold(
  client: PoolClient,
  lotId: number | null,
  limit: number,
): Promise<LotAtPosition[]> {
  const { rows } = await client.query<LotAtPosition>({
    name: "goods_on_hold",
    text: `SELECT s.inventory_item_id AS "stockId", s.lot, s.quantity, left('lot ' || l.number || ' on hold: ' || l.hold_reason, 255) AS reason
      FROM lots l JOIN stock_lots s ON s.item_id = l.item_id AND s.lot = l.number
        JOIN inventory_items i ON i.id = s.inventory_item_id AND i.condition = 'good'
      WHERE l.held_at IS NOT NULL AND ($1::int IS NULL OR l.id = $1) ORDER BY s.inventory_item_id, s.lot LIMIT $2`,
    values: [lotId, limit],
  });
  return rows;
}

/** What is on hold of a lot that is not on hold any more. */
export async function findGoodsToRelease(client: PoolClient, lotId: number): Promise<LotAtPosition[]> {
  const { rows } = await client.query<LotAtPosition>({
    name: "goods_to_release",
    text: `SELECT s.inventory_item_id AS "stockId", s.lot, s.quantity, left('lot ' || l.number || ' released', 255) AS reason
      FROM lots l JOIN stock_lots s ON s.item_id = l.item_id AND s.lot = l.number
        JOIN inventory_items i ON i.id = s.inventory_item_id AND i.condition = 'hold'
      WHERE l.id = $1 AND l.held_at IS NULL ORDER BY s.inventory_item_id, s.lot`,
    values: [lotId],
  });
  return rows;
}

/**
 * The positions of the same item, place and owner in another condition; made where there is none. Good ones that are made are the
 * main position where none was.
 * @returns by the ids of the given ones
 */
export async function positionsInCondition(
  client: PoolClient,
  stockIds: readonly number[],
  condition: "good" | "hold",
): Promise<Map<number, number>> {
  const others = `FROM inventory_items i JOIN inventory_items o ON o.item_id = i.item_id AND o.location_id = i.location_id
      AND o.owner_id IS NOT DISTINCT FROM i.owner_id AND o.condition = $2 WHERE i.id = ANY($1::int[])`;
  const values = [stockIds, condition];
  await client.query({
    name: "add_positions_in_condition",
    text: `INSERT INTO inventory_items (item_id, location_id, owner_id, condition, inherits_reorder_point, is_main)
      SELECT DISTINCT i.item_id, i.location_id, i.owner_id, $2, true, $2 = 'good' AND NOT EXISTS (SELECT FROM inventory_items m
          WHERE m.item_id = i.item_id AND m.location_id = i.location_id AND m.is_main)
      FROM inventory_items i WHERE i.id = ANY($1::int[]) AND NOT EXISTS (SELECT FROM inventory_items o WHERE o.item_id = i.item_id
          AND o.location_id = i.location_id AND o.owner_id IS NOT DISTINCT FROM i.owner_id AND o.condition = $2)
      ON CONFLICT DO NOTHING`,
    values,
  });
  const { rows } = await client.query<{ from: number; to: number }>({
    name: "positions_in_condition",
    text: `SELECT i.id AS "from", o.id AS "to" ${others}`,
    values,
  });
  return new Map(rows.map(({ from, to }) => [from, to]));
}
