import type { Reader } from "../../auth/limits.ts";
import type { ListFilter } from "../../http/crud-routes.ts";
import { Conditions, containing } from "../../http/lists/conditions.ts";
import type { Versioned } from "../../http/response.ts";
import { whereCustom } from "../custom-fields/where-custom.ts";
import type { Item } from "./schema.ts";

const ITEM = `SELECT id, sku, name, gtin, barcode, base_unit, packs, unit_weight_grams, unit_volume_litres, value_cents, currency, supplier_id,
  storage_category, attributes, tags, created_at, updated_at, version FROM items`;

export async function findItem(db: Reader, id: number): Promise<Versioned<Item> | undefined> {
  const { rows } = await db.query<Versioned<Item>>(`${ITEM} WHERE id = $1`, [id]);
  return rows[0];
}

export async function findItemsBySku(db: Reader, skus: readonly string[]): Promise<Versioned<Item>[]> {
  const { rows } = await db.query<Versioned<Item>>(`${ITEM} WHERE sku = ANY($1::text[])`, [skus]);
  return rows;
}

export async function listItems(db: Reader, { after, q, limit, filters }: ListFilter): Promise<Versioned<Item>[]> {
  const conditions = whereCustom(new Conditions().where("id > ?", after), "items", filters, { after });
  if (q !== undefined) {
    const code = conditions.parameter(q);
    const named = `lower(name) LIKE lower(?) OR sku = ${code} OR gtin = ${code} OR barcode = ${code}`;
    conditions.where(`(${named})`, containing(q));
  }
  const { rows } = await db.query<Versioned<Item>>(
    `${ITEM} ${conditions.sql} ORDER BY id LIMIT ${conditions.parameter(limit)}`,
    conditions.values,
  );
  return rows;
}
