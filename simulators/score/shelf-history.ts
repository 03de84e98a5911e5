import { type Quantities, SHELF_GRACE_MS, STEP_MS, possibleQuantities } from "./shelf-score.ts";

/** A count event of `GET /inventory-items/{id}/events`. */
export interface ReportedCount {
  /** ISO 8601 */
  at: string;
  quantity: number | null;
}

/** One shelf: its reported counts, its true quantities and its reorder point. */
export interface ShelfHistory {
  shelf: number;
  counts: readonly ReportedCount[];
  truths: Quantities;
  reorderPoint: number;
}

export interface HistoryScore {
  /** settled time (after `SHELF_GRACE_MS` without a change) of all shelves together, milliseconds */
  settledMs: number;
  exactMs: number;
  share: number;
  /** counts at or below the reorder point while the true quantity was above it */
  falselyLow: number;
  findings: string[];
}

/**
 * Scores how much of the settled time the shelves' histories are exact.
 * @param endMs end of simulated time, epoch milliseconds
 * @param clockErrorMs by how much the clock of a scale may be wrong, milliseconds
 */
export function scoreShelfHistory(histories: readonly ShelfHistory[], endMs: number, clockErrorMs = 0): HistoryScore {
  const score: HistoryScore = { settledMs: 0, exactMs: 0, share: 1, falselyLow: 0, findings: [] };
  for (const history of histories) {
    for (const [index, truth] of history.truths.entries()) {
      const from = truth.at + SHELF_GRACE_MS + clockErrorMs;
      const until = (history.truths[index + 1]?.at ?? endMs) - clockErrorMs;
      if (until > from) addInterval(score, history, truth.quantity, from, until);
    }
    for (const { at, quantity } of history.counts) {
      checkFalselyLow(score, history, Date.parse(at), quantity ?? 0, clockErrorMs);
    }
  }
  score.share = score.settledMs === 0 ? 1 : score.exactMs / score.settledMs;
  return score;
}

/** Scores the time from `from` to `until`, in which the true quantity was `truly`. */
function addInterval(
  score: HistoryScore,
  { shelf, counts }: ShelfHistory,
  truly: number,
  from: number,
  until: number,
): void {
  score.settledMs += until - from;
  const steps = counts.map(({ at, quantity }) => ({ at: Date.parse(at), quantity }));
  const within = [
    { at: from, quantity: steps.findLast(({ at }) => at <= from)?.quantity ?? null },
    ...steps.filter(({ at }) => at > from && at < until),
  ];
  for (const [index, { at, quantity }] of within.entries()) {
    const lastsMs = (within[index + 1]?.at ?? until) - at;
    if (quantity === truly) score.exactMs += lastsMs;
    else
      score.findings.push(
        `shelf ${shelf}, ${Math.round(lastsMs / 1000)} s from ${clock(at)}: reported ${quantity ?? "nothing"}, truly ${truly}`,
      );
  }
}

function checkFalselyLow(
  score: HistoryScore,
  { shelf, truths, reorderPoint }: ShelfHistory,
  at: number,
  quantity: number,
  clockErrorMs: number,
): void {
  const possible = possibleQuantities(truths, at - clockErrorMs, at + STEP_MS + clockErrorMs);
  if (quantity > reorderPoint || possible.some((truth) => truth <= reorderPoint)) return;
  score.falselyLow += 1;
  score.findings.push(`shelf ${shelf} at ${clock(at)}: counted low with ${quantity}`);
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}
