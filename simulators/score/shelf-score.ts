import { latestAt } from "./ground-truth.ts";

/** The API's quantity of one shelf. */
export interface ShelfAnswer {
  shelf: number;
  quantity: number;
  /** newest reading the platform had before and after the request, epoch milliseconds */
  readingWindow: readonly [number, number];
}

/** A quantity as the live stream shows it. */
export interface LiveStock {
  shelf: number;
  quantity: number;
  /** quantity less reservations; low when at or below the reorder point */
  available: number;
  /** time of the measurement, epoch milliseconds */
  measuredAt: number;
}

export interface ShelfScore {
  /** answers about settled shelves: no change for `SHELF_GRACE_MS` */
  settled: number;
  exact: number;
  share: number;
  /** times a shelf was shown at or below its reorder point while the true quantity was above it */
  falselyLow: number;
  wrongAtEnd: number;
  findings: string[];
}

export interface ShelfEvaluator {
  /** Scores an answer of the API. */
  addAnswer(answer: ShelfAnswer): void;
  /** Scores an event of the live stream. */
  addLiveStock(stock: LiveStock): void;
  result(atEnd: readonly ShelfAnswer[]): ShelfScore;
}

/** Grace period of the platform after a shelf's quantity changed, milliseconds. */
export const SHELF_GRACE_MS = 30_000;
/** A change and the reading that shows it may be this far apart, milliseconds. */
export const STEP_MS = 1_000;

export type Quantities = readonly { at: number; quantity: number }[];

/**
 * Scores the shelves' quantities. Answers within the grace period after a change are not counted.
 * @param clockErrorMs by how much the clock of a scale may be wrong, milliseconds
 */
export function createShelfEvaluator(
  truthOf: (shelf: number) => Quantities,
  reorderPointOf: (shelf: number) => number,
  clockErrorMs = 0,
): ShelfEvaluator {
  const score: ShelfScore = { settled: 0, exact: 0, share: 1, falselyLow: 0, wrongAtEnd: 0, findings: [] };
  const addFinding = (shelf: number, at: number, what: string): void => {
    score.findings.push(`shelf ${shelf} at ${new Date(at).toISOString().slice(11, 19)}: ${what}`);
  };
  return {
    addAnswer({ shelf, quantity, readingWindow: [from, to] }) {
      const truth = latestAt(truthOf(shelf), to + clockErrorMs);
      if (!truth || truth.at > from - SHELF_GRACE_MS - clockErrorMs) return;
      score.settled += 1;
      if (quantity === truth.quantity) score.exact += 1;
      else addFinding(shelf, to, `shown ${quantity}, truly ${truth.quantity}`);
    },
    addLiveStock({ shelf, quantity, available, measuredAt }) {
      const low = reorderPointOf(shelf);
      const possible = possibleQuantities(
        truthOf(shelf),
        measuredAt - clockErrorMs,
        measuredAt + STEP_MS + clockErrorMs,
      );
      if (available > low || possible.some((truth) => truth <= low)) return;
      score.falselyLow += 1;
      addFinding(shelf, measuredAt, `shown low with ${quantity}, truly ${possible.at(-1) ?? "unknown"}`);
    },
    result(atEnd) {
      for (const { shelf, quantity, readingWindow: heard } of atEnd) {
        const possible = possibleQuantities(truthOf(shelf), heard[0] - clockErrorMs, heard[1] + clockErrorMs);
        if (possible.includes(quantity)) continue;
        score.wrongAtEnd += 1;
        addFinding(shelf, heard[1], `ends with ${quantity}, truly ${possible.at(-1) ?? "unknown"}`);
      }
      score.share = score.settled === 0 ? 1 : score.exact / score.settled;
      return score;
    },
  };
}

/** All quantities that the platform may show for readings between `from` and `to` (epoch milliseconds). */
export function possibleQuantities(truths: Quantities, from: number, to: number): number[] {
  const before = latestAt(truths, from - SHELF_GRACE_MS);
  const since = truths.filter(({ at }) => at > from - SHELF_GRACE_MS && at <= to);
  return [...(before ? [before] : []), ...since].map(({ quantity }) => quantity);
}
