import type { PoolClient } from "pg";
import type { z } from "zod";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { type PickableLot, pickableLots, takeLots } from "../../../ingest/domain/stock/propose-lots.ts";
import { leaveLimits } from "../../auth/limits.ts";
import type { Principal } from "../../auth/principal.ts";
import { Problem, refusedStatus } from "../../http/problem.ts";
import { updateRow } from "../../http/rows.ts";
import { todayUtc } from "../lots/lot-date.ts";
import { loadPickableLots } from "../lots/pickable.ts";
import { recordFitting } from "../movements/record-movement.ts";
import { addPick, addReservations, type LineGoods, markTasks, reservedGoods, useReservation } from "./goods-queries.ts";
import { lineFact } from "./line-facts.ts";
import type { StoredOrder } from "./queries.ts";
import { assertOutbound, findGoods, lineOf, type LineQuantity } from "./reserve.ts";
import type { picking } from "./schema.ts";
import { nextStatuses } from "./status-edges.ts";

/**
 * Takes goods for an order from their places, without a pick list: first what is held for it, then what is available. Its row is
 * locked.
 * @throws Problem 409 when fewer are there
 */
export async function pickOrder(
  client: PoolClient,
  principal: Principal,
  order: StoredOrder,
  { lines }: z.output<typeof picking>,
): Promise<void> {
  assertPickable(order);
  for (const [at, { line }] of (lines ?? []).entries()) lineOf(order, line, `/lines/${at}/line`);
  const wanted = lines ?? order.lines.map(({ line, open, reserved }) => ({ line, quantity: open + reserved }));
  const held = await reservedGoods(client, [order.id]);
  const takes = wanted.flatMap((each) => takeFrom(held, each));
  const missing = wanted.map(({ line, quantity }) => ({
    line,
    quantity: quantity - sumOf(takes.filter((take) => take.line === line)),
  }));
  for (const { line, quantity } of missing) {
    const { open } = lineOf(order, line, "/lines");
    if (quantity > open) throw new Problem(409, `fewer of line ${line} remain to be picked`);
  }
  const found = sumOf(missing) === 0 ? [] : await findGoods(client, order, missing);
  if (sumOf(found) < sumOf(missing)) {
    throw new Problem(409, `only ${sumOf(takes) + sumOf(found)} of ${sumOf(wanted)} are available`);
  }
  if (sumOf(takes) + sumOf(found) === 0) throw new Problem(409, "nothing of this order remains to be picked");
  if (found.length > 0) await addReservations(client, found, null);
  await takeGoods(client, principal, [order], merged([...takes, ...found]));
}

const sumOf = (of: readonly { quantity: number }[]): number => of.reduce((sum, { quantity }) => sum + quantity, 0);

/** Takes from what is held for a line, and leaves the rest there. */
function takeFrom(held: LineGoods[], { line, quantity }: LineQuantity): LineGoods[] {
  let rest = quantity;
  return held.flatMap((each) => {
    const taken = each.line === line ? Math.min(rest, each.quantity) : 0;
    rest -= taken;
    each.quantity -= taken;
    return taken === 0 ? [] : [{ ...each, quantity: taken }];
  });
}

/** What one line takes from one position, once. */
function merged(goods: readonly LineGoods[]): LineGoods[] {
  const sums = new Map<string, LineGoods>();
  for (const each of goods) {
    const key = `${each.line} ${each.stockId}`;
    sums.set(key, { ...each, quantity: each.quantity + (sums.get(key)?.quantity ?? 0) });
  }
  return [...sums.values()];
}

/** @throws Problem 409 for an order that nobody picks for */
export function assertPickable(order: Pick<StoredOrder, "id" | "kind" | "status">): void {
  assertOutbound(order, "pick");
  if (order.status !== "draft") return;
  const message = `order ${order.id} is a draft, and nothing is picked for it`;
  throw refusedStatus("/status", message, nextStatuses(order.kind, order.status));
}

/** The lots at these positions in the order in which they are to be picked: who scans none takes what the list proposes. */
async function lotsLeft(client: PoolClient, goods: readonly LineGoods[]): Promise<PickableLot[]> {
  const ids = [...new Set(goods.map(({ stockId }) => stockId))];
  return pickableLots(await loadPickableLots(client, ids), todayUtc()).map((lot) => ({ ...lot }));
}

/**
 * Moves goods that are held for lines of these orders from their places to the orders. The orders are locked.
 * @param by the pick list that asks for them, and the lot that was scanned
 * @throws Problem 409
 */
export async function takeGoods(
  client: PoolClient,
  principal: Principal,
  orders: readonly StoredOrder[],
  goods: readonly LineGoods[],
  by: { listId?: number; lot?: string | undefined } = {},
): Promise<void> {
  await leaveLimits(client);
  const byId = new Map(orders.map((order) => [order.id, order]));
  const at = Date.now();
  const facts: NewFact[] = [];
  const left = await lotsLeft(client, goods);
  for (const each of goods.toSorted((a, b) => a.stockId - b.stockId)) {
    const { orderId, line, stockId, quantity } = each;
    if (!(await useReservation(client, each))) {
      throw new Problem(409, `fewer are held for line ${line} of order ${orderId} there now`);
    }
    const proposed = takeLots(left, stockId, quantity);
    const lots =
      by.lot === undefined ? proposed.map(({ lot, quantity }) => ({ lot, quantity })) : [{ lot: by.lot, quantity }];
    const move = { line, stockId, delta: -quantity, reason: "picked", at, lots };
    const fact = lineFact(principal, { ...move, order: byId.get(orderId)! });
    facts.push(fact);
    await addPick(client, each, fact.key);
    await markTasks(client, each, by.listId);
  }
  await recordFitting(client, facts);
  for (const { id, status } of orders) {
    await updateRow(client, "orders", id, { status: status === "approved" ? "picking" : status }, ["status"]);
  }
}
