/** Counts of the injected faults of a run. The field names are part of the JSON output. */
export interface FaultStats {
  /** readings the devices produced */
  readings: number;
  /** of those: never sent, sent twice, sent 40 to 120 s late, sent after the next one */
  dropped: number;
  twice: number;
  late: number;
  overtaken: number;
  /** inventory rounds with a tag in the field, those it answered, and reads of tags elsewhere */
  asked: number;
  answered: number;
  strays: number;
  /** GPS fixes, those without satellites, and the sum of squared errors on both axes, m² */
  fixes: number;
  noFix: number;
  squaredErrorM2: number;
  /** undisturbed weights, the sum of their squared noise, and the largest zero offset, units of the product */
  weights: number;
  squaredNoiseUnits2: number;
  driftUnits: number;
  /** largest clock error, milliseconds */
  skewMs: number;
}

export function createFaultStats(): FaultStats {
  return {
    ...{ readings: 0, dropped: 0, twice: 0, late: 0, overtaken: 0, asked: 0, answered: 0, strays: 0 },
    ...{ fixes: 0, noFix: 0, squaredErrorM2: 0, weights: 0, squaredNoiseUnits2: 0, driftUnits: 0, skewMs: 0 },
  };
}

/** Rows of the final table. */
export function faultStatsRows(of: FaultStats): [name: string, figure: string][] {
  const sent = of.readings - of.dropped;
  return [
    ["dropped", share(of.dropped, of.readings)],
    ["sent late", share(of.late, sent)],
    ["sent twice", share(of.twice, sent)],
    ["overtaken", share(of.overtaken, sent)],
    ["tags that answered", `${of.answered} of ${of.asked} inquiries (${percent(of.answered, of.asked)})`],
    ["reads of strays", share(of.strays, of.answered)],
    ["fixes without satellites", share(of.noFix, of.fixes)],
    ["error of fixes, m", deviation(of.squaredErrorM2, 2 * (of.fixes - of.noFix)).toFixed(2)],
    ["noise of scales, pieces", deviation(of.squaredNoiseUnits2, of.weights).toFixed(4)],
    ["largest drift, pieces", of.driftUnits.toFixed(4)],
    ["largest error of a clock, s", (of.skewMs / 1000).toFixed(1)],
  ];
}

function share(some: number, all: number): string {
  return `${some} (${percent(some, all)})`;
}

function percent(some: number, all: number): string {
  return `${(all === 0 ? 0 : (some / all) * 100).toFixed(2)} %`;
}

function deviation(squares: number, count: number): number {
  return count === 0 ? 0 : Math.sqrt(squares / count);
}
