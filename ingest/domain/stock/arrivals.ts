import type { NewFact } from "../fact.ts";
import { SERIAL_MOVES } from "./serial-moves.ts";

/*
 * The same goods are told of more than once: a scale sees them put on the shelf, a scanner receives them, a person enters the
 * delivery note, a shipment is delivered. Each of these sources counts what it saw, once:
 *
 * 1. What another source tells within 24 hours is the same goods, piece by piece, the oldest first.
 * 2. What the same source tells again is more goods.
 * 3. What one source has told of beyond what is known is new.
 * 4. What a person takes back is gone, unless another source has told of it too.
 *
 * The order is that of the times at which it happened, so it does not matter which source becomes known first.
 *
 * Example: the scale sees 20 pieces at 09:10, and the delivery note says 24 at 09:30: 24 pieces have arrived. The scale sees
 * the other 4 at 09:50: it is still 24.
 */

/** Who has told of goods. */
export type ArrivalSource = "scale" | "rfid" | "scan" | "person" | "shipment";

/** What one source says has arrived; negative: what it takes back. Base units, epoch milliseconds. */
export interface Arrival {
  at: number;
  /** of its fact */
  key: string;
  quantity: number;
  source: ArrivalSource;
  /** the restock order that the source names; null: it names none */
  orderId: number | null;
}

/** Goods that have arrived, and who has told of them. */
export interface ArrivedGoods {
  /** when the first source saw them, epoch milliseconds */
  at: number;
  quantity: number;
  sources: ArrivalSource[];
  orderId: number | null;
}

/** A delivery note may be entered on the day after. */
export const SAME_GOODS_MS = 24 * 3_600_000;
/** What the same sources have seen within this time is kept as one, so that a day of single pieces stays small. */
const ONE_LOT_MS = 3_600_000;

/** The rule of receipts that follow from delivered shipments. */
export const SHIPMENT_RECEIPT = "shipment-receipt";
const SCANNED: ReadonlySet<string> = new Set(["scan-facts", SERIAL_MOVES]);

/** What a fact of a stock position states to have arrived; undefined: it states nothing of that kind. */
export function statedArrival(fact: NewFact): Arrival | undefined {
  if (fact.type !== "adjusted") return undefined;
  const { delta, reason, order, takesBack } = fact.data;
  const { at, key, rule } = fact;
  if (takesBack !== undefined) return { at, key, quantity: delta, source: takesBack, orderId: null };
  if (order !== undefined) {
    return { at, key, quantity: delta, source: rule === SHIPMENT_RECEIPT ? "shipment" : "person", orderId: order };
  }
  return isScannedReceipt(rule, reason, delta)
    ? { at, key, quantity: delta, source: "scan", orderId: null }
    : undefined;
}

/** Whether such an adjustment is a receipt by a scan, which names no order. */
export const isScannedReceipt = (rule: string, reason: string | null, delta: number): boolean =>
  delta > 0 && reason === "received" && SCANNED.has(rule);

/** Goods that another source may still tell of at this time. */
export const stillMatching = (goods: readonly ArrivedGoods[], at: number): ArrivedGoods[] =>
  goods.filter((each) => at - each.at <= SAME_GOODS_MS);

/**
 * Adds what one source says to what is known.
 * @param known in the order in which it arrived; `arrival` is not older than any of it
 * @returns what is known then, and by how many pieces it has become more
 */
export function arrive(known: readonly ArrivedGoods[], arrival: Arrival): { goods: ArrivedGoods[]; added: number } {
  if (arrival.quantity < 0) return takeBack(known, arrival);
  const { source, at, orderId } = arrival;
  let rest = arrival.quantity;
  const goods: ArrivedGoods[] = [];
  for (const each of known) {
    const isSame = at - each.at <= SAME_GOODS_MS && !each.sources.includes(source) && mayBeOf(each, orderId);
    const matched = isSame ? Math.min(rest, each.quantity) : 0;
    rest -= matched;
    if (matched > 0) {
      const sources = [...each.sources, source].toSorted();
      goods.push({ at: each.at, quantity: matched, sources, orderId: each.orderId ?? orderId });
    }
    if (matched < each.quantity) goods.push({ ...each, quantity: each.quantity - matched });
  }
  if (rest > 0) goods.push({ at, quantity: rest, sources: [source], orderId });
  return { goods: together(goods), added: rest };
}

/** What the source had told of last is taken back first. */
function takeBack(known: readonly ArrivedGoods[], { quantity, source, orderId }: Arrival) {
  let rest = -quantity;
  let gone = 0;
  const goods: ArrivedGoods[] = [];
  for (const each of known.toReversed()) {
    const isMeant = each.sources.includes(source) && mayBeOf(each, orderId);
    const taken = isMeant ? Math.min(rest, each.quantity) : 0;
    rest -= taken;
    if (taken < each.quantity) goods.unshift({ ...each, quantity: each.quantity - taken });
    const others = each.sources.filter((other) => other !== source);
    if (taken > 0 && others.length > 0) goods.unshift({ ...each, quantity: taken, sources: others });
    if (others.length === 0) gone += taken;
  }
  // What is not known any more was counted when it came.
  return { goods: together(goods), added: -(gone + rest) };
}

const mayBeOf = (goods: ArrivedGoods, orderId: number | null): boolean =>
  goods.orderId === null || orderId === null || goods.orderId === orderId;

function together(goods: readonly ArrivedGoods[]): ArrivedGoods[] {
  const result: ArrivedGoods[] = [];
  for (const each of goods) {
    const at = result.findIndex(
      (other) =>
        each.at - other.at <= ONE_LOT_MS &&
        other.orderId === each.orderId &&
        other.sources.join() === each.sources.join(),
    );
    const lot = result[at];
    if (lot === undefined) result.push(each);
    else result[at] = { ...lot, quantity: lot.quantity + each.quantity };
  }
  return result;
}
