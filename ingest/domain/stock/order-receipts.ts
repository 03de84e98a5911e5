import type { NewFact } from "../fact.ts";
import { byEventTime } from "../fact-order.ts";
import { type Arrival, type ArrivalSource, arrive, type ArrivedGoods, statedArrival } from "./arrivals.ts";
import type { StockSource } from "./state.ts";
import { EXPLANATION_WINDOW_MS, FILLING_MS } from "./unexplained-removal.ts";

/*
 * What has arrived of restock orders, from the facts of the stock position that they are for:
 *
 * 1. Scans, persons and shipments state what has arrived. Of the sensors, the one that governs the position is believed.
 * 2. It sees goods come in where its count rises. A rise is no arrival when as much was taken in the minute before (it was put
 *    back), or when as much was moved here from another place within two minutes. Fewer pieces within 30 s after a rise are
 *    the end of the filling: a hand adds its weight.
 * 3. Goods are counted once, whoever tells of them (arrivals.ts).
 * 4. They belong to the order that a source names; else to the order that was sent first and still waits for them, then to the
 *    next. More than all orders wait for belongs to the last of them, and so does what comes within half an hour after it.
 *    What no order waits for belongs to none: a shelf is filled for other reasons too.
 */

/** What was taken is put back within so long. A shortage that it caused lasts for a minute before anything is ordered. */
const PUT_BACK_MS = 60_000;
/** A delivery is put on a shelf in several lots. */
const SAME_DELIVERY_MS = 30 * 60_000;

/** A restock order, and how many pieces of the position's item it waits for. */
export interface AwaitedOrder {
  id: number;
  /** epoch milliseconds; null: it was never sent */
  sentAt: number | null;
  /** ordered, less what was cancelled or has come damaged; base units */
  wanted: number;
}

/** What has arrived of an order. */
export interface ReceivedGoods {
  quantity: number;
  /** how much of it each source has told of */
  bySource: Partial<Record<ArrivalSource, number>>;
}

/** @param facts of one stock position, in any order */
export function receivedOf(
  facts: readonly NewFact[],
  governing: StockSource,
  orders: readonly AwaitedOrder[],
): Map<number, ReceivedGoods> {
  const sorted = [...facts].sort(byEventTime);
  const arrivals = [...sorted.flatMap((fact) => statedArrival(fact) ?? []), ...sensedArrivals(sorted, governing)];
  const inOrder = arrivals.toSorted((a, b) => a.at - b.at || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  let goods: ArrivedGoods[] = [];
  for (const arrival of inOrder) ({ goods } = arrive(goods, arrival));
  return allot(goods, orders);
}

/** @param facts in the order in which they happened */
function sensedArrivals(facts: readonly NewFact[], governing: StockSource): Arrival[] {
  if (governing === "ledger") return [];
  const arrivals: Arrival[] = [];
  /** pieces that were taken, and not put back */
  let taken: { at: number; quantity: number }[] = [];
  for (const fact of facts) {
    if (fact.type !== "counted" || fact.data.source !== governing) continue;
    const { at, key } = fact;
    const change = fact.data.change ?? 0;
    if (change < 0) {
      const last = arrivals.at(-1);
      const undone = last !== undefined && at - last.at <= FILLING_MS ? Math.min(last.quantity, -change) : 0;
      if (undone > 0) last!.quantity -= undone;
      if (undone < -change) taken.push({ at, quantity: -change - undone });
    }
    if (change <= 0) continue;
    taken = taken.filter((each) => at - each.at <= PUT_BACK_MS);
    const missing = taken.reduce((sum, { quantity }) => sum + quantity, 0);
    if (change <= missing) taken = without(taken, change);
    else if (change > movedHere(at, facts))
      arrivals.push({ at, key, quantity: change, source: governing, orderId: null });
  }
  return arrivals.filter(({ quantity }) => quantity > 0);
}

/** What is put back is what was taken last. */
function without(taken: readonly { at: number; quantity: number }[], pieces: number) {
  let rest = pieces;
  return taken
    .toReversed()
    .map(({ at, quantity }) => {
      const back = Math.min(rest, quantity);
      rest -= back;
      return { at, quantity: quantity - back };
    })
    .filter(({ quantity }) => quantity > 0)
    .toReversed();
}

/** Pieces that were moved here from another place, or came back to us, about that time. */
function movedHere(at: number, facts: readonly NewFact[]): number {
  let pieces = 0;
  for (const fact of facts) {
    if (fact.type !== "adjusted") continue;
    if (fact.data.transfer === undefined && fact.data.orderLine === undefined) continue;
    if (Math.abs(fact.at - at) <= EXPLANATION_WINDOW_MS) pieces += Math.max(0, fact.data.delta);
  }
  return pieces;
}

function allot(goods: readonly ArrivedGoods[], orders: readonly AwaitedOrder[]): Map<number, ReceivedGoods> {
  const received = new Map<number, ReceivedGoods>(orders.map(({ id }) => [id, { quantity: 0, bySource: {} }]));
  const bySent = orders
    .filter(({ sentAt }) => sentAt !== null)
    .toSorted((a, b) => a.sentAt! - b.sentAt! || a.id - b.id);
  /** the order that goods without a name went to last, and when */
  let last: { id: number; at: number } | undefined;
  const give = (id: number, { sources, at }: ArrivedGoods, quantity: number) => {
    const of = received.get(id);
    if (of === undefined || quantity === 0) return;
    of.quantity += quantity;
    for (const source of sources) of.bySource[source] = (of.bySource[source] ?? 0) + quantity;
    last = { id, at };
  };
  // Goods whose order is known take their place before those that are only likely to be of it.
  for (const each of goods) if (each.orderId !== null) give(each.orderId, each, each.quantity);
  last = undefined;
  for (const each of goods) {
    if (each.orderId !== null) {
      if (received.has(each.orderId)) last = { id: each.orderId, at: each.at };
      continue;
    }
    let rest = each.quantity;
    for (const { id, sentAt, wanted } of bySent) {
      const open = sentAt! > each.at ? 0 : Math.max(0, wanted - received.get(id)!.quantity);
      const given = Math.min(rest, open);
      give(id, each, given);
      rest -= given;
    }
    if (last !== undefined && each.at - last.at <= SAME_DELIVERY_MS) give(last.id, each, rest);
  }
  return received;
}
