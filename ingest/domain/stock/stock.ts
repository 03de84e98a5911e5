import type { CountSource, NewFact } from "../fact.ts";
import { byEventTime } from "../fact-order.ts";
import { type Arrival, arrive, statedArrival, stillMatching } from "./arrivals.ts";
import { changeByLotCount, LOT_HOLD, lotsAfter, lotsNamedBy, withoutLotsOf } from "./lots.ts";
import { sourcesDisagree } from "./reconcile.ts";
import type { StockContext, StockSource, StockState, SuspectSensor } from "./state.ts";

/*
 * How facts become the quantity of a stock position:
 *
 * 1. `counted` by the governing source, or by a person, sets the quantity. Other counts are only remembered, to be
 *    compared with it (reconcile.ts).
 * 2. A person's count also sets the ledger, and discards what the sensors had counted before.
 * 3. `adjusted` changes the ledger by its delta. It changes the quantity too, unless a governing sensor has counted: that
 *    sensor sees by itself what was taken or put, and the movement would count twice.
 * 4. Goods that a scan, a person or a shipment's delivery says were received of a restock order change the ledger once, also
 *    when several of them tell of the same goods (arrivals.ts).
 * 5. Which lots there are follows beside the level (lots.ts). `lot_counted` changes the ledger by what it finds too many or
 *    too few of the lot.
 * 6. `sensor_suspect` changes no quantity: the last count stands, and a person is asked to look. It holds until the same
 *    problem is over, or a person has counted after the tare had changed the count.
 */

/**
 * Folds `facts` (any order) on top of `from`, which must not contain any of them.
 * @param onStep told of each fact, in the order in which they happened, with the states before and after it
 */
export function foldStock(
  from: StockState,
  facts: readonly NewFact[],
  context: StockContext,
  onStep?: (fact: NewFact, before: StockState, after: StockState) => void,
): StockState {
  let state = from;
  for (const fact of [...facts].sort(byEventTime)) {
    const after = withLots(state, applyFact(state, fact, context), fact);
    onStep?.(fact, state, after);
    const differsSince = sourcesDisagree(after, context.governing) ? (after.differsSince ?? fact.at) : null;
    state = { ...after, differsSince, lastFact: { at: fact.at, key: fact.key } };
  }
  return state;
}

/** Whether `fact` happened after everything in `state`: then it can be folded on top of it. */
export function isNewest(state: StockState, fact: NewFact): boolean {
  return state.lastFact === null || fact.at > state.lastFact.at;
}

function withLots(before: StockState, after: StockState, fact: NewFact): StockState {
  if (after.lots === undefined && lotsNamedBy(fact).length === 0) return after;
  const known = isHeldOnShelf(before, after, fact) ? withoutLotsOf(fact, after.lots ?? []) : (after.lots ?? []);
  return { ...after, lots: lotsAfter(known, fact, Math.max(after.quantity, after.ledger ?? 0)) };
}

/** Goods of a lot are on hold, and the sensor still counts them: of the lot nothing more is here than what was held. */
const isHeldOnShelf = (before: StockState, after: StockState, fact: NewFact): boolean =>
  fact.type === "adjusted" && fact.rule === LOT_HOLD && fact.data.delta < 0 && before.quantity === after.quantity;

function applyFact(state: StockState, fact: NewFact, { governing }: StockContext): StockState {
  if (fact.type === "counted") return applyCount(state, fact, governing);
  if (fact.type === "sensor_suspect") {
    return { ...state, suspect: { ...fact.data, deviceId: fact.deviceId ?? null } };
  }
  if (fact.type === "sensor_trusted") {
    const { problem, since } = fact.data;
    const isOver = state.suspect?.problem === problem && state.suspect.since === since;
    return isOver ? { ...state, suspect: null } : state;
  }
  if (fact.type === "lot_counted") {
    const known = state.ledger ?? state.quantity;
    return adjust(state, changeByLotCount(state.lots ?? [], known, fact.data), fact.at, governing);
  }
  if (fact.type !== "adjusted") return state;
  const arrival = statedArrival(fact);
  return arrival === undefined
    ? adjust(state, fact.data.delta, fact.at, governing)
    : receive(state, arrival, governing);
}

function receive(state: StockState, arrival: Arrival, governing: StockSource): StockState {
  const { arrived: before = [], ...rest } = state;
  const { goods, added } = arrive(stillMatching(before, arrival.at), arrival);
  const arrived = goods.length > 0 ? { arrived: goods } : {};
  return adjust({ ...rest, ...arrived }, added, arrival.at, governing);
}

function adjust(state: StockState, delta: number, at: number, governing: StockSource): StockState {
  const ledger = (state.ledger ?? state.quantity) + delta;
  if (governing !== "ledger" && state[governing] !== null) return { ...state, ledger };
  return { ...state, ledger, quantity: state.quantity + delta, measuredAt: at };
}

function applyCount(
  state: StockState,
  { at, data: { quantity, source }, confidence }: NewFact & { type: "counted" },
  governing: StockSource,
): StockState {
  const level = governs(source, governing) ? { quantity, measuredAt: at } : {};
  switch (source) {
    case "person":
      return { ...state, ...level, ledger: quantity, scale: null, rfid: null, suspect: afterCount(state.suspect) };
    case "scale":
    case "rfid":
      return { ...state, ...level, [source]: { quantity, confidence } };
    case "ledger":
      return { ...state, ...level, ledger: quantity };
  }
}

/** The person who counted has seen what the tare changed. A scale that shows nonsense still does. */
function afterCount(suspect: StockState["suspect"]): SuspectSensor | null {
  return suspect?.problem === "retared" ? null : (suspect ?? null);
}

function governs(source: CountSource, governing: StockSource): boolean {
  return source === "person" || source === governing;
}
