import type { PoolClient } from "pg";
import { closeFinishedLists } from "./pick-lists.ts";

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

/** Locks the orders that hold goods of these positions, in the order of their ids: orders are locked before positions. */
export async function lockHoldingOrders(client: PoolClient, stockIds: readonly number[]): Promise<void> {
  await client.query({
    name: "lock_holding_orders",
    text: `SELECT FROM orders WHERE id IN (SELECT order_id FROM reservations WHERE inventory_item_id = ANY($1::int[])) ORDER BY id FOR UPDATE`,
    values: [stockIds],
  });
}

/**
 * Frees what is held of these positions beyond what they have that has not expired, what was held last first. It is open again for
 * its orders, and is not picked any more. @param reason for those who pick it
 */
export async function freeBeyondLevel(client: PoolClient, stockIds: readonly number[], reason: string): Promise<void> {
  const { rows } = await client.query<{ id: number }>({
    name: "free_beyond_level",
    text: `WITH positions AS (
        SELECT i.id, i.reserved, greatest(i.quantity, 0) - (SELECT coalesce(sum(s.quantity), 0) FROM stock_lots s
            JOIN lots l ON l.item_id = s.item_id AND l.number = s.lot AND l.expires_on < (now() AT TIME ZONE 'UTC')::date
            WHERE s.inventory_item_id = i.id) AS usable
        FROM inventory_items i WHERE i.id = ANY($1::int[])),
      held AS (
        SELECT r.id, r.order_id, r.line, r.inventory_item_id, r.quantity,
          greatest(0, least(r.quantity, i.usable - (sum(r.quantity) OVER (PARTITION BY r.inventory_item_id ORDER BY r.id) - r.quantity)))::int AS keeps
        FROM reservations r JOIN positions i ON i.id = r.inventory_item_id WHERE i.reserved > i.usable),
      freed AS (SELECT * FROM held WHERE keeps < quantity),
      reduced AS (UPDATE reservations r SET quantity = f.keeps, updated_at = now(), version = r.version + 1 FROM freed f WHERE r.id = f.id AND f.keeps > 0),
      removed AS (DELETE FROM reservations r USING freed f WHERE r.id = f.id AND f.keeps = 0),
      changed AS (UPDATE orders SET updated_at = now(), version = version + 1 WHERE id IN (SELECT order_id FROM freed)),
      asked AS (
        SELECT t.pick_list_id, t.task, f.keeps,
          sum(t.quantity - t.picked - t.short) OVER (PARTITION BY f.id ORDER BY t.pick_list_id, t.task) AS upto, t.quantity - t.picked - t.short AS missing
        FROM freed f JOIN pick_tasks t ON (t.order_id, t.line, t.inventory_item_id) = (f.order_id, f.line, f.inventory_item_id) AND t.picked + t.short < t.quantity)
      UPDATE pick_tasks t SET short = t.short + least(a.missing, a.upto - a.keeps)::int, reason = coalesce(t.reason, $2)
        FROM asked a WHERE (t.pick_list_id, t.task) = (a.pick_list_id, a.task) AND a.upto > a.keeps RETURNING t.pick_list_id AS id`,
    values: [stockIds, reason],
  });
  await closeFinishedLists(
    client,
    rows.map(({ id }) => id),
  );
}
