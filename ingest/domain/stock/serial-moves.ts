import type { NewFact, StatedLot } from "../fact.ts";
import { byEventTime } from "../fact-order.ts";

/*
 * What scans of one serial mean for stock. A serial (GTIN and AI 21, or the SSCC of a case) is one thing, however often it
 * is scanned, with which scanner and in which spelling:
 *
 * 1. It is received once at a place: the same place again changes nothing. Received elsewhere it has moved: it leaves the
 *    place where it was.
 * 2. It is picked once. It leaves the place where it was received; if it never was, it was one of the pieces already at the
 *    place where it is picked.
 * 3. What was picked may be received again: it has come back.
 *
 * The order is that of the scans, whenever they become known.
 */

/** Rule of the movements that follow from them. */
export const SERIAL_MOVES = "serial-moves";

export type SerialFact = NewFact & { type: "serial_scanned" };

export interface SerialMoves {
  /** `adjusted` facts of the stock positions */
  facts: NewFact[];
  /** scans without effect, each with what they repeat */
  repeats: { fact: SerialFact; of: SerialFact }[];
  /** where the piece is by its scans; undefined: it was not scanned */
  state: ScannedPiece | undefined;
}

/** Where a piece is, or was picked from. */
export interface ScannedPiece {
  isThere: boolean;
  stockId: number;
  /** since when, epoch milliseconds */
  at: number;
  /** as its label says; the last that says it */
  lot: string | null;
}

/** @param facts of one serial, in any order */
export function foldSerial(facts: readonly NewFact[]): SerialMoves {
  const moves: SerialMoves = { facts: [], repeats: [], state: undefined };
  let last: SerialFact | undefined;
  /** the stock position it is at; null: picked; undefined: nothing is known */
  let at: number | null | undefined;
  const scans = facts.filter((fact): fact is SerialFact => fact.type === "serial_scanned");
  for (const fact of scans.toSorted(byEventTime)) {
    const { stockId, isReceived } = fact.data;
    const lot = fact.data.lot ?? moves.state?.lot ?? null;
    if (isReceived ? at === stockId : at === null) {
      moves.repeats.push({ fact, of: last! });
      if (moves.state !== undefined) moves.state = { ...moves.state, lot };
      continue;
    }
    // What is taken away is what was received: the case had the same content then.
    if (typeof at === "number") moves.facts.push(adjustment(fact, at, -last!.data.quantity, last!.data));
    else if (!isReceived) moves.facts.push(adjustment(fact, stockId, -fact.data.quantity, fact.data));
    if (isReceived) moves.facts.push(adjustment(fact, stockId, fact.data.quantity, fact.data));
    const leaves = !isReceived && typeof at === "number" ? at : stockId;
    moves.state = { isThere: isReceived, stockId: leaves, at: fact.at, lot };
    at = isReceived ? stockId : null;
    last = fact;
  }
  return moves;
}

/** The signal of these adjustments. */
const SERIAL_SIGNAL = "serials";

/** What a label says of the lot of these goods. */
export function statedLots(
  lot: string | undefined,
  quantity: number,
  expiry: string | undefined,
): { lots?: readonly StatedLot[] } {
  return lot === undefined ? {} : { lots: [{ lot, quantity, ...(expiry !== undefined && { expiry }) }] };
}

function adjustment(
  { key, at, evidence, confidence, deviceId, data }: SerialFact,
  stockId: number,
  delta: number,
  { lot, expiry }: Pick<SerialFact["data"], "lot" | "expiry">,
): NewFact {
  const reason = delta > 0 ? "received" : data.isReceived ? "moved" : "picked";
  return {
    key: `moved:${stockId}:${key}`,
    subject: `stock:${stockId}`,
    at,
    type: "adjusted",
    data: { delta, reason, ...statedLots(lot, Math.abs(delta), expiry) },
    rule: SERIAL_MOVES,
    evidence,
    confidence,
    signal: SERIAL_SIGNAL,
    concludedAt: at,
    ...(deviceId !== undefined && { deviceId }),
  };
}
