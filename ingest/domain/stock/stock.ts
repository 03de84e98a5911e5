import { byTime, type NewFact, type StockSource } from "../fact.ts";
import { differ } from "./reconcile.ts";

/** How much there is of one product at one place: a fold over counts and adjustments, in base units. */
export interface StockState {
  quantity: number;
  /** when the quantity was last established, epoch milliseconds */
  measuredAt: number | null;
  /** what people's own counts and adjustments come to; null before the first */
  ledger: number | null;
  /** what each sensor last counted; null once a person has counted after it */
  scale: SensorWord | null;
  rfid: SensorWord | null;
  /** since when a sensor that does not govern says otherwise, epoch milliseconds */
  differsSince: number | null;
  /** the newest fact folded in: later ones can be added without the others */
  through: { at: number; key: string } | null;
}

export interface SensorWord {
  quantity: number;
  /** 0 to 1 */
  confidence: number;
}

export interface StockContext {
  /** whose counts set the level: each position has exactly one governing source; a person's count always does */
  governing: "ledger" | "scale" | "rfid";
}

export const EMPTY_STOCK: StockState = {
  quantity: 0,
  measuredAt: null,
  ledger: null,
  scale: null,
  rfid: null,
  differsSince: null,
  through: null,
};

/** Folds `facts` (any order) on top of `from`, which must not contain any of them. */
export function foldStock(from: StockState, facts: readonly NewFact[], context: StockContext): StockState {
  let state = from;
  for (const fact of [...facts].sort(byTime)) {
    const after = applyFact(state, fact, context);
    const differsSince = differ(after, context.governing) ? (after.differsSince ?? fact.at) : null;
    state = { ...after, differsSince, through: { at: fact.at, key: fact.key } };
  }
  return state;
}

/** Whether `fact` happened after everything folded into `state`: then it can be added without folding again. */
export function isNewest(state: StockState, fact: NewFact): boolean {
  return state.through === null || fact.at > state.through.at;
}

function applyFact(state: StockState, fact: NewFact, { governing }: StockContext): StockState {
  if (fact.type === "counted") return counted(state, fact, governing);
  if (fact.type !== "adjusted") return state;
  const { delta } = fact.data;
  const ledger = bounded((state.ledger ?? state.quantity) + delta);
  // The governing sensor sees what is taken or put by itself: counting the slip for it too would count it twice.
  if (governing !== "ledger" && state[governing] !== null) return { ...state, ledger };
  return { ...state, ledger, quantity: bounded(state.quantity + delta), measuredAt: fact.at };
}

function counted(
  state: StockState,
  { at, data: { quantity, source }, confidence }: NewFact & { type: "counted" },
  governing: StockContext["governing"],
): StockState {
  const level = governs(source, governing) ? { quantity, measuredAt: at } : {};
  switch (source) {
    case "person":
      // A person has looked: what sensors said before counts no more.
      return { ...state, ...level, ledger: quantity, scale: null, rfid: null };
    case "scale":
    case "rfid":
      return { ...state, ...level, [source]: { quantity, confidence } };
    case "ledger":
      return { ...state, ...level, ledger: quantity };
  }
}

function governs(source: StockSource, governing: StockContext["governing"]): boolean {
  return source === "person" || source === governing;
}

/** Keeps a runaway sum storable; the facts keep what was really said. */
function bounded(quantity: number): number {
  return Math.max(-MAX_QUANTITY, Math.min(MAX_QUANTITY, quantity));
}

const MAX_QUANTITY = 2_000_000_000;
