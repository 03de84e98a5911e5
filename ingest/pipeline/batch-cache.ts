import type { Position } from "../../broker/journal/journal.ts";
import { comparePositions } from "./journal-position.ts";
import type { JournalBatch } from "./journal-batch.ts";

/**
 * Batches that the state worker has read and decoded, kept for the series worker: while both are near each other in the
 * journal, the work is done once. The series worker does not wait for a state worker that has stalled, nor the other way
 * round: it then reads the journal itself.
 */
export interface BatchCache {
  /** takes the result of every read of the journal; `found` is undefined when nothing had come at `from` */
  put(from: Position, found: JournalBatch | undefined): void;
  take(from: Position): JournalBatch | undefined;
  /** whether the batch at `from` is the next one to be put, and its reader has not stalled */
  isComing(from: Position): boolean;
  /** bytes from `from` to the next batch that is cached or coming in the same segment */
  bytesUntilNext(from: Position): number | undefined;
}

/** Some megabytes each. A second consumer that is further behind reads the journal itself. */
const MAX_BATCHES = 3;
/** Longer than a full batch takes: a state worker that has put nothing new for so long has stalled. */
const STALLED_AFTER_MS = 3_000;

export function openBatchCache(now: () => number = () => performance.now()): BatchCache {
  let batches: JournalBatch[] = [];
  /** where the next batch begins, and when that was last confirmed (monotonic clock, milliseconds) */
  let next: Position | undefined;
  let updatedAt = 0;
  return {
    put(from, found) {
      if (found === undefined) {
        next = from;
        updatedAt = now();
        return;
      }
      // A batch that is read again after a version conflict is no progress: `updatedAt` stays.
      if (batches.some((batch) => comparePositions(batch.from, from) === 0)) return;
      batches = [...batches, found].slice(-MAX_BATCHES);
      next = found.next;
      updatedAt = now();
    },
    take(from) {
      batches = batches.filter((batch) => comparePositions(batch.from, from) >= 0);
      return batches.find((batch) => comparePositions(batch.from, from) === 0);
    },
    isComing: (from) =>
      next !== undefined && comparePositions(next, from) === 0 && now() - updatedAt < STALLED_AFTER_MS,
    bytesUntilNext(from) {
      const starts = [...batches.map((batch) => batch.from), ...(next ? [next] : [])];
      const ahead = starts.filter(({ segment, offset }) => segment === from.segment && offset > from.offset);
      return ahead.length === 0 ? undefined : Math.min(...ahead.map(({ offset }) => offset - from.offset));
    },
  };
}
