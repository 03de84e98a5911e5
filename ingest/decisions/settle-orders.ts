import type { PoolClient } from "pg";
import { groupBy } from "../domain/group-by.ts";
import { MAX_LEVEL } from "../domain/stock/movement.ts";
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
 * Brings restock orders and transfers to what has arrived of them by all facts of their stock positions: which sensor, scan, person
 * or shipment told of it, in which order it became known and how often, does not matter (domain/stock/order-receipts.ts). A second
 * run changes nothing. Call it within `inTransaction`.
 * @returns the orders that have changed
 */
export async function settleOrders(client: PoolClient, ids: readonly number[]): Promise<number[]> {
  const orders = await lockOpenOrders(client, ids);
  if (orders.length === 0) return [];
  const stockIds = new Set(orders.flatMap(({ lines }) => lines.flatMap(({ stockId }) => stockId ?? [])));
  const openIds = orders.map(({ id }) => id);
  const positions = await loadAwaitedPositions(client, [...stockIds], openIds);
  const received = new Map(
    positions.map(({ stockId, facts, governing, orders }) => [stockId, receivedOf(facts, governing, orders)]),
  );
  const changed = orders.flatMap((order) => {
    const settled = settle(order, (stockId) => received.get(stockId)?.get(order.id));
    return settled === undefined ? [] : [settled];
  });
  if (changed.length > 0) await writeSettledOrders(client, changed);
  await markSettled(client, orders);
  return changed.map(({ id }) => id);
}

/** @returns undefined: nothing has changed */
function settle(
  order: OpenOrder,
  receivedAt: (stockId: number) => ReceivedGoods | undefined,
): SettledOrder | undefined {
  const lines = [...groupBy(order.lines, ({ itemId }) => itemId).values()].flatMap((lines) => {
    const { stockId } = lines[0]!;
    return spread(order, lines, stockId === null ? undefined : receivedAt(stockId));
  });
  const before = new Map(order.lines.map((line) => [line.line, line]));
  const isSame = lines.every((line) => {
    const known = before.get(line.line)!;
    const isSameBy = JSON.stringify(sorted(known.receivedBy)) === JSON.stringify(sorted(line.receivedBy));
    return isSameBy && (["received", "cancelled", "missing"] as const).every((name) => known[name] === line[name]);
  });
  const status = statusOf(order, lines);
  return isSame && status === order.status ? undefined : { id: order.id, status, lines };
}

const sorted = (counts: Record<string, number>) => Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** How much of a line is on its way to us, or was. */
const expectedOf = (kind: OpenOrder["kind"], { quantity, shipped }: StoredLine): number =>
  kind === "transfer" ? shipped : quantity;

/** What has arrived fills the lines of the item one after the other; what is beyond them belongs to the last. */
function spread({ kind }: OpenOrder, lines: readonly StoredLine[], goods: ReceivedGoods | undefined): StoredLine[] {
  let rest = goods?.quantity ?? 0;
  return lines.map((line, at) => {
    const expected = expectedOf(kind, line);
    const before = line.unfit + line.receivedBefore;
    const good = at === lines.length - 1 ? rest : Math.min(rest, Math.max(0, expected - before));
    rest -= good;
    // A scanner may say any number: a line holds no more than can be counted.
    const received = Math.min(MAX_LEVEL, good + before);
    const open = Math.max(0, expected - received);
    // What was said not to come, and came after all, is not missing.
    const { cancelled, missing } = line;
    const short = kind === "transfer" ? { missing: Math.min(missing, open) } : { cancelled: Math.min(cancelled, open) };
    return { ...line, received, ...short, receivedBy: goods?.bySource ?? {} };
  });
}

/** Of a transfer, something may have not left yet. */
const isComplete = (kind: OpenOrder["kind"], lines: readonly StoredLine[]): boolean =>
  lines.every(({ quantity, shipped, received, cancelled, missing }) =>
    kind === "transfer"
      ? shipped + cancelled >= quantity && received + missing >= shipped
      : received + cancelled >= quantity,
  );

/** A status that a person has set without goods stays. */
function statusOf({ kind, status, lines: before }: OpenOrder, lines: readonly StoredLine[]): OpenOrder["status"] {
  const hasGoods = (of: readonly StoredLine[]) => of.some(({ received, missing }) => received + missing > 0);
  if (isComplete(kind, lines)) return "received";
  if (hasGoods(lines)) return status === "received" && !isComplete(kind, before) ? status : "partial";
  if (!hasGoods(before)) return status;
  return kind === "transfer" ? "shipped" : "sent";
}
