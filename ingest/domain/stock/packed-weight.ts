/*
 * Whether a packed box weighs what its contents should weigh:
 *
 * 1. Expected = unit weight × pieces of everything in it, and the packaging.
 * 2. It agrees when it differs by no more than half of the lightest piece, or by 1 % of what is expected if that is more: pieces
 *    are not all alike, and cardboard is not either. So one piece too many or too few is noticed, unless it weighs less than 2 %.
 * 3. Where an item has no unit weight, nothing is expected and nothing can differ.
 */

const TOLERATED_PIECES = 0.5;
const TOLERATED_SHARE = 0.01;

export interface PackedGoods {
  /** pieces */
  quantity: number;
  /** null: not known */
  unitWeightGrams: number | null;
}

/** What a box should weigh, grams. */
export interface ExpectedWeight {
  grams: number;
  /** it may weigh so much more or less */
  toleranceGrams: number;
}

/** @returns undefined: of one of the goods the unit weight is not known */
export function expectedWeight(goods: readonly PackedGoods[], packagingGrams: number): ExpectedWeight | undefined {
  let contents = 0;
  let lightest = Infinity;
  for (const { quantity, unitWeightGrams } of goods) {
    if (unitWeightGrams === null) return undefined;
    contents += quantity * unitWeightGrams;
    lightest = Math.min(lightest, unitWeightGrams);
  }
  const grams = contents + packagingGrams;
  return { grams, toleranceGrams: Math.max(TOLERATED_PIECES * lightest, TOLERATED_SHARE * grams) };
}

export const weightAgrees = (expected: ExpectedWeight, grossGrams: number): boolean =>
  Math.abs(grossGrams - expected.grams) <= expected.toleranceGrams;
