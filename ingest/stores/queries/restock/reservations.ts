import type { PoolClient } from "pg";

/** Orders with reservations that have expired; they are locked, in the order of their ids. */
export async function lockExpiredOrders(client: PoolClient, limit: number): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>({
    name: "lock_expired_orders",
    text: `SELECT id FROM orders WHERE id IN (SELECT order_id FROM reservations WHERE expires_at <= now() ORDER BY expires_at LIMIT $1)
      ORDER BY id FOR UPDATE`,
    values: [limit],
  });
  return rows.map(({ id }) => id);
}

/** Frees what has expired of these orders, which are locked. Positions are locked in the order of their ids, as everywhere. */
export async function deleteExpired(client: PoolClient, orderIds: readonly number[]): Promise<number> {
  await client.query({
    name: "lock_expired_positions",
    text: `SELECT FROM inventory_items WHERE id IN (SELECT inventory_item_id FROM reservations WHERE order_id = ANY($1::int[]) AND expires_at <= now())
      ORDER BY id FOR NO KEY UPDATE`,
    values: [orderIds],
  });
  const { rowCount } = await client.query({
    name: "delete_expired_reservations",
    text: `WITH gone AS (DELETE FROM reservations WHERE order_id = ANY($1::int[]) AND expires_at <= now() RETURNING order_id)
      UPDATE orders SET updated_at = now(), version = version + 1 WHERE id IN (SELECT order_id FROM gone)`,
    values: [orderIds],
  });
  return rowCount ?? 0;
}
