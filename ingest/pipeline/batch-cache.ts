import type { Position } from "../../broker/journal/journal.ts";
import { comparePositions } from "./journal-position.ts";
import type { JournalBatch } from "./journal-batch.ts";

/**
 * What the state worker reads and decodes, for the series worker, so that both need it done only once while they stand
 * near each other. The second neither waits for a first that stands still nor holds it up: then it reads by itself.
 */
export interface BatchCache {
  /** told of every look at the journal: what was found at `from`, or that there was nothing */
  put(from: Position, found: JournalBatch | undefined): void;
  take(from: Position): JournalBatch | undefined;
  /** whether what follows `from` will be offered soon, if there is anything */
  isComing(from: Position): boolean;
  /** how many bytes after `from` the next offer begins or is expected, in the same segment */
  bytesUntilNext(from: Position): number | undefined;
}

/** Some megabytes each: of a second consumer that is further behind, the first knows nothing. */
const MAX_BATCHES = 3;
/** Longer than any statement takes; one that offers nothing new for so long stands still, milliseconds. */
const STALLED_AFTER_MS = 1_000;

export function openBatchCache(now: () => number = () => performance.now()): BatchCache {
  let batches: JournalBatch[] = [];
  /** where the next offer begins, and when that was last heard to be so */
  let next: Position | undefined;
  let updatedAt = 0;
  return {
    put(from, found) {
      if (found === undefined) {
        next = from;
        updatedAt = now();
        return;
      }
      // Folding the same again is no step forward.
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
