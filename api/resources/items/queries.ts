import type { Pool, PoolClient } from "pg";
import type { ListFilter } from "../../http/crud-routes.ts";
import type { Versioned } from "../../http/response.ts";
import type { Item } from "./schema.ts";

const ITEM = `SELECT id, sku, name, gtin, barcode, base_unit, packs, unit_weight_grams, value_cents, currency, supplier_id,
  created_at, updated_at, version FROM items`;

export async function findItem(db: Pool | PoolClient, id: number): Promise<Versioned<Item> | undefined> {
  const { rows } = await db.query<Versioned<Item>>(`${ITEM} WHERE id = $1`, [id]);
  return rows[0];
}

export async function listItems(db: Pool, { after, q, limit }: ListFilter): Promise<Versioned<Item>[]> {
  const { rows } = await db.query<Versioned<Item>>(
    `${ITEM} WHERE id > $1 AND ($2::text IS NULL OR strpos(lower(name), lower($2)) > 0 OR sku = $2 OR gtin = $2 OR barcode = $2)
    ORDER BY id LIMIT $3`,
    [after ?? 0, q ?? null, limit],
  );
  return rows;
}
