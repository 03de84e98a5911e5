import type { Reader } from "../../auth/limits.ts";
import type { PoolClient } from "pg";
import { Conditions } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { Order } from "./schema.ts";
import { nextStatuses } from "./status-edges.ts";

/** An order as it is stored, and who placed it. */
export type StoredOrder = Versioned<Omit<Order, "next_statuses">> & {
  created_by: number | null;
  created_by_client: number | null;
};

const ORDER = `SELECT o.id, o.kind, o.status, o.customer_id, o.supplier_id, o.location_id, o.reference, o.order_date,
    (SELECT coalesce(json_agg(json_build_object('item_id', l.item_id, 'quantity', l.quantity, 'received', l.received, 'cancelled', l.cancelled,
        'received_by', l.received_by) ORDER BY l.line), '[]')
      FROM order_lines l WHERE l.order_id = o.id) AS lines,
    o.created_at, o.updated_at, o.version, o.created_by, o.created_by_client, o.made_for
  FROM orders o`;

export async function findOrder(db: Reader, id: number): Promise<StoredOrder | undefined> {
  const { rows } = await db.query<StoredOrder>(`${ORDER} WHERE o.id = $1`, [id]);
  return rows[0];
}

/** Leaves out who placed the order, which decides who may change it, and adds what its status may become. */
export function orderView(row: StoredOrder): Versioned<Order> {
  const { created_by: _, created_by_client: __, ...view } = row;
  return { ...view, next_statuses: [...nextStatuses(row.kind, row.status)] };
}

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

/** Goods that arrive from now on may be of this order. */
export async function markSent(client: PoolClient, orderId: number): Promise<void> {
  await client.query("UPDATE orders SET sent_at = now() WHERE id = $1", [orderId]);
}

/** Cancels what has not arrived: the delivery was short. */
export async function cancelRest(client: PoolClient, orderId: number): Promise<void> {
  await client.query(
    "UPDATE order_lines SET cancelled = greatest(quantity - received, 0) WHERE order_id = $1 AND quantity > received + cancelled",
    [orderId],
  );
}

/** The stock position that a shortage's order is for; the one that sensors count, else the first. */
export async function findStockFor(
  client: PoolClient,
  itemId: number,
  locationId: number,
): Promise<number | undefined> {
  const { rows } = await client.query<{ id: number }>(
    `SELECT id FROM inventory_items WHERE item_id = $1 AND location_id = $2 AND condition = 'good' ORDER BY is_main DESC, id LIMIT 1`,
    [itemId, locationId],
  );
  return rows[0]?.id;
}
