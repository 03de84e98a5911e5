import { latestAt } from "./ground-truth.ts";

/** What the API says of one shelf, and between which measurements of its scale it said so. */
export interface ShelfAnswer {
  shelf: number;
  quantity: number;
  /** newest reading the platform had before and after it was asked, epoch milliseconds */
  readingWindow: readonly [number, number];
}

/** A quantity as the live stream shows it. */
export interface LiveStock {
  shelf: number;
  quantity: number;
  /** what is not reserved: low when it is at the reorder point or below */
  available: number;
  /** of the measurement the quantity is from, epoch milliseconds */
  measuredAt: number;
}

export interface ShelfScore {
  /** answers while the shelf had rested long enough to be held to its count */
  settled: number;
  exact: number;
  share: number;
  /** times a shelf was shown at or below its reorder point while more was really there */
  falselyLow: number;
  wrongAtEnd: number;
  findings: string[];
}

export interface ShelfEvaluator {
  /** The platform was asked. */
  addAnswer(answer: ShelfAnswer): void;
  /** The platform says by itself that a quantity has changed. */
  addLiveStock(stock: LiveStock): void;
  result(atEnd: readonly ShelfAnswer[]): ShelfScore;
}

/** After a hand was in the shelf the platform has this long until it is held to the count, milliseconds. */
export const SHELF_SETTLING_MS = 30_000;
/** A hand is seen by the scale in the step in which it reaches in. */
export const STEP_MS = 1_000;

export type Quantities = readonly { at: number; quantity: number }[];

/** Counts how often the shelves' quantities were right; what is asked while hands are at work is left out. */
export function createShelfEvaluator(
  truthOf: (shelf: number) => Quantities,
  reorderPointOf: (shelf: number) => number,
): ShelfEvaluator {
  const score: ShelfScore = { settled: 0, exact: 0, share: 1, falselyLow: 0, wrongAtEnd: 0, findings: [] };
  const addFinding = (shelf: number, at: number, what: string): void => {
    score.findings.push(`shelf ${shelf} at ${new Date(at).toISOString().slice(11, 19)}: ${what}`);
  };
  return {
    addAnswer({ shelf, quantity, readingWindow: [from, to] }) {
      const truth = latestAt(truthOf(shelf), to);
      if (!truth || truth.at > from - SHELF_SETTLING_MS) return;
      score.settled += 1;
      if (quantity === truth.quantity) score.exact += 1;
      else addFinding(shelf, to, `shown ${quantity}, truly ${truth.quantity}`);
    },
    addLiveStock({ shelf, quantity, available, measuredAt }) {
      const low = reorderPointOf(shelf);
      const possible = possibleQuantities(truthOf(shelf), measuredAt, measuredAt + STEP_MS);
      if (available > low || possible.some((truth) => truth <= low)) return;
      score.falselyLow += 1;
      addFinding(shelf, measuredAt, `shown low with ${quantity}, truly ${possible.at(-1) ?? "unknown"}`);
    },
    result(atEnd) {
      for (const { shelf, quantity, readingWindow: heard } of atEnd) {
        const possible = possibleQuantities(truthOf(shelf), ...heard);
        if (possible.includes(quantity)) continue;
        score.wrongAtEnd += 1;
        addFinding(shelf, heard[1], `ends with ${quantity}, truly ${possible.at(-1) ?? "unknown"}`);
      }
      score.share = score.settled === 0 ? 1 : score.exact / score.settled;
      return score;
    },
  };
}

/** All that was true from when it is held to the first measurement until the second. */
export function possibleQuantities(truths: Quantities, from: number, to: number): number[] {
  const before = latestAt(truths, from - SHELF_SETTLING_MS);
  const since = truths.filter(({ at }) => at > from - SHELF_SETTLING_MS && at <= to);
  return [...(before ? [before] : []), ...since].map(({ quantity }) => quantity);
}
