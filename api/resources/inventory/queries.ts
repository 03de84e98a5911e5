import type { Pool, PoolClient } from "pg";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { InventoryItem } from "./schema.ts";

const ISO = (time: string) => `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The sensor of a stock position that cannot be believed now, or the reader that has fallen silent; null for none. */
const SUSPECT = `CASE
    WHEN i.suspect_since_ms IS NOT NULL THEN json_build_object('source', i.fold -> 'suspect' -> 'source',
      'problem', i.fold -> 'suspect' -> 'problem', 'since', ${ISO("to_timestamp(i.suspect_since_ms / 1000.0)")},
      'device_id', i.fold -> 'suspect' -> 'deviceId', 'detail', i.fold -> 'suspect' -> 'detail')
    WHEN i.source = 'rfid' THEN (SELECT json_build_object('source', 'rfid', 'problem', 'reader_silent', 'since', ${ISO("r.since")},
      'device_id', r.device_id, 'detail', 'nothing was heard of the reader: the last count stands')
      FROM silent_readers r WHERE r.location_id = i.location_id ORDER BY r.since LIMIT 1)
    END`;

const INVENTORY_ITEM = `SELECT i.id, i.item_id, t.name, t.sku, i.owner_id, i.quantity, t.base_unit AS unit, i.reserved,
    i.quantity - i.reserved AS available, i.condition, i.location_id, i.reorder_point, i.source, i.measured_at, x.suspect,
    coalesce(x.suspect ->> 'source' = i.source, false) AS stale, i.version
  FROM inventory_items i JOIN items t ON t.id = i.item_id CROSS JOIN LATERAL (SELECT ${SUSPECT} AS suspect) x`;

export async function findInventoryItem(
  db: Pool | PoolClient,
  id: number,
): Promise<Versioned<InventoryItem> | undefined> {
  const { rows } = await db.query<Versioned<InventoryItem>>({
    name: "api_inventory_item",
    text: `${INVENTORY_ITEM} WHERE i.id = $1`,
    values: [id],
  });
  return rows[0];
}

/** @throws Problem 404 when there is no such inventory item */
export async function getInventoryItem(db: Pool | PoolClient, id: number): Promise<Versioned<InventoryItem>> {
  return found(await findInventoryItem(db, id), "inventory item");
}

export async function findInventoryItems(db: Pool, ids: readonly number[]): Promise<Versioned<InventoryItem>[]> {
  const { rows } = await db.query<Versioned<InventoryItem>>({
    name: "api_inventory_items_by_id",
    text: `${INVENTORY_ITEM} WHERE i.id = ANY($1::int[]) ORDER BY i.id`,
    values: [ids],
  });
  return rows;
}

export async function inventoryItemsChangedSince(db: Pool, since: Date): Promise<Versioned<InventoryItem>[]> {
  const { rows } = await db.query<Versioned<InventoryItem>>(
    `${INVENTORY_ITEM} WHERE i.updated_at >= $1 ORDER BY i.id LIMIT 10000`,
    [since],
  );
  return rows;
}

export interface InventoryFilter {
  after: number | undefined;
  /** at most this many */
  quantity: number | undefined;
  quantityAtLeast: number | undefined;
  itemId: number | undefined;
  locationId: number | undefined;
  belowReorderPoint: boolean | undefined;
  limit: number;
}

export async function listInventoryItems(db: Pool, filter: InventoryFilter): Promise<Versioned<InventoryItem>[]> {
  const { rows } = await db.query<Versioned<InventoryItem>>(
    `${INVENTORY_ITEM} WHERE i.id > $1
      AND ($2::int IS NULL OR i.quantity <= $2) AND ($3::int IS NULL OR i.quantity >= $3)
      AND ($4::int IS NULL OR i.item_id = $4) AND ($5::int IS NULL OR i.location_id = $5)
      AND ($6::boolean IS NULL OR (i.quantity - i.reserved <= i.reorder_point) = $6)
    ORDER BY i.id LIMIT $7`,
    [
      filter.after ?? 0,
      filter.quantity ?? null,
      filter.quantityAtLeast ?? null,
      filter.itemId ?? null,
      filter.locationId ?? null,
      filter.belowReorderPoint ?? null,
      filter.limit,
    ],
  );
  return rows;
}

/** Sets reorder point and source, as far as given. The level is the fold of facts and is not set here. */
export async function setStockRules(
  client: PoolClient,
  id: number,
  rules: { reorder_point?: number | undefined; source?: string | undefined },
): Promise<void> {
  await client.query(
    `UPDATE inventory_items SET reorder_point = coalesce($2, reorder_point), source = coalesce($3, source), updated_at = now() WHERE id = $1`,
    [id, rules.reorder_point ?? null, rules.source ?? null],
  );
}
