import { SETTLE_MS, SETTLE_READINGS, settledRangeGrams } from "./settled.ts";

/** What a scale has told at a time. */
export interface Weighing {
  /** epoch milliseconds */
  ts: number;
  /** gross */
  grams: number;
  /** whether the scale itself says that the weight is stable; undefined: it does not say */
  stable?: boolean | undefined;
}

/** Older readings than the last 32 of a settled weight add nothing to its mean. */
const MEAN_OF = 32;

/**
 * The weight that lies on a scale now.
 * @param weighings of one scale, oldest first; only the settled ones at their end are used
 * @returns those, or `detail` for the person at the scale
 */
export function settledWeighings(
  weighings: readonly Weighing[],
  divisionGrams: number | undefined,
): { ok: true; settled: readonly Weighing[]; grossGrams: number; newest: Weighing } | { ok: false; detail: string } {
  const newest = weighings.at(-1);
  if (newest === undefined) return { ok: false, detail: "the scale has not reported a weight yet" };
  if (newest.stable === false) {
    return { ok: false, detail: "the weight has not settled: the scale reports it as unstable" };
  }
  const settled = settledTail(weighings, divisionGrams);
  const lastedMs = newest.ts - settled[0]!.ts;
  if (newest.stable !== true && (settled.length < SETTLE_READINGS || lastedMs < SETTLE_MS)) {
    const agree = `${settled.length} readings over ${lastedMs / 1000} s agree`;
    const wanted = `${SETTLE_READINGS} over ${SETTLE_MS / 1000} s are needed`;
    return { ok: false, detail: `the weight has not settled: ${agree}, ${wanted}` };
  }
  const grossGrams = settled.reduce((sum, { grams }) => sum + grams, 0) / settled.length;
  return { ok: true, settled, grossGrams, newest };
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
