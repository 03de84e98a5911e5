import type { Reader } from "../../auth/limits.ts";

/** A stock position as a table has it: what is known of its level, and its own rules. */
export interface StockRow {
  id: number;
  item_id: number;
  sku: string;
  location_id: number;
  location: string;
  owner_id: number | null;
  owner: string | null;
  condition: string;
  /** null: not measured yet */
  quantity: number | null;
  /** null: it is inherited */
  reorder_point: number | null;
  source: string;
}

const STOCK_ROW = `SELECT i.id, i.item_id, t.sku, i.location_id, l.name AS location, i.owner_id, o.name AS owner, i.condition,
    CASE WHEN i.measured_at IS NOT NULL THEN greatest(i.quantity, 0) END AS quantity,
    CASE WHEN NOT i.inherits_reorder_point THEN i.reorder_point END AS reorder_point, i.source
  FROM inventory_items i JOIN items t ON t.id = i.item_id JOIN locations l ON l.id = i.location_id LEFT JOIN parties o ON o.id = i.owner_id`;

export async function listStockRows(db: Reader, after: number | undefined, limit: number): Promise<StockRow[]> {
  const { rows } = await db.query<StockRow>(`${STOCK_ROW} WHERE i.id > $1 ORDER BY i.id LIMIT $2`, [after ?? 0, limit]);
  return rows;
}

/** Those of these items at these locations. One that the mounting of a scale has made is nobody's yet. */
export async function findStockRows(db: Reader, places: readonly Record<string, unknown>[]): Promise<StockRow[]> {
  const named = places.filter(({ item_id, location_id }) => isId(item_id) && isId(location_id));
  const { rows } = await db.query<StockRow>(
    `${STOCK_ROW} JOIN (SELECT DISTINCT item_id, location_id FROM unnest($1::int[], $2::int[]) AS p (item_id, location_id)) p
      ON p.item_id = i.item_id AND p.location_id = i.location_id WHERE i.made_for IS NULL`,
    [named.map(({ item_id }) => item_id), named.map(({ location_id }) => location_id)],
  );
  return rows;
}

const isId = (value: unknown): boolean => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31;
