/*
 * How long things take, when some have not ended yet (Kaplan and Meier's product-limit estimate). What still waits is no dwell
 * that has ended, and leaving it out would hide a jam: the goods that are stuck are those that are missing. It counts as "at least
 * so long" (censored).
 *
 * At each time t at which d dwells end while n are still under way, the share that lasts longer is multiplied by (n − d) / n. What
 * is censored at t is still under way at t. The p-th percentile is the first time at which 1 − share reaches p.
 *
 * Example, hours: ended after 1, 2 and 4, and one waits since 3. The share that lasts longer is 3/4 after 1, 3/4 × 2/3 = 1/2 after 2,
 * and 0 after 4, when only that one was left. The median is 2, the 90th percentile 4. Were the last one still there, too, the 90th
 * percentile would not be known yet.
 */

/** Dwells of the same length. */
export interface Dwells {
  hours: number;
  /** that ended after so long */
  ended: number;
  /** that have lasted so long and have not ended: they go on, or nobody knows */
  censored: number;
}

export interface DwellEstimate {
  ended: number;
  censored: number;
  /** for each share that was asked for: hours; null: so many have not ended yet */
  percentiles: (number | null)[];
}

/** Shares are rounded a little when they are multiplied: 1/2 must be found as 0.5. */
const ROUNDING = 1e-9;

/** @param dwells in any order; @param shares from 0 to 1, e.g. 0.5 for the median */
export function productLimit(dwells: readonly Dwells[], shares: readonly number[]): DwellEstimate {
  const byLength = dwells.toSorted((a, b) => a.hours - b.hours);
  let underWay = byLength.reduce((sum, { ended, censored }) => sum + ended + censored, 0);
  let lasting = 1;
  const percentiles: (number | null)[] = shares.map(() => null);
  const totals = { ended: 0, censored: 0 };
  for (let at = 0; at < byLength.length;) {
    const { hours } = byLength[at]!;
    let [ended, censored] = [0, 0];
    for (; byLength[at]?.hours === hours; at += 1) {
      ended += byLength[at]!.ended;
      censored += byLength[at]!.censored;
    }
    if (ended > 0) lasting *= (underWay - ended) / underWay;
    underWay -= ended + censored;
    totals.ended += ended;
    totals.censored += censored;
    if (ended === 0) continue;
    for (const [index, share] of shares.entries()) {
      if (percentiles[index] === null && 1 - lasting >= share - ROUNDING) percentiles[index] = hours;
    }
  }
  return { ...totals, percentiles };
}
