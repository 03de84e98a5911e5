import type { Reader } from "../../auth/limits.ts";
import type { PoolClient } from "pg";
import { Conditions } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import { MAX_LEVEL } from "../../../ingest/domain/stock/movement.ts";
import type { InventoryItem } from "./schema.ts";

const ISO = (time: string) => `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Where the reorder point of a position comes from. A location outside of the limits is not named. */
export const REORDER_POINT_SOURCE = `CASE WHEN NOT i.inherits_reorder_point THEN 'own' WHEN i.reorder_point_location_id IS NULL THEN 'none'
    ELSE 'inherited' END AS reorder_point_source,
  CASE WHEN i.inherits_reorder_point THEN (SELECT l.id FROM locations l WHERE l.id = i.reorder_point_location_id)
    ELSE i.location_id END AS reorder_point_location_id`;

/** The level that is shown. The sum of what is recorded is below zero where more was picked than was known to be there. */
const LEVEL = "greatest(i.quantity, 0)";

/** The sensor of a stock position that cannot be believed now, a reader that has fallen silent, or an overdrawn ledger; null for none. */
const SUSPECT = `CASE
    WHEN i.suspect_since_ms IS NOT NULL THEN json_build_object('source', i.fold -> 'suspect' -> 'source',
      'problem', i.fold -> 'suspect' -> 'problem', 'since', ${ISO("to_timestamp(i.suspect_since_ms / 1000.0)")},
      'device_id', i.fold -> 'suspect' -> 'deviceId', 'detail', i.fold -> 'suspect' -> 'detail')
    WHEN i.quantity < 0 THEN json_build_object('source', 'ledger', 'problem', 'overdrawn',
      'since', ${ISO("coalesce(i.measured_at, i.updated_at)")}, 'device_id', NULL,
      'detail', -i.quantity || ' more were taken than were known to be here: count what is here')
    WHEN i.quantity = ${MAX_LEVEL} AND (i.fold ->> 'quantity')::float8 > ${MAX_LEVEL} THEN json_build_object('source', 'ledger',
      'problem', 'overflow', 'since', ${ISO("coalesce(i.measured_at, i.updated_at)")}, 'device_id', NULL,
      'detail', 'more was put here than can be counted: count what is here')
    WHEN i.source = 'rfid' THEN (SELECT json_build_object('source', 'rfid', 'problem', 'reader_silent', 'since', ${ISO("r.since")},
      'device_id', r.device_id, 'detail', 'nothing was heard of the reader: the last count stands')
      FROM silent_readers r WHERE r.location_id = i.location_id ORDER BY r.since LIMIT 1)
    END`;

const INVENTORY_ITEM = `SELECT i.id, i.item_id, t.name, t.sku, i.owner_id, ${LEVEL} AS quantity, t.base_unit AS unit, i.reserved,
    CASE WHEN i.condition = 'good' THEN ${LEVEL} - i.reserved ELSE 0 END AS available, i.condition, i.location_id, i.reorder_point, ${REORDER_POINT_SOURCE}, i.source,
    i.measured_at, CASE WHEN i.source <> 'ledger' THEN (i.fold #>> ARRAY[i.source, 'confidence'])::float8 END AS confidence, x.suspect,
    coalesce(x.suspect ->> 'source' = i.source AND i.source <> 'ledger', false) AS stale, i.version
  FROM inventory_items i JOIN items t ON t.id = i.item_id CROSS JOIN LATERAL (SELECT ${SUSPECT} AS suspect) x`;

export async function findInventoryItem(db: Reader, id: number): Promise<Versioned<InventoryItem> | undefined> {
  const { rows } = await db.query<Versioned<InventoryItem>>({
    name: "api_inventory_item",
    text: `${INVENTORY_ITEM} WHERE i.id = $1`,
    values: [id],
  });
  return rows[0];
}

/** @throws Problem 404 when there is no such inventory item */
export async function getInventoryItem(db: Reader, id: number): Promise<Versioned<InventoryItem>> {
  return found(await findInventoryItem(db, id), "inventory item");
}

export async function findInventoryItems(db: Reader, ids: readonly number[]): Promise<Versioned<InventoryItem>[]> {
  const { rows } = await db.query<Versioned<InventoryItem>>({
    name: "api_inventory_items_by_id",
    text: `${INVENTORY_ITEM} WHERE i.id = ANY($1::int[]) ORDER BY i.id`,
    values: [ids],
  });
  return rows;
}

export async function inventoryItemsChangedSince(
  db: Reader,
  since: Date,
  after: number | undefined,
  limit: number,
): Promise<Versioned<InventoryItem>[]> {
  const { rows } = await db.query<Versioned<InventoryItem>>(
    `${INVENTORY_ITEM} WHERE i.updated_at >= $1 AND i.id > $2 ORDER BY i.id LIMIT $3`,
    [since, after ?? 0, limit],
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

export async function listInventoryItems(db: Reader, filter: InventoryFilter): Promise<Versioned<InventoryItem>[]> {
  // The level is not below zero, so these two are true of it as they are of what is stored.
  const atLeast = filter.quantityAtLeast === 0 ? undefined : filter.quantityAtLeast;
  const conditions = new Conditions()
    .where("i.id > ?", filter.after)
    .where("i.quantity <= ?", filter.quantity)
    .where("i.quantity >= ?", atLeast)
    .where("i.item_id = ?", filter.itemId)
    .where("i.location_id = ?", filter.locationId)
    .is("(i.is_low AND i.reorder_point > 0)", filter.belowReorderPoint);
  const { rows } = await db.query<Versioned<InventoryItem>>(
    `${INVENTORY_ITEM} ${conditions.sql} ORDER BY i.id LIMIT ${conditions.parameter(filter.limit)}`,
    conditions.values,
  );
  return rows;
}

/** What counts an item at a location: a scale below it, a reader of the whole place if the item's tags are known, or people. */
export async function sourceMountedAt(
  client: PoolClient,
  { item_id, location_id }: { item_id: number; location_id: number },
): Promise<"ledger" | "scale" | "rfid"> {
  const { rows } = await client.query<{ source: "scale" | "rfid" }>(
    `SELECT CASE WHEN m.mount ? 'item_id' THEN 'scale' ELSE 'rfid' END AS source
    FROM devices d JOIN LATERAL (SELECT mount FROM device_mounts WHERE device_id = d.id AND since <= now() ORDER BY since DESC LIMIT 1) m ON true
    WHERE d.state <> 'retired' AND (m.mount ->> 'location_id')::int = $2
      AND ((m.mount ->> 'item_id')::int = $1
        OR (d.kind = 'rfid' AND NOT m.mount ? 'antennas' AND EXISTS (SELECT FROM items WHERE id = $1 AND gtin IS NOT NULL)))
    ORDER BY source DESC LIMIT 1`,
    [item_id, location_id],
  );
  return rows[0]?.source ?? "ledger";
}

/** Takes over a position that the mounting of a scale has made. @returns its id; undefined when there is none */
export async function adoptPosition(
  client: PoolClient,
  row: {
    item_id: number;
    location_id: number;
    /** null, as undefined: it is inherited */
    reorder_point?: number | null | undefined;
    source: string;
    condition: string;
    owner_id?: number | null | undefined;
  },
): Promise<number | undefined> {
  const { rows } = await client.query<{ id: number }>(
    `UPDATE inventory_items SET made_for = NULL, reorder_point = coalesce($3, reorder_point), inherits_reorder_point = $3::int IS NULL AND inherits_reorder_point,
      reorder_point_location_id = CASE WHEN $3::int IS NULL THEN reorder_point_location_id END, source = $4, owner_id = coalesce($5, owner_id), updated_at = now()
    WHERE item_id = $1 AND location_id = $2 AND made_for IS NOT NULL AND $6 = 'good' RETURNING id`,
    [row.item_id, row.location_id, row.reorder_point ?? null, row.source, row.owner_id ?? null, row.condition],
  );
  if (rows.length > 0) await renewReorderPoints(client, row.item_id);
  return rows[0]?.id;
}

/** Has the positions of an item that inherit their reorder point take what applies now. */
async function renewReorderPoints(client: PoolClient, itemId: number): Promise<void> {
  await client.query("SELECT renew_reorder_points_of($1)", [itemId]);
}

/** Sets reorder point and source, as far as given. The level is the fold of facts and is not set here. */
export async function setStockRules(
  client: PoolClient,
  id: number,
  { reorder_point, source }: { reorder_point?: number | null | undefined; source?: string | undefined },
): Promise<void> {
  if (reorder_point !== undefined) {
    await client.query("SELECT lock_reorder_points()");
    const { rows } = await client.query<{ item_id: number }>(
      `UPDATE inventory_items i SET reorder_point = coalesce($2, n.quantity, 0), inherits_reorder_point = $2::int IS NULL,
        reorder_point_location_id = CASE WHEN $2::int IS NULL THEN n.place END, updated_at = now()
      FROM inventory_items s LEFT JOIN LATERAL inherited_reorder_point(s.item_id, s.owner_id, s.location_id) n ON s.condition = 'good'
      WHERE i.id = $1 AND s.id = i.id RETURNING i.item_id`,
      [id, reorder_point],
    );
    for (const { item_id } of rows) await renewReorderPoints(client, item_id);
  }
  if (source !== undefined) {
    await client.query("UPDATE inventory_items SET source = $2, updated_at = now() WHERE id = $1", [id, source]);
  }
}
