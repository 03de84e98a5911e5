/**
 * What one piece weighs, learnt from a load a person has counted. The weight must have settled; and since the weight of a
 * piece is what is being learnt, settled is judged by the load alone, more strictly than where pieces are counted.
 */
export interface Weighing {
  /** epoch milliseconds */
  ts: number;
  /** gross */
  grams: number;
  /** the scale's own word, where it gives one */
  stable?: boolean | undefined;
}

export interface UnitWeight {
  unitWeightGrams: number;
  /** standard deviation of the unit weight, as the noise of the readings leaves it */
  spreadGrams: number;
  /** mean of the settled readings */
  grossGrams: number;
  readings: number;
  /** of the newest reading, epoch milliseconds */
  measuredAt: number;
  /** up to how many pieces the error of the unit weight alone cannot make a count wrong */
  maxReliableCount: number;
}

/** With fewer, one odd piece weighs too much in the mean. */
export const MIN_PIECES = 10;
/** Settled: so many readings over at least so long … */
const SETTLE_READINGS = 3;
const SETTLE_MS = 2_000;
/** … no further apart than this: the larger of grams and a share of the load. */
const RANGE_GRAMS = 2;
const RANGE_SHARE = 0.002;
const MEAN_OF = 32;
/** No shelf scale weighs finer than this, however equal its readings are. */
const RESOLUTION_GRAMS = 0.5;
/** A count this far off a whole number is not believed (scale-count.ts), pieces. */
const MAX_RESIDUAL = 0.35;

/**
 * @param weighings of one scale, oldest first; only the settled stretch at their end is used
 * @returns why nothing can be learnt, in words for the person at the scale
 */
export function learnUnitWeight(
  weighings: readonly Weighing[],
  tareGrams: number,
  pieces: number,
): { ok: true; learnt: UnitWeight } | { ok: false; detail: string } {
  if (pieces < MIN_PIECES) return refused(`at least ${MIN_PIECES} pieces are needed, not ${pieces}`);
  const newest = weighings.at(-1);
  if (newest === undefined) return refused("the scale has not reported a weight yet");
  if (newest.stable === false) return refused("the weight has not settled: the scale says that it is moving");
  const settled = settledEnd(weighings);
  const lastedMs = newest.ts - settled[0]!.ts;
  if (newest.stable !== true && (settled.length < SETTLE_READINGS || lastedMs < SETTLE_MS)) {
    const wanted = `${SETTLE_READINGS} over ${SETTLE_MS / 1000} s are needed`;
    return refused(`the weight has not settled: ${settled.length} readings over ${lastedMs / 1000} s agree, ${wanted}`);
  }
  const grossGrams = meanOf(settled);
  const unitWeightGrams = (grossGrams - tareGrams) / pieces;
  if (unitWeightGrams <= 0) {
    return refused(`the load of ${grossGrams.toFixed(1)} g is not above the tare of ${tareGrams.toFixed(1)} g`);
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

/** The longest stretch at the end that stays within the range. */
function settledEnd(weighings: readonly Weighing[]): Weighing[] {
  const newest = weighings.at(-1)!;
  const range = Math.max(RANGE_GRAMS, RANGE_SHARE * Math.abs(newest.grams));
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

/** Of a sample; of a single reading nothing is known. */
function deviationOf(weighings: readonly Weighing[], mean: number): number {
  if (weighings.length < 2) return 0;
  return Math.sqrt(weighings.reduce((sum, { grams }) => sum + (grams - mean) ** 2, 0) / (weighings.length - 1));
}

function refused(detail: string): { ok: false; detail: string } {
  return { ok: false, detail };
}
