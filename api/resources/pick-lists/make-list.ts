import type { PoolClient } from "pg";
import { Problem } from "../../http/problem.ts";
import { insertRow, updateRow } from "../../http/rows.ts";
import { addReservations } from "../orders/goods-queries.ts";
import { assertPickable } from "../orders/pick.ts";
import { lockOrders } from "../orders/queries.ts";
import { findGoods } from "../orders/reserve.ts";
import { heldGoods, holdUntilPicked, insertTasks } from "./queries.ts";
import { inWalkingOrder } from "./walking-order.ts";

/**
 * Makes a pick list of all that is to be picked for orders: what is held for them, and what is available of the rest, which is
 * held then.
 * @returns its id
 * @throws Problem 400 for orders that do not exist, 409 when there is nothing to pick
 */
export async function makePickList(client: PoolClient, orderIds: readonly number[]): Promise<number> {
  const orders = await lockOrders(client, orderIds);
  const unknown = orderIds.flatMap((id, at) => (orders.some((order) => order.id === id) ? [] : [at]));
  if (unknown.length > 0) {
    const message = "there is no order with this id";
    throw new Problem(400, message, { errors: unknown.map((at) => ({ pointer: `/order_ids/${at}`, message })) });
  }
  for (const order of orders) assertPickable(order);
  for (const order of orders) {
    const wanted = order.lines.map(({ line, open }) => ({ line, quantity: open }));
    if (wanted.every(({ quantity }) => quantity === 0)) continue;
    await addReservations(client, await findGoods(client, order, wanted), null);
  }
  const goods = await heldGoods(client, orderIds);
  if (goods.length === 0)
    throw new Problem(409, "nothing of these orders is available, or it is on a pick list already");
  await holdUntilPicked(client, orderIds);
  const id = await insertRow(client, "pick_lists", { status: "open" }, ["status"]);
  await insertTasks(client, id, inWalkingOrder(goods));
  const picked = new Set(goods.map(({ orderId }) => orderId));
  for (const order of orders.filter((each) => picked.has(each.id))) {
    const status = order.status === "approved" ? "picking" : order.status;
    await updateRow(client, "orders", order.id, { status }, ["status"]);
  }
  return id;
}
