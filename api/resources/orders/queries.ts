import type { Reader } from "../../auth/limits.ts";
import type { PoolClient } from "pg";
import type { Role } from "../../auth/roles.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import { EXPECTED_AT, isOverdue } from "./expected-at.ts";
import type { Order } from "./schema.ts";
import { updateRow } from "../../http/rows.ts";
import { isOutbound, leavesGoods, maySet, nextStatuses } from "./status-edges.ts";

/** An order as it is stored, and who placed it. */
export type StoredOrder = Versioned<Omit<Order, "next_statuses">> & {
  created_by: number | null;
  created_by_client: number | null;
};

/** What remains of a line. */
const OPEN = `CASE WHEN o.status IN ('closed', 'cancelled') THEN 0 WHEN o.kind IN ('customer', 'transfer')
    THEN l.quantity - l.reserved - l.picked - l.cancelled ELSE greatest(l.quantity - l.received - l.cancelled, 0) END`;

const ORDER = `SELECT o.id, o.kind, o.status, o.customer_id, o.supplier_id, o.location_id, o.ship_from_id, o.ship_to_id, o.owner_id,
    o.reference, o.order_date, date_trunc('milliseconds', e.expected_at) AS expected_at, ${isOverdue("e.expected_at")} AS overdue,
    (SELECT coalesce(json_agg(json_build_object('line', l.line, 'item_id', l.item_id, 'quantity', l.quantity, 'open', ${OPEN}, 'reserved', l.reserved,
        'picked', l.picked, 'packed', l.packed, 'shipped', l.shipped, 'received', l.received, 'received_by', l.received_by,
        'damaged', l.damaged, 'scrapped', l.scrapped, 'missing', l.missing, 'cancelled', l.cancelled) ORDER BY l.line), '[]')
      FROM order_lines l WHERE l.order_id = o.id) AS lines,
    o.created_at, o.updated_at, o.version, o.created_by, o.created_by_client, o.made_for
  FROM orders o CROSS JOIN LATERAL (SELECT ${EXPECTED_AT} AS expected_at) e`;

export async function findOrder(db: Reader, id: number): Promise<StoredOrder | undefined> {
  const { rows } = await db.query<StoredOrder>(`${ORDER} WHERE o.id = $1`, [id]);
  return rows[0];
}

/** Leaves out who placed the order, which decides who may change it, and adds what its status may become. */
export function orderView(row: StoredOrder): Versioned<Order> {
  const { created_by: _, created_by_client: __, ...view } = row;
  return { ...view, next_statuses: [...nextStatuses(row.kind, row.status)] };
}

/** An order as this role reads it: who leaves the goods to others is not offered to tell what has become of them. */
export const orderFor = <Seen extends Pick<Order, "next_statuses">>(role: Role, order: Seen): Seen =>
  leavesGoods(role) ? { ...order, next_statuses: order.next_statuses.filter((status) => maySet(role, status)) } : order;

/** For the live stream. */
export async function findOrders(db: Reader, ids: readonly number[]): Promise<Versioned<Order>[]> {
  const { rows } = await db.query<StoredOrder>({
    name: "api_orders_by_id",
    text: `${ORDER} WHERE o.id = ANY($1::int[]) ORDER BY o.id`,
    values: [ids],
  });
  return rows.map(orderView);
}

/** For the live stream, where too many have changed to be listed: those changed since `since`, page by page. */
export async function ordersChangedSince(
  db: Reader,
  since: Date,
  after: number | undefined,
  limit: number,
): Promise<Versioned<Order>[]> {
  const { rows } = await db.query<StoredOrder>({
    name: "api_orders_changed_since",
    text: `${ORDER} WHERE o.updated_at >= $1 AND o.id > coalesce($2::int, 0) ORDER BY o.id LIMIT $3`,
    values: [since, after ?? null, limit],
  });
  return rows.map(orderView);
}

/** @throws Problem 404 when there is no such order */
export async function getOrder(db: Reader, id: number): Promise<StoredOrder> {
  return found(await findOrder(db, id), "order");
}

/** Orders with one of these ids or references. */
export async function findOrdersNamed(
  db: Reader,
  ids: readonly number[],
  references: readonly string[],
): Promise<StoredOrder[]> {
  const { rows } = await db.query<StoredOrder>(
    `${ORDER} WHERE o.id = ANY(ARRAY(SELECT unnest($1::int[]) UNION SELECT id FROM orders WHERE reference = ANY($2::text[]))) ORDER BY o.id`,
    [ids, references],
  );
  return rows;
}

export interface OrderFilter {
  after: number | undefined;
  kind: string | undefined;
  status: string | undefined;
  customerId: number | undefined;
  limit: number;
}

export async function listOrders(db: Reader, filter: OrderFilter): Promise<StoredOrder[]> {
  const conditions = new Conditions()
    .where("o.id > ?", filter.after)
    .where("o.kind = ?", filter.kind)
    .where("o.status = ?", filter.status)
    .where("o.customer_id = ?", filter.customerId);
  const { rows } = await db.query<StoredOrder>(
    `${ORDER} ${conditions.sql} ORDER BY o.id LIMIT ${conditions.parameter(filter.limit)}`,
    conditions.values,
  );
  return rows;
}

/** Replaces the lines of an order. */
export async function setOrderLines(
  client: PoolClient,
  orderId: number,
  lines: readonly Pick<Order["lines"][number], "item_id" | "quantity">[],
): Promise<void> {
  await client.query("DELETE FROM order_lines WHERE order_id = $1", [orderId]);
  await client.query(
    `INSERT INTO order_lines (order_id, line, item_id, quantity)
    SELECT $1, line, item_id, quantity FROM unnest($2::int[], $3::int[]) WITH ORDINALITY AS t (item_id, quantity, line)`,
    [orderId, lines.map(({ item_id }) => item_id), lines.map(({ quantity }) => quantity)],
  );
}

/** Records that a person has cancelled a draft of the platform: none is made again that day. */
export async function dismissDraft(client: PoolClient, orderId: number): Promise<void> {
  await client.query("UPDATE orders SET dismissed_at = now() WHERE id = $1 AND made_for IS NOT NULL", [orderId]);
}

/** Goods that arrive from then on may be of this order. @param at undefined: now */
export async function markSent(client: PoolClient, orderId: number, at?: Date): Promise<void> {
  await client.query("UPDATE orders SET sent_at = least(sent_at, coalesce($2, now())) WHERE id = $1", [
    orderId,
    at ?? null,
  ]);
}

/** Cancels what has not arrived: the delivery was short. */
export const cancelRest = (client: PoolClient, orderId: number): Promise<void> =>
  cancelLines(client, orderId, "restock");

/** What was shipped of a transfer and is not here is missing. */
export async function missRest(client: PoolClient, orderId: number): Promise<void> {
  await client.query("UPDATE order_lines SET missing = greatest(shipped - received, 0) WHERE order_id = $1", [orderId]);
}

/** Cancels what has not left; of orders whose goods come in, what has not arrived. */
export async function cancelLines(client: PoolClient, orderId: number, kind: Order["kind"]): Promise<void> {
  const done = isOutbound(kind) ? "shipped" : "received";
  await client.query(
    `UPDATE order_lines SET cancelled = greatest(quantity - ${done}, 0) WHERE order_id = $1 AND quantity > ${done} + cancelled`,
    [orderId],
  );
}

/** Raises the version of an order whose lines have changed. */
export const touchOrder = (client: PoolClient, orderId: number): Promise<void> =>
  updateRow(client, "orders", orderId, {}, []);

/**
 * Has the receipts of an order worked out anew.
 * @param hasMoved its goods go to another place: what was said of the position it was drafted for holds no longer
 */
export async function settleAnew(client: PoolClient, orderId: number, hasMoved: boolean): Promise<void> {
  await client.query(
    `UPDATE orders o SET receipts_seen = -1, takes_in_main = CASE WHEN $2 AND NOT EXISTS (
        SELECT FROM order_lines l WHERE l.order_id = o.id AND l.received > 0) THEN NULL ELSE takes_in_main END WHERE o.id = $1`,
    [orderId, hasMoved],
  );
}

/** Locks orders, in the order of their ids. @returns those that may be seen */
export async function lockOrders(client: PoolClient, ids: readonly number[]): Promise<StoredOrder[]> {
  await client.query("SELECT FROM orders WHERE id = ANY($1::int[]) ORDER BY id FOR UPDATE", [ids]);
  const { rows } = await client.query<StoredOrder>(`${ORDER} WHERE o.id = ANY($1::int[]) ORDER BY o.id`, [ids]);
  return rows;
}

/** Counts received goods of a line that are not good. */
export async function countUnfit(
  client: PoolClient,
  orderId: number,
  line: number,
  condition: "damaged" | "scrap",
  quantity: number,
): Promise<void> {
  const column = condition === "scrap" ? "scrapped" : "damaged";
  await client.query(`UPDATE order_lines SET ${column} = ${column} + $3 WHERE order_id = $1 AND line = $2`, [
    orderId,
    line,
    quantity,
  ]);
}

/** The stock position of an owner's goods. */
export async function findStockFor(
  client: PoolClient,
  itemId: number,
  locationId: number,
  condition: string,
  ownerId: number | null,
): Promise<number | undefined> {
  const { rows } = await client.query<{ id: number }>(
    `SELECT id FROM inventory_items WHERE item_id = $1 AND location_id = $2 AND condition = $3 AND owner_id IS NOT DISTINCT FROM $4::int`,
    [itemId, locationId, condition, ownerId],
  );
  return rows[0]?.id;
}

/** The stock position that takes in the good goods of an item of an order where it waits for them (0160_goods_of_owners.sql). */
export async function findTakingStock(
  client: PoolClient,
  orderId: number,
  itemId: number,
): Promise<{ id: number; owner_id: number | null } | undefined> {
  const { rows } = await client.query<{ id: number; owner_id: number | null }>(
    `SELECT i.id, i.owner_id FROM orders o JOIN inventory_items i ON i.item_id = $2 AND i.location_id = o.receives_at
      AND takes_in(o.kind, o.owner_id, o.takes_in_main, i.is_main, i.owner_id, i.condition) WHERE o.id = $1`,
    [orderId, itemId],
  );
  return rows[0];
}
