import type { NewFact } from "../fact.ts";

/*
 * Movements are the ledger of a stock position: what each fact changed its level by, in the order in which the facts
 * happened. They are the output of the fold, so a fact that becomes known late changes those after it, and the level is
 * always their sum.
 *
 * The level is a whole number from 0 to `MAX_LEVEL`. What is taken beyond that is known to be there, or put beyond what can
 * be counted, does not fit: it moves nothing, it is kept as `unfit`, and a person is asked to count. Goods that arrive later
 * are set off against it: a picking is often recorded before the receipt of what was picked.
 */

/** The most that one position can hold: the largest `integer` of the database. */
export const MAX_LEVEL = 2_147_483_647;

export interface Movement {
  stockId: number;
  /** of its fact */
  key: string;
  /** epoch milliseconds */
  at: number;
  /** what the level changed by, in base units */
  delta: number;
  /** the level afterwards */
  level: number;
  /** what could not be taken (negative) or put (positive); with the other sign: what an earlier movement could not, and this one set off */
  unfit: number;
}

/** The level of a sum of counts and adjustments. */
export const levelOf = (sum: number): number => Math.max(0, Math.min(MAX_LEVEL, sum));

/** @returns undefined for a fact that moves nothing: a count that confirms the level, or a doubt about a sensor */
export function movementOf(stockId: number, fact: NewFact, sumBefore: number, sumAfter: number): Movement | undefined {
  const [before, level] = [levelOf(sumBefore), levelOf(sumAfter)];
  const delta = level - before;
  const unfit = sumAfter - level - (sumBefore - before);
  // An adjustment is somebody's statement: it is shown also where a sensor counts by itself what it says.
  if (delta === 0 && unfit === 0 && fact.type !== "adjusted") return undefined;
  return { stockId, key: fact.key, at: fact.at, delta, level, unfit: clamped(unfit) };
}

/** For the column; the facts keep the true numbers. */
const clamped = (unfit: number): number => Math.max(-MAX_LEVEL, Math.min(MAX_LEVEL, unfit));
