import type { PoolClient } from "pg";
import { groupBy } from "../domain/group-by.ts";
import { type ReceivedGoods, receivedOf } from "../domain/stock/order-receipts.ts";
import {
  loadAwaitedPositions,
  lockOpenOrders,
  markSettled,
  type OpenOrder,
  type SettledOrder,
  type StoredLine,
  writeSettledOrders,
} from "../stores/queries/restock/order-receipts.ts";

/**
 * Brings restock orders to what has arrived of them by all facts of their stock positions: which sensor, scan, person or
 * shipment told of it, in which order it became known and how often, does not matter (domain/stock/order-receipts.ts). A second
 * run changes nothing. Call it within `inTransaction`.
 * @returns the orders that have changed
 */
export async function settleOrders(client: PoolClient, ids: readonly number[]): Promise<number[]> {
  const orders = await lockOpenOrders(client, ids);
  if (orders.length === 0) return [];
  const places = new Map(
    orders.flatMap(({ locationId, lines }) =>
      lines.map(({ itemId }) => [`${itemId} ${locationId}`, { itemId, locationId }]),
    ),
  );
  const openIds = orders.map(({ id }) => id);
  const positions = await loadAwaitedPositions(client, [...places.values()], openIds);
  const received = new Map(
    positions.map(({ itemId, locationId, facts, governing, orders }) => [
      `${itemId} ${locationId}`,
      receivedOf(facts, governing, orders),
    ]),
  );
  const changed = orders.flatMap((order) => {
    const settled = settle(order, (itemId) => received.get(`${itemId} ${order.locationId}`)?.get(order.id));
    return settled === undefined ? [] : [settled];
  });
  if (changed.length > 0) await writeSettledOrders(client, changed);
  await markSettled(client, orders);
  return changed.map(({ id }) => id);
}

/** @returns undefined: nothing has changed */
function settle(
  order: OpenOrder,
  receivedOfItem: (itemId: number) => ReceivedGoods | undefined,
): SettledOrder | undefined {
  const lines = [...groupBy(order.lines, ({ itemId }) => itemId)].flatMap(([itemId, lines]) =>
    spread(lines, receivedOfItem(itemId)),
  );
  const before = new Map(order.lines.map((line) => [line.line, line]));
  const isSame = lines.every(({ line, received, cancelled, receivedBy }) => {
    const known = before.get(line)!;
    const isSameBy = JSON.stringify(sorted(known.receivedBy)) === JSON.stringify(sorted(receivedBy));
    return known.received === received && known.cancelled === cancelled && isSameBy;
  });
  const status = statusOf(order, lines);
  return isSame && status === order.status ? undefined : { id: order.id, status, lines };
}

const sorted = (counts: Record<string, number>) => Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** What has arrived fills the lines of the item one after the other; what is beyond them belongs to the last. */
function spread(lines: readonly StoredLine[], goods: ReceivedGoods | undefined): StoredLine[] {
  let rest = goods?.quantity ?? 0;
  return lines.map((line, at) => {
    const good = at === lines.length - 1 ? rest : Math.min(rest, Math.max(0, line.quantity - line.unfit));
    rest -= good;
    const received = good + line.unfit;
    // What was said not to come, and came after all, is not missing.
    const cancelled = Math.min(line.cancelled, Math.max(0, line.quantity - received));
    return { ...line, received, cancelled, receivedBy: goods?.bySource ?? {} };
  });
}

const isComplete = (lines: readonly StoredLine[]): boolean =>
  lines.every(({ quantity, received, cancelled }) => received + cancelled >= quantity);

/** A status that a person has set without goods stays. */
function statusOf({ status, lines: before }: OpenOrder, lines: readonly StoredLine[]): OpenOrder["status"] {
  const hasGoods = (of: readonly StoredLine[]) => of.some(({ received }) => received > 0);
  if (isComplete(lines)) return "received";
  if (hasGoods(lines)) return status === "received" && !isComplete(before) ? status : "partial";
  return hasGoods(before) ? "sent" : status;
}
