import type { PoolClient } from "pg";
import type { Reader } from "../../auth/limits.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { LineGoods } from "../orders/goods-queries.ts";
import { type StoredPickList, withLots } from "./lots-to-take.ts";
import type { PickList } from "./schema.ts";

/** Names of the locations around one, outermost first. */
const PATH = `(WITH RECURSIVE up AS (
      SELECT l.parent_id, 0 AS depth, NULL::text AS name
      UNION ALL SELECT p.parent_id, u.depth + 1, p.name FROM up u JOIN locations p ON p.id = u.parent_id
    ) SELECT coalesce(json_agg(name ORDER BY depth DESC) FILTER (WHERE name IS NOT NULL), '[]') FROM up)`;

const PICK_LIST = `SELECT p.id, p.status,
    (SELECT coalesce(json_agg(DISTINCT t.order_id), '[]') FROM pick_tasks t WHERE t.pick_list_id = p.id) AS order_ids,
    (SELECT coalesce(json_agg(json_build_object('task', t.task, 'order_id', t.order_id, 'line', t.line, 'inventory_item_id', t.inventory_item_id,
        'item_id', i.item_id, 'name', n.name, 'sku', n.sku, 'unit', n.base_unit, 'location_id', i.location_id, 'location', l.name,
        'location_path', ${PATH}, 'quantity', t.quantity, 'picked', t.picked, 'short', t.short, 'reason', t.reason) ORDER BY t.task), '[]')
      FROM pick_tasks t JOIN inventory_items i ON i.id = t.inventory_item_id JOIN items n ON n.id = i.item_id JOIN locations l ON l.id = i.location_id
      WHERE t.pick_list_id = p.id) AS tasks,
    p.created_at, p.updated_at, p.version
  FROM pick_lists p`;

export interface PickListFilter {
  after: number | undefined;
  status: string | undefined;
  limit: number;
}

export async function listPickLists(db: Reader, filter: PickListFilter): Promise<Versioned<PickList>[]> {
  const conditions = new Conditions().where("p.id > ?", filter.after).where("p.status = ?", filter.status);
  const { rows } = await db.query<Versioned<StoredPickList>>(
    `${PICK_LIST} ${conditions.sql} ORDER BY p.id LIMIT ${conditions.parameter(filter.limit)}`,
    conditions.values,
  );
  return withLots(db, rows);
}

/** @throws Problem 404 when there is no such pick list */
export async function getPickList(db: Reader, id: number): Promise<Versioned<PickList>> {
  const [list] = await withLots(db, [await getStoredPickList(db, id)]);
  return list!;
}

/** @throws Problem 404 when there is no such pick list */
export async function getStoredPickList(db: Reader, id: number): Promise<Versioned<StoredPickList>> {
  const { rows } = await db.query<Versioned<StoredPickList>>(`${PICK_LIST} WHERE p.id = $1`, [id]);
  return found(rows[0], "pick list");
}

/** What is held for these orders and is on no open pick list, with where it lies. */
export async function heldGoods(
  client: PoolClient,
  orderIds: readonly number[],
): Promise<(LineGoods & { path: string[]; sku: string })[]> {
  const { rows } = await client.query<LineGoods & { path: string[]; sku: string }>(
    `SELECT r.order_id AS "orderId", r.line, r.inventory_item_id AS "stockId", n.sku,
      r.quantity - coalesce((SELECT sum(t.quantity - t.picked - t.short) FROM pick_tasks t
        WHERE t.order_id = r.order_id AND t.line = r.line AND t.inventory_item_id = r.inventory_item_id AND t.picked + t.short < t.quantity), 0)::int AS quantity,
      (WITH RECURSIVE up AS (
          SELECT l.parent_id, 0 AS depth, coalesce(l.barcode, l.name) AS code
          UNION ALL SELECT p.parent_id, u.depth + 1, coalesce(p.barcode, p.name) FROM up u JOIN locations p ON p.id = u.parent_id
        ) SELECT json_agg(code ORDER BY depth DESC) FROM up) AS path
    FROM reservations r JOIN inventory_items i ON i.id = r.inventory_item_id JOIN items n ON n.id = i.item_id JOIN locations l ON l.id = i.location_id
    WHERE r.order_id = ANY($1::int[])`,
    [orderIds],
  );
  return rows.filter(({ quantity }) => quantity > 0);
}

/** What is on a pick list is held until it is picked. */
export async function holdUntilPicked(client: PoolClient, orderIds: readonly number[]): Promise<void> {
  await client.query(
    `UPDATE reservations SET expires_at = NULL, updated_at = now(), version = version + 1
    WHERE order_id = ANY($1::int[]) AND expires_at IS NOT NULL`,
    [orderIds],
  );
}

export async function insertTasks(client: PoolClient, listId: number, goods: readonly LineGoods[]): Promise<void> {
  await client.query(
    `INSERT INTO pick_tasks (pick_list_id, task, order_id, line, inventory_item_id, quantity)
    SELECT $1, at, "orderId", line, "stockId", quantity
    FROM ROWS FROM (jsonb_to_recordset($2::jsonb) AS ("orderId" int, line int, "stockId" int, quantity int)) WITH ORDINALITY
      AS t ("orderId", line, "stockId", quantity, at)`,
    [listId, JSON.stringify(goods)],
  );
}

/** Ends what remains of tasks. */
export async function shortTasks(
  client: PoolClient,
  listId: number,
  stockId: number | null,
  reason: string,
): Promise<void> {
  await client.query(
    `UPDATE pick_tasks SET short = quantity - picked, reason = $3
    WHERE pick_list_id = $1 AND ($2::int IS NULL OR inventory_item_id = $2) AND picked + short < quantity`,
    [listId, stockId, reason],
  );
}

/** Asks for a count of a position in which a picker did not find what was to be there, unless one is open. */
export async function askForCount(client: PoolClient, stockId: number): Promise<void> {
  await client.query(
    `INSERT INTO cycle_counts (inventory_item_id, reason, detail) VALUES ($1, 'asked', 'a picker did not find what was to be here')
    ON CONFLICT (inventory_item_id) WHERE state = 'open' DO NOTHING`,
    [stockId],
  );
}
