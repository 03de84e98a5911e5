import type { PoolClient } from "pg";
import { leaveLimits } from "../../auth/limits.ts";
import type { Principal } from "../../auth/principal.ts";
import { recordFitting } from "../movements/record-movement.ts";
import { closeTasks, deleteReservations, loadPicks, reducePick } from "./goods-queries.ts";
import { lineFact } from "./line-facts.ts";
import { lotsBetween } from "./shipped-lots.ts";
import type { StoredOrder } from "./queries.ts";

/**
 * Frees what is held for an order, and puts back to its places what was picked for it and not shipped. Its row is locked.
 * What follows for goods at other places is not limited: the order is the principal's.
 */
export async function freeOrder(client: PoolClient, principal: Principal, order: StoredOrder): Promise<void> {
  await leaveLimits(client);
  await deleteReservations(client, order.id);
  await closeTasks(client, order.id, "the order was cancelled");
  await putBack(client, principal, order);
}

async function putBack(client: PoolClient, principal: Principal, order: StoredOrder): Promise<void> {
  const surplus = new Map(order.lines.map(({ line, picked, shipped }) => [line, picked - shipped]));
  const moves = [];
  for (const { id, line, stockId, quantity, lots } of await loadPicks(client, order.id)) {
    const back = Math.min(quantity, surplus.get(line) ?? 0);
    if (back === 0) continue;
    surplus.set(line, surplus.get(line)! - back);
    await reducePick(client, id, back);
    // Its last pieces: the first ones have left with a shipment.
    const of = lotsBetween(lots, quantity - back, quantity);
    moves.push({ order, line, stockId, delta: back, reason: "put back", at: Date.now(), lots: of });
  }
  if (moves.length === 0) return;
  await client.query("UPDATE order_lines SET picked = shipped, packed = shipped WHERE order_id = $1", [order.id]);
  await client.query("DELETE FROM order_units WHERE order_id = $1 AND shipment_id IS NULL", [order.id]);
  await recordFitting(
    client,
    moves.map((move) => lineFact(principal, move)),
  );
}
