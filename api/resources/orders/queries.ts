import type { Pool, PoolClient } from "pg";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { Order } from "./schema.ts";

/** An order and who placed it. */
export type StoredOrder = Versioned<Order> & { created_by: number | null };

const ORDER = `SELECT o.id, o.kind, o.status, o.customer_id, o.supplier_id, o.location_id, o.reference, o.order_date,
    (SELECT coalesce(json_agg(json_build_object('item_id', l.item_id, 'quantity', l.quantity) ORDER BY l.line), '[]')
      FROM order_lines l WHERE l.order_id = o.id) AS lines,
    o.created_at, o.updated_at, o.version, o.created_by
  FROM orders o`;

export async function findOrder(db: Pool | PoolClient, id: number): Promise<StoredOrder | undefined> {
  const { rows } = await db.query<StoredOrder>(`${ORDER} WHERE o.id = $1`, [id]);
  return rows[0];
}

/** @throws Problem 404 when there is no such order */
export async function getOrder(db: Pool | PoolClient, id: number): Promise<StoredOrder> {
  return found(await findOrder(db, id), "order");
}

export interface OrderFilter {
  after: number | undefined;
  kind: string | undefined;
  status: string | undefined;
  customerId: number | undefined;
  limit: number;
}

export async function listOrders(db: Pool, filter: OrderFilter): Promise<StoredOrder[]> {
  const { rows } = await db.query<StoredOrder>(
    `${ORDER} WHERE o.id > $1 AND ($2::text IS NULL OR o.kind = $2) AND ($3::text IS NULL OR o.status = $3)
      AND ($4::int IS NULL OR o.customer_id = $4) ORDER BY o.id LIMIT $5`,
    [filter.after ?? 0, filter.kind ?? null, filter.status ?? null, filter.customerId ?? null, filter.limit],
  );
  return rows;
}

/** Replaces the lines of an order. */
export async function setOrderLines(client: PoolClient, orderId: number, lines: Order["lines"]): Promise<void> {
  await client.query("DELETE FROM order_lines WHERE order_id = $1", [orderId]);
  await client.query(
    `INSERT INTO order_lines (order_id, line, item_id, quantity)
    SELECT $1, line, item_id, quantity FROM unnest($2::int[], $3::int[]) WITH ORDINALITY AS t (item_id, quantity, line)`,
    [orderId, lines.map(({ item_id }) => item_id), lines.map(({ quantity }) => quantity)],
  );
}
