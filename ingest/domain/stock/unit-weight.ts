import { SETTLE_MS, SETTLE_READINGS, settledRangeGrams } from "./settled.ts";

/*
 * The weight of one piece, learnt from a load that a person has counted:
 *
 * 1. The load is at least 10 pieces: with fewer, one odd piece changes the mean too much.
 * 2. The weight has settled: the scale says that it is stable, or its last readings agree (settled.ts).
 * 3. Unit weight = (mean of the settled readings − tare) ÷ pieces.
 * 4. Its error (noise, at least 0.5 g, ÷ pieces) limits how many pieces can be counted reliably: 0.35 pieces must be more
 *    than the error of the whole load.
 */
export interface Weighing {
  /** epoch milliseconds */
  ts: number;
  /** gross */
  grams: number;
  /** whether the scale itself says that the weight is stable; undefined: it does not say */
  stable?: boolean | undefined;
}

export interface UnitWeight {
  unitWeightGrams: number;
  /** standard deviation of the unit weight by the noise of the readings */
  spreadGrams: number;
  /** mean of the settled readings */
  grossGrams: number;
  readings: number;
  /** of the newest reading, epoch milliseconds */
  measuredAt: number;
  /** up to this many pieces the error of the unit weight does not make a count wrong */
  maxReliableCount: number;
}

export const MIN_PIECES = 10;
/** The mean is of at most this many readings. */
const MEAN_OF = 32;
/** Shelf scales are no finer than this, even if all their readings are equal. */
const RESOLUTION_GRAMS = 0.5;
/** The same as in scale-count.ts: a weight further from a whole number is not a count, pieces. */
const MAX_RESIDUAL = 0.35;

/**
 * @param weighings of one scale, oldest first; only the settled ones at their end are used
 * @returns the unit weight, or `detail` for the person at the scale
 */
export function learnUnitWeight(
  weighings: readonly Weighing[],
  { tareGrams, divisionGrams }: { tareGrams: number; divisionGrams?: number | undefined },
  pieces: number,
): { ok: true; learnt: UnitWeight } | { ok: false; detail: string } {
  if (pieces < MIN_PIECES) return failure(`at least ${MIN_PIECES} pieces are needed, not ${pieces}`);
  const newest = weighings.at(-1);
  if (newest === undefined) return failure("the scale has not reported a weight yet");
  if (newest.stable === false) return failure("the weight has not settled: the scale reports it as unstable");
  const settled = settledTail(weighings, divisionGrams);
  const lastedMs = newest.ts - settled[0]!.ts;
  if (newest.stable !== true && (settled.length < SETTLE_READINGS || lastedMs < SETTLE_MS)) {
    const wanted = `${SETTLE_READINGS} over ${SETTLE_MS / 1000} s are needed`;
    return failure(`the weight has not settled: ${settled.length} readings over ${lastedMs / 1000} s agree, ${wanted}`);
  }
  const grossGrams = meanOf(settled);
  const unitWeightGrams = (grossGrams - tareGrams) / pieces;
  if (unitWeightGrams <= 0) {
    return failure(`the load of ${grossGrams.toFixed(1)} g is not above the tare of ${tareGrams.toFixed(1)} g`);
  }
  const spreadGrams = deviationOf(settled, grossGrams) / pieces;
  const errorGrams = Math.max(spreadGrams, RESOLUTION_GRAMS / pieces);
  const maxReliableCount = Math.floor((MAX_RESIDUAL * unitWeightGrams) / errorGrams);
  const { ts: measuredAt } = newest;
  return {
    ok: true,
    learnt: { unitWeightGrams, spreadGrams, grossGrams, readings: settled.length, measuredAt, maxReliableCount },
  };
}

/** The longest tail of readings within the range. */
function settledTail(weighings: readonly Weighing[], divisionGrams: number | undefined): Weighing[] {
  const newest = weighings.at(-1)!;
  const range = settledRangeGrams(newest.grams, divisionGrams);
  let [least, most, from] = [newest.grams, newest.grams, weighings.length - 1];
  while (from > 0 && weighings.length - from < MEAN_OF) {
    const { grams, stable } = weighings[from - 1]!;
    least = Math.min(least, grams);
    most = Math.max(most, grams);
    if (stable === false || most - least > range) break;
    from -= 1;
  }
  return weighings.slice(from);
}

function meanOf(weighings: readonly Weighing[]): number {
  return weighings.reduce((sum, { grams }) => sum + grams, 0) / weighings.length;
}

/** Standard deviation of a sample; 0 for a single reading. */
function deviationOf(weighings: readonly Weighing[], mean: number): number {
  if (weighings.length < 2) return 0;
  return Math.sqrt(weighings.reduce((sum, { grams }) => sum + (grams - mean) ** 2, 0) / (weighings.length - 1));
}

function failure(detail: string): { ok: false; detail: string } {
  return { ok: false, detail };
}
