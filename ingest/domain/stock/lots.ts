import type { NewFact, StatedLot } from "../fact.ts";

/*
 * What of a stock position is of which lot:
 *
 * 1. What is put or taken with its lot changes that lot. What is put without one has no lot that is known.
 * 2. What is taken without a lot is first what has no lot, then what came first. So a recall rather finds a place where the
 *    lot is no longer than misses one where it is.
 * 3. The lots of a position are never more than its level. Where a sensor counts, goods are often received before the sensor
 *    sees them, so as many are remembered as the ledger has, and as many are shown as the level has.
 * 4. Who counts one lot says how many of it there are, and nothing of the others. More of it than was known is first what had
 *    no lot; only what is beyond that is more goods.
 */

/** So much of a position is of this lot. */
export interface LotQuantity {
  lot: string;
  quantity: number;
  /** when the first of it came, epoch milliseconds */
  since: number;
}

/** A position remembers so many lots at most; beyond that the oldest has no lot that is known. */
const MAX_LOTS = 200;

/** The rule of movements that put goods of a lot on hold, and that release them. */
export const LOT_HOLD = "lot-hold";

/** The lots without those that a fact names. */
export function withoutLotsOf(fact: NewFact, lots: readonly LotQuantity[]): LotQuantity[] {
  const named = new Set(lotsNamedBy(fact).map(({ lot }) => lot));
  return lots.filter(({ lot }) => !named.has(lot));
}

/** The lots that a fact names. */
export function lotsNamedBy(fact: NewFact): readonly StatedLot[] {
  if (fact.type === "adjusted") return fact.data.lots ?? [];
  return fact.type === "lot_counted" ? [fact.data] : [];
}

/** What a count of one lot changes the whole position by. */
export function changeByLotCount(lots: readonly LotQuantity[], level: number, { lot, quantity }: StatedLot): number {
  const known = lots.find((each) => each.lot === lot)?.quantity ?? 0;
  const withoutLot = Math.max(0, level - sumOf(lots));
  return quantity < known ? quantity - known : Math.max(0, quantity - known - withoutLot);
}

/**
 * The lots after a fact.
 * @param before in the order in which they came
 * @param most that the lots can be together afterwards
 */
export function lotsAfter(before: readonly LotQuantity[], fact: NewFact, most: number): LotQuantity[] {
  const lots = before.map((each) => ({ ...each }));
  const isTaken = fact.type === "adjusted" && fact.data.delta < 0;
  for (const { lot, quantity } of lotsNamedBy(fact)) {
    const known = lots.find((each) => each.lot === lot);
    if (isTaken) {
      if (known) known.quantity -= Math.min(known.quantity, quantity);
      continue;
    }
    const more = fact.type === "lot_counted" ? quantity - (known?.quantity ?? 0) : quantity;
    // Of goods that another source has told of with their lot, nothing is left that could be of this one.
    const added = Math.min(more, Math.max(0, most - sumOf(lots)));
    if (known) known.quantity += added;
    else lots.push({ lot, quantity: added, since: fact.at });
  }
  return lotsWithin(
    lots.filter(({ quantity }) => quantity > 0),
    most,
  ).slice(-MAX_LOTS);
}

/** Of which lots so many pieces are that are taken without naming any. */
export function lotsTaken(lots: readonly LotQuantity[], level: number, pieces: number): StatedLot[] {
  let rest = pieces - Math.max(0, level - sumOf(lots));
  return lots.flatMap(({ lot, quantity }) => {
    const taken = Math.min(quantity, Math.max(0, rest));
    rest -= taken;
    return taken === 0 ? [] : [{ lot, quantity: taken }];
  });
}

/** As much of the lots as fits: what came first is gone first. */
export function lotsWithin(lots: readonly LotQuantity[], most: number): LotQuantity[] {
  let excess = sumOf(lots) - Math.max(0, most);
  if (excess <= 0) return [...lots];
  return lots.flatMap((each) => {
    const gone = Math.min(each.quantity, Math.max(0, excess));
    excess -= gone;
    return gone === each.quantity ? [] : [{ ...each, quantity: each.quantity - gone }];
  });
}

/** What a fact changed the shown quantity of a lot by. */
export interface LotMovement {
  stockId: number;
  /** of its fact */
  key: string;
  /** epoch milliseconds */
  at: number;
  lot: string;
  delta: number;
  /** of the lot, afterwards */
  quantity: number;
}

/** What the lots of a position changed by; @param before and @param after as they are shown */
export function lotMovements(
  stockId: number,
  { key, at }: NewFact,
  before: readonly LotQuantity[],
  after: readonly LotQuantity[],
): LotMovement[] {
  const known = new Map(before.map(({ lot, quantity }) => [lot, quantity]));
  const now = new Map(after.map(({ lot, quantity }) => [lot, quantity]));
  return [...new Set([...known.keys(), ...now.keys()])].flatMap((lot) => {
    const quantity = now.get(lot) ?? 0;
    const delta = quantity - (known.get(lot) ?? 0);
    return delta === 0 ? [] : [{ stockId, key, at, lot, delta, quantity }];
  });
}

const sumOf = (lots: readonly LotQuantity[]): number => lots.reduce((sum, { quantity }) => sum + quantity, 0);
