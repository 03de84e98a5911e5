/**
 * START HERE: how a reading becomes derived state. The steps of one batch, in order:
 *
 *   read         whole frames of the journal, from the cursor of the last commit      pipeline/read-batch.ts
 *   decode       messages → readings; what cannot be read goes to quarantine          pipeline/decode.ts, decoders/
 *   deduplicate  new readings; repeats are counted, contradictions go to quarantine   pipeline/deduplicate.ts
 *   detect       readings → facts: arrived, departed, seen, counted                   pipeline/detect.ts, signals/
 *   decide       facts → state: where a shipment is, how much stock there is          decisions/decide.ts, domain/
 *   commit       all of it and the new cursor, in ONE statement                       stores/statement.ts
 *
 * pipeline/process-batch.ts takes a batch from decode to decide. Postgres refuses the statement when anything the batch
 * was folded from has changed in the meantime (a version conflict): then nothing was written, and the worker reads and
 * folds the batch again. A crash at any moment therefore neither loses a frame nor applies one twice
 * (docs/decisions/03-exactly-once.md). A batch that fails for its content is taken frame by frame, and the readings or
 * messages at fault go to quarantine (pipeline/poison-message.ts). Workers beside this one: start.ts,
 * beside.ts, workers/.
 */
import type { Logger } from "pino";
import type { Pool } from "pg";
import type { JournalReader, Position } from "../broker/journal/journal.ts";
import type { BatchCounts } from "./stores/encoding/device-state.ts";
import { processBatch, type ProcessedBatch, type Stores } from "./pipeline/process-batch.ts";
import type { BatchCache } from "./pipeline/batch-cache.ts";
import { exclusively } from "./decisions/transactions.ts";
import { comparePositions, endsBefore } from "./pipeline/journal-position.ts";
import { findPoisonMessages, isPoisonError, isTimeout, type PoisonMessages } from "./pipeline/poison-message.ts";
import { type Cursor, loadCursor, rewindCursor } from "./stores/queries/cursor.ts";
import { isVersionConflict, type Write, runWrites, conflictOf } from "./stores/statement.ts";
import { moveCursor, recordSkippedFrames } from "./stores/writes/cursor.ts";
import { startLoop, type Loop } from "./workers/loop.ts";
import type { JournalBatch } from "./pipeline/journal-batch.ts";
import { openBatchReader } from "./pipeline/read-batch.ts";

export interface StateWorkerOptions {
  pool: Pool;
  journal: JournalReader;
  stores: Stores;
  /** shares the batches read and decoded here with a second worker on the same journal */
  batchCache?: BatchCache | undefined;
  log: Logger;
}

/** After more version conflicts than this in a row, the worker locks out all other changes for one batch. */
const MAX_LOST_RACES = 1;

export interface StateWorker extends Loop {
  /** everything before this position is committed; undefined until Postgres has answered for the first time */
  cursor(): Position | undefined;
  /** everything this node received up to then is committed, epoch milliseconds; undefined: not known yet */
  receivedWatermark(): number | undefined;
  /** whether the journal had nothing new when it was last read */
  isCaughtUp(): boolean;
  /** what became of what was read since the start */
  counts(): Readonly<StateCounts>;
}

export interface StateCounts extends BatchCounts {
  batches: number;
  /** batches that were folded again, because something they concern had changed */
  conflicts: number;
}

/** Follows the journal and keeps derived state true. It may be started while Postgres is away. */
export function startStateWorker({ pool, journal, stores, batchCache, log }: StateWorkerOptions): StateWorker {
  let cursor: Cursor | undefined;
  const batchReader = openBatchReader({ journal, registry: stores.registry, batchCache });
  let lostRaces = 0;
  /** the end of a batch that failed for its content: frames before it are processed one by one */
  let suspectUntil: Position | undefined;
  /** the part of the frame at the cursor that goes to quarantine */
  let poisonMessages: PoisonMessages | undefined;
  let receivedWatermark: number | undefined;
  const counts: StateCounts = { stored: 0, duplicate: 0, late: 0, quarantined: 0, batches: 0, conflicts: 0 };
  let isCaughtUp = false;

  async function openCursor(): Promise<Cursor> {
    const loaded = await loadCursor(pool, journal);
    // This must come before the journal is trimmed up to the cursor.
    if (!(await endsBefore(journal, loaded))) return loaded;
    log.error(
      { journal: journal.id, cursor: loaded },
      "the journal is older than the database: reading it from its oldest frame",
    );
    return rewindCursor(pool, journal, loaded);
  }

  /** Processes one batch. @returns false when the journal had nothing new */
  async function tick(): Promise<boolean> {
    const readAt = Date.now();
    const from = (cursor ??= await openCursor());
    const suspected = suspectUntil !== undefined && comparePositions(from, suspectUntil) < 0;
    const batch = await (suspected ? batchReader.readFrame(from) : batchReader.read(from));
    isCaughtUp = batch === undefined;
    if (batch === undefined) {
      receivedWatermark = readAt;
      return false;
    }
    const step = () => processAndCommit(batch, from);
    try {
      await stores.mutex.runExclusive(lostRaces > MAX_LOST_RACES ? () => exclusively(pool, step) : step);
    } catch (error) {
      // Back to the shared lock: people's changes must not wait for the search below, nor for the next attempt.
      lostRaces = 0;
      await isolateFault(batch, suspected, error);
    }
    if (cursor?.sequence === batch.next.sequence) receivedWatermark = batch.receivedUntil ?? receivedWatermark;
    return true;
  }

  async function processAndCommit(batch: JournalBatch, from: Cursor): Promise<void> {
    const { records, decoded, next } = batch;
    const through = { journalId: journal.id, next };
    try {
      await commit(await processBatch(stores, records, { through, decoded, ...poisonMessages }), batch, from);
    } catch (error) {
      if (!isVersionConflict(error)) throw error;
      log.debug({ err: error }, "version conflict: folding the batch again");
      lostRaces += 1;
      counts.conflicts += 1;
      cursor = await loadCursor(pool, journal);
    }
  }

  /** Narrows a failure down: a batch is repeated frame by frame; in a single frame the messages at fault are searched. */
  async function isolateFault(batch: JournalBatch, isFrame: boolean, error: unknown): Promise<void> {
    if (!isPoisonError(error)) {
      // Fewer readings at once may be possible where so many took too long.
      if (!isFrame && isTimeout(error)) suspectUntil = batch.next;
      throw error;
    }
    const wasFound = poisonMessages !== undefined;
    poisonMessages = undefined;
    if (!isFrame) suspectUntil = batch.next;
    // The frame fails although what was found is left out: search again after the loop's backoff.
    else if (wasFound) throw error;
    else poisonMessages = await findPoisonMessages(stores, batch.records, error, log);
  }

  /** Records frames that the journal lost before this database read them: the database was restored, or they are corrupt. */
  function gapBefore(sequence: number, from: Cursor): Write[] {
    const expected = from.sequence ?? sequence;
    if (sequence <= expected) return [];
    const frames = { journal: journal.id, fromFrame: expected, toFrame: sequence - 1 };
    log.error(frames, "journal frames were lost before this database had read them");
    return [recordSkippedFrames(journal.id, expected, sequence - 1)];
  }

  /** Commits a batch and its cursor, and updates the caches only then. While Postgres works, the next batch is read. */
  async function commit(processed: ProcessedBatch, batch: JournalBatch, from: Cursor): Promise<void> {
    const { next, sequence } = batch;
    try {
      const moved = [moveCursor(journal.id, from, next), ...gapBefore(sequence, from)];
      const committed = runWrites(pool, [...moved, ...processed.writes]);
      batchReader.prefetchAfter(batch);
      await committed;
    } catch (error) {
      processed.invalidate(conflictOf(error));
      throw error;
    }
    processed.commitCaches();
    counts.batches += 1;
    for (const [name, count] of Object.entries(processed.counts)) counts[name as keyof BatchCounts] += count;
    lostRaces = 0;
    poisonMessages = undefined;
    cursor = next;
  }

  const loop = startLoop("state", tick, log);
  return {
    ...loop,
    cursor: () => cursor,
    receivedWatermark: () => receivedWatermark,
    counts: () => counts,
    isCaughtUp: () => isCaughtUp,
    async close() {
      await loop.close();
      await batchReader.drain();
    },
  };
}
