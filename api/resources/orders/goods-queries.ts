import type { PoolClient } from "pg";
import { closeFinishedLists } from "../../../ingest/decisions/record-facts.ts";
import { pickablePositions } from "../../../ingest/domain/stock/propose-lots.ts";
import { todayUtc } from "../lots/lot-date.ts";
import { loadPickableLots } from "../lots/pickable.ts";
import { LOTS_OF_PICK } from "./shipped-lots.ts";

/** A stock position that goods of an order may be taken from. */
export interface Candidate {
  id: number;
  itemId: number;
  available: number;
}

/**
 * Locks the stock positions of these items below a place, and tells what is available of them: what expires first comes first, then
 * the goods that lie there longest. What has expired or is on hold is not available. It locks them in the order of their ids, as every
 * change of reservations does.
 * @param placeId null: everywhere
 */
export async function lockCandidates(
  client: PoolClient,
  itemIds: readonly number[],
  placeId: number | null,
  ownerId: number | null,
): Promise<Candidate[]> {
  const { rows: found } = await client.query<{ id: number }>(
    `WITH RECURSIVE within AS (
      SELECT $2::int AS id WHERE $2::int IS NOT NULL UNION SELECT l.id FROM locations l JOIN within w ON l.parent_id = w.id
    )
    SELECT i.id FROM inventory_items i WHERE i.item_id = ANY($1::int[]) AND i.condition = 'good' AND i.owner_id IS NOT DISTINCT FROM $3::int
      AND ($2::int IS NULL OR i.location_id IN (SELECT id FROM within)) ORDER BY i.id FOR NO KEY UPDATE OF i`,
    [itemIds, placeId, ownerId],
  );
  const { rows } = await client.query<{ id: number; itemId: number; reserved: number; since: number | null }>(
    `SELECT i.id, i.item_id AS "itemId", i.reserved, (extract(epoch FROM oldest_since(i.id)) * 1000)::float8 AS since
    FROM inventory_items i WHERE i.id = ANY($1::int[]) AND greatest(i.quantity, 0) > i.reserved`,
    [found.map(({ id }) => id)],
  );
  const lots = await loadPickableLots(
    client,
    rows.map(({ id }) => id),
  );
  return pickablePositions(rows, lots, todayUtc());
}

/** Goods of a stock position for a line. */
export interface LineGoods {
  orderId: number;
  line: number;
  stockId: number;
  quantity: number;
}

/** Holds goods for lines; the positions are locked. @param expiresAt null: until they are picked or freed */
export async function addReservations(
  client: PoolClient,
  goods: readonly LineGoods[],
  expiresAt: Date | null,
): Promise<void> {
  await client.query(
    `INSERT INTO reservations AS r (order_id, line, inventory_item_id, quantity, expires_at)
    SELECT "orderId", line, "stockId", quantity, $2 FROM jsonb_to_recordset($1::jsonb) AS t ("orderId" int, line int, "stockId" int, quantity int)
    ORDER BY "stockId"
    ON CONFLICT (order_id, line, inventory_item_id) DO UPDATE SET quantity = r.quantity + excluded.quantity,
      expires_at = excluded.expires_at, updated_at = now(), version = r.version + 1`,
    [JSON.stringify(goods), expiresAt],
  );
}

/** What is held for the lines of orders, the goods that lie there longest first. */
export async function reservedGoods(client: PoolClient, orderIds: readonly number[]): Promise<LineGoods[]> {
  const { rows } = await client.query<LineGoods>(
    `SELECT order_id AS "orderId", line, inventory_item_id AS "stockId", quantity FROM reservations
    WHERE order_id = ANY($1::int[]) ORDER BY order_id, line, oldest_since(inventory_item_id), id`,
    [orderIds],
  );
  return rows;
}

/** Locks the positions in which something is held for these orders. */
export async function lockReserved(client: PoolClient, orderIds: readonly number[]): Promise<void> {
  await client.query(
    `SELECT FROM inventory_items WHERE id IN (SELECT inventory_item_id FROM reservations WHERE order_id = ANY($1::int[])) ORDER BY id FOR NO KEY UPDATE`,
    [orderIds],
  );
}

/** Frees what is held for an order. */
export async function deleteReservations(client: PoolClient, orderId: number): Promise<void> {
  await lockReserved(client, [orderId]);
  await client.query("DELETE FROM reservations WHERE order_id = $1", [orderId]);
}

/** Takes so much out of a reservation. @returns false when less is held */
export async function useReservation(client: PoolClient, goods: LineGoods): Promise<boolean> {
  const values = [goods.orderId, goods.line, goods.stockId, goods.quantity];
  const where = "order_id = $1 AND line = $2 AND inventory_item_id = $3";
  const { rowCount } = await client.query(`DELETE FROM reservations WHERE ${where} AND quantity = $4`, values);
  if (rowCount === 1) return true;
  const { rowCount: used } = await client.query(
    `UPDATE reservations SET quantity = quantity - $4, updated_at = now(), version = version + 1 WHERE ${where} AND quantity > $4`,
    values,
  );
  return used === 1;
}

/** Records what was taken from where for a line, and by which fact, and counts it as picked. */
export async function addPick(
  client: PoolClient,
  { orderId, line, stockId, quantity }: LineGoods,
  factKey: string,
): Promise<void> {
  await client.query(
    `WITH pick AS (INSERT INTO picks (order_id, line, inventory_item_id, quantity, fact_key) VALUES ($1, $2, $3, $4, $5))
    UPDATE order_lines SET picked = picked + $4 WHERE order_id = $1 AND line = $2`,
    [orderId, line, stockId, quantity, factKey],
  );
}

export interface Pick extends LineGoods {
  id: number;
  /** of which lots it was when it was picked */
  lots: { lot: string; quantity: number }[];
}

/** What was picked for an order and not put back, the newest first. */
export async function loadPicks(client: PoolClient, orderId: number): Promise<Pick[]> {
  const { rows } = await client.query<Pick>(
    `SELECT p.id, p.order_id AS "orderId", p.line, p.inventory_item_id AS "stockId", p.quantity, ${LOTS_OF_PICK} AS lots FROM picks p
    WHERE p.order_id = $1 AND p.quantity > 0 ORDER BY p.id DESC`,
    [orderId],
  );
  return rows;
}

export async function reducePick(client: PoolClient, id: number, quantity: number): Promise<void> {
  await client.query("UPDATE picks SET quantity = quantity - $2 WHERE id = $1", [id, quantity]);
}

/** Ends what is still to be picked for an order on pick lists. @returns the lists on which something changed */
export async function closeTasks(client: PoolClient, orderId: number, reason: string): Promise<void> {
  const { rows } = await client.query<{ id: number }>(
    `UPDATE pick_tasks SET short = quantity - picked, reason = coalesce(reason, $2) WHERE order_id = $1 AND picked + short < quantity
    RETURNING pick_list_id AS id`,
    [orderId, reason],
  );
  await closeFinishedLists(
    client,
    rows.map(({ id }) => id),
  );
}

/** Counts what was picked on the tasks that ask for it. @param listId whose come first; undefined: picked without a list */
export async function markTasks(
  client: PoolClient,
  { orderId, line, stockId, quantity }: LineGoods,
  listId?: number,
): Promise<void> {
  const { rows } = await client.query<{ id: number }>(
    `WITH open AS (
      SELECT pick_list_id, task, quantity - picked - short AS missing,
        sum(quantity - picked - short) OVER (ORDER BY pick_list_id IS DISTINCT FROM $5::int, pick_list_id, task) - (quantity - picked - short) AS before
      FROM pick_tasks WHERE order_id = $1 AND line = $2 AND inventory_item_id = $3 AND picked + short < quantity)
    UPDATE pick_tasks t SET picked = t.picked + least(o.missing, $4::int - o.before)::int
    FROM open o WHERE t.pick_list_id = o.pick_list_id AND t.task = o.task AND o.before < $4::int RETURNING t.pick_list_id AS id`,
    [orderId, line, stockId, quantity, listId ?? null],
  );
  await closeFinishedLists(
    client,
    rows.map(({ id }) => id),
  );
}
