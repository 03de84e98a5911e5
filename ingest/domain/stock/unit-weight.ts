import { MAX_RESIDUAL_UNITS } from "./nearest-count.ts";
import { settledWeighings, type Weighing } from "./settled-weight.ts";

/*
 * The weight of one piece, learnt from a load that a person has counted:
 *
 * 1. The load is at least 10 pieces: with fewer, one odd piece changes the mean too much.
 * 2. The weight has settled: the scale says that it is stable, or its last readings agree (settled.ts).
 * 3. Unit weight = (mean of the settled readings − tare) ÷ pieces.
 * 4. Its error (noise, at least 0.5 g, ÷ pieces) limits how many pieces can be counted reliably: 0.35 pieces must be more
 *    than the error of the whole load.
 */
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
/** Shelf scales are no finer than this, even if all their readings are equal. */
const RESOLUTION_GRAMS = 0.5;

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
  const weight = settledWeighings(weighings, divisionGrams);
  if (!weight.ok) return weight;
  const { settled, grossGrams, newest } = weight;
  const unitWeightGrams = (grossGrams - tareGrams) / pieces;
  if (unitWeightGrams <= 0) {
    return failure(`the load of ${grossGrams.toFixed(1)} g is not above the tare of ${tareGrams.toFixed(1)} g`);
  }
  const spreadGrams = deviationOf(settled, grossGrams) / pieces;
  const errorGrams = Math.max(spreadGrams, RESOLUTION_GRAMS / pieces);
  const maxReliableCount = Math.floor((MAX_RESIDUAL_UNITS * unitWeightGrams) / errorGrams);
  const { ts: measuredAt } = newest;
  return {
    ok: true,
    learnt: { unitWeightGrams, spreadGrams, grossGrams, readings: settled.length, measuredAt, maxReliableCount },
  };
}

/** Standard deviation of a sample; 0 for a single reading. */
function deviationOf(weighings: readonly Weighing[], mean: number): number {
  if (weighings.length < 2) return 0;
  return Math.sqrt(weighings.reduce((sum, { grams }) => sum + (grams - mean) ** 2, 0) / (weighings.length - 1));
}

function failure(detail: string): { ok: false; detail: string } {
  return { ok: false, detail };
}
