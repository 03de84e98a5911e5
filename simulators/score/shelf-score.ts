import { lastBy } from "./truth.ts";

/** What the API says of one shelf, and between which measurements of its scale it said so. */
export interface ShelfAnswer {
  shelf: number;
  quantity: number;
  /** newest reading the platform had before and after it was asked, epoch milliseconds */
  heard: readonly [number, number];
}

export interface ShelfScore {
  /** answers while the shelf had rested long enough to be held to its count */
  settled: number;
  exact: number;
  share: number;
  /** answers at or below the reorder point while more was really there */
  falselyLow: number;
  wrongAtEnd: number;
  findings: string[];
}

export const SHELF_SETTLING_MS = 30_000;

type Quantities = readonly { at: number; quantity: number }[];

/** Counts how often the shelves' quantities were right; what is asked while hands are at work is left out. */
export function createShelfScore(
  truthOf: (shelf: number) => Quantities,
  reorderPointOf: (shelf: number) => number,
): { take(answer: ShelfAnswer): void; result(atEnd: readonly ShelfAnswer[]): ShelfScore } {
  const score: ShelfScore = { settled: 0, exact: 0, share: 1, falselyLow: 0, wrongAtEnd: 0, findings: [] };
  const settledAt = (answer: ShelfAnswer): number | undefined => {
    const [from, to] = answer.heard;
    const truth = lastBy(truthOf(answer.shelf), to);
    return truth && truth.at <= from - SHELF_SETTLING_MS ? truth.quantity : undefined;
  };
  return {
    take(answer) {
      const truth = settledAt(answer);
      if (truth === undefined) return;
      score.settled += 1;
      if (answer.quantity === truth) {
        score.exact += 1;
        return;
      }
      const low = reorderPointOf(answer.shelf);
      if (answer.quantity <= low && truth > low) score.falselyLow += 1;
      const when = new Date(answer.heard[1]).toISOString().slice(11, 19);
      score.findings.push(`shelf ${answer.shelf} at ${when}: shown ${answer.quantity}, truly ${truth}`);
    },
    result(atEnd) {
      for (const answer of atEnd) {
        const [, heard] = answer.heard;
        const truths = truthOf(answer.shelf);
        const allowed = [lastBy(truths, heard), lastBy(truths, heard - SHELF_SETTLING_MS)];
        if (allowed.some((truth) => truth?.quantity === answer.quantity)) continue;
        score.wrongAtEnd += 1;
        score.findings.push(
          `shelf ${answer.shelf} at the end: shown ${answer.quantity}, truly ${allowed[0]?.quantity ?? "unknown"}`,
        );
      }
      score.share = score.settled === 0 ? 1 : score.exact / score.settled;
      return score;
    },
  };
}
