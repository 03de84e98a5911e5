import type { Position } from "../../broker/journal/journal.ts";
import { comparePositions } from "./journal-position.ts";
import type { Stretch } from "./read-batch.ts";

/**
 * What the state worker reads and decodes, for the series worker, so that both need it done only once while they stand
 * near each other. The second neither waits for a first that stands still nor holds it up: then it reads by itself.
 */
export interface Handover {
  /** told of every look at the journal: what was found at `from`, or that there was nothing */
  offer(from: Position, found: Stretch | undefined): void;
  take(from: Position): Stretch | undefined;
  /** whether what follows `from` will be offered soon, if there is anything */
  isExpected(from: Position): boolean;
  /** how many bytes after `from` the next offer begins or is expected, in the same segment */
  bytesUntilOffer(from: Position): number | undefined;
}

/** Some megabytes each: of a second consumer that is further behind, the first knows nothing. */
const KEPT = 3;
/** Longer than any statement takes; one that offers nothing new for so long stands still, milliseconds. */
const STANDS_STILL_MS = 1_000;

export function openHandover(now: () => number = () => performance.now()): Handover {
  let kept: Stretch[] = [];
  /** where the next offer begins, and when that was last heard to be so */
  let next: Position | undefined;
  let heardAt = 0;
  return {
    offer(from, found) {
      if (found === undefined) {
        next = from;
        heardAt = now();
        return;
      }
      // Folding the same again is no step forward.
      if (kept.some((stretch) => comparePositions(stretch.from, from) === 0)) return;
      kept = [...kept, found].slice(-KEPT);
      next = found.next;
      heardAt = now();
    },
    take(from) {
      kept = kept.filter((stretch) => comparePositions(stretch.from, from) >= 0);
      return kept.find((stretch) => comparePositions(stretch.from, from) === 0);
    },
    isExpected: (from) => next !== undefined && comparePositions(next, from) === 0 && now() - heardAt < STANDS_STILL_MS,
    bytesUntilOffer(from) {
      const starts = [...kept.map((stretch) => stretch.from), ...(next ? [next] : [])];
      const ahead = starts.filter(({ segment, offset }) => segment === from.segment && offset > from.offset);
      return ahead.length === 0 ? undefined : Math.min(...ahead.map(({ offset }) => offset - from.offset));
    },
  };
}
