/** What has faultStats the readings of a run: every fault that was asked for shows here, in numbers. */
export interface FaultStats {
  /** handed to the modem */
  readings: number;
  /** of those: never sent, sent twice, sent 40 to 120 s late, overtaken by the next */
  dropped: number;
  twice: number;
  late: number;
  overtaken: number;
  /** inquiries that a tag in the field could have answered, those it did, and reads of tags that were elsewhere */
  asked: number;
  answered: number;
  strays: number;
  /** fixes, those without satellites, and the sum of their squared errors on both axes, m² */
  fixes: number;
  noFix: number;
  squaredErrorM2: number;
  /** weights with no hand in the shelf, the sum of their squared noise, and the largest offset of a zero, units */
  weights: number;
  squaredNoiseUnits2: number;
  driftUnits: number;
  /** largest error of a clock, milliseconds */
  skewMs: number;
}

export function createFaultStats(): FaultStats {
  return {
    ...{ readings: 0, dropped: 0, twice: 0, late: 0, overtaken: 0, asked: 0, answered: 0, strays: 0 },
    ...{ fixes: 0, noFix: 0, squaredErrorM2: 0, weights: 0, squaredNoiseUnits2: 0, driftUnits: 0, skewMs: 0 },
  };
}

/** Names and figures for the final table. */
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
