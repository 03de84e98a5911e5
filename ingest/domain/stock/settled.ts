/*
 * When the weight on a scale has settled: at least three readings in a row, over at least two seconds, that differ by no
 * more than two divisions of the scale or 0.2 % of the load, whichever is larger. The load is the gross weight: what the
 * load cell carries. The weight of one piece does not matter: goods that swing are not settled, however heavy a piece is.
 */

export const SETTLE_READINGS = 3;
export const SETTLE_MS = 2_000;
const RANGE_DIVISIONS = 2;
const RANGE_SHARE = 0.002;
/** Of a scale whose mount does not say how fine it is, grams. */
const DEFAULT_DIVISION_GRAMS = 1;

/** By how much the readings of a settled weight may differ, grams. */
export function settledRangeGrams(grossGrams: number, divisionGrams = DEFAULT_DIVISION_GRAMS): number {
  return Math.max(RANGE_DIVISIONS * divisionGrams, RANGE_SHARE * Math.abs(grossGrams));
}
