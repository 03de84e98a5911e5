/**
 * START HERE. How a reading becomes truth:
 *
 *   read    whole frames from the journal, from where the last commit left the cursor     stretches.ts
 *   decode  messages → readings; what cannot be read goes to quarantine          decode.ts, decoders/
 *   judge   which readings are new, which are repeats or contradict one          judge.ts
 *   sense   readings → facts: arrived, departed, seen, counted                   sense.ts, signals/
 *   decide  facts → state: where a shipment is, how much stock there is          decide.ts, domain/
 *   commit  everything, and the cursor, in ONE statement                         stores/statement.ts
 *
 * The statement is refused when anything the processed was folded from has changed meanwhile; then nothing of it was
 * written, and the processed is read and folded again. So a crash at any moment neither loses a frame nor applies it twice.
 */
import type { Logger } from "pino";
import type { Pool } from "pg";
import type { JournalReader, Position } from "../broker/journal/journal.ts";
import { processBatch, type ProcessedBatch, type Stores } from "./pipeline/process-batch.ts";
import type { BatchCache } from "./pipeline/batch-cache.ts";
import { exclusively } from "./decisions/transactions.ts";
import { comparePositions, endsBefore } from "./pipeline/journal-position.ts";
import { findPoisonMessages, isPoisonError, type PoisonMessages } from "./pipeline/poison-message.ts";
import { loadCursor, rewindCursor } from "./stores/queries/cursor.ts";
import { isVersionConflict, type Part, runParts, conflictOf } from "./stores/statement.ts";
import { moveCursor, recordSkippedFrames } from "./stores/writes/cursor.ts";
import { startLoop, type Loop } from "./workers/loop.ts";
import type { JournalBatch } from "./pipeline/journal-batch.ts";
import { openBatchReader } from "./pipeline/read-batch.ts";

export interface StateWorkerOptions {
  pool: Pool;
  journal: JournalReader;
  stores: Stores;
  /** for a worker that follows the same journal */
  batchCache?: BatchCache | undefined;
  log: Logger;
}

/** After so many lost races in a row people's changes wait for one processed, however many they are. */
const MAX_LOST_RACES = 1;

export interface StateWorker extends Loop {
  /** how far everything up to is committed */
  cursor(): Position;
  /** everything received on this node up to then is committed, epoch milliseconds; undefined: not known yet */
  receivedWatermark(): number | undefined;
}

/** Follows the journal and keeps derived state true. */
export async function startStateWorker({
  pool,
  journal,
  stores,
  batchCache,
  log,
}: StateWorkerOptions): Promise<StateWorker> {
  let cursor = await loadCursor(pool, journal);
  const batchReader = openBatchReader({ journal, registry: stores.registry, batchCache });
  let lostRaces = 0;
  /** where a batch ends that failed for something in it: up to there frames are taken one by one */
  let suspectUntil: Position | undefined;
  /** what of the frame at the cursor goes to quarantine */
  let poisonMessages: PoisonMessages | undefined;
  let receivedWatermark: number | undefined;
  // Before anything is trimmed up to it.
  if (await endsBefore(journal, cursor)) {
    log.error(
      { journal: journal.id, cursor },
      "the journal is older than the database: reading it from its oldest frame",
    );
    cursor = await rewindCursor(pool, journal, cursor);
  }

  /** One round; false when there was nothing to do. */
  async function tick(): Promise<boolean> {
    const asked = Date.now();
    const suspected = suspectUntil !== undefined && comparePositions(cursor, suspectUntil) < 0;
    const batch = await (suspected ? batchReader.readFrame(cursor) : batchReader.read(cursor));
    if (batch === undefined) {
      receivedWatermark = asked;
      return false;
    }
    const step = () => processAndCommit(batch, gapBefore(batch.sequence));
    try {
      await stores.mutex.runExclusive(lostRaces > MAX_LOST_RACES ? () => exclusively(pool, step) : step);
    } catch (error) {
      // Who fails holds nobody up: neither while it looks for the fault nor until it tries again.
      lostRaces = 0;
      await isolateFault(batch, suspected, error);
    }
    if (cursor.sequence === batch.next.sequence) receivedWatermark = batch.receivedUntil ?? receivedWatermark;
    return true;
  }

  async function processAndCommit(batch: JournalBatch, gap: readonly Part[]): Promise<void> {
    const { records, decoded, next } = batch;
    const through = { journalId: journal.id, next };
    try {
      await commit(await processBatch(stores, records, { through, decoded, ...poisonMessages }), batch, gap);
    } catch (error) {
      if (!isVersionConflict(error)) throw error;
      log.debug({ err: error }, "folded from a stale state; folding again");
      lostRaces += 1;
      cursor = await loadCursor(pool, journal);
    }
  }

  /** What fails for something in it is looked at frame by frame, and in its frame for what is at fault. */
  async function isolateFault(batch: JournalBatch, isFrame: boolean, error: unknown): Promise<void> {
    if (!isPoisonError(error)) throw error;
    const wasFound = poisonMessages !== undefined;
    poisonMessages = undefined;
    if (!isFrame) suspectUntil = batch.next;
    // What was found is not all any more: again, and not at once.
    else if (wasFound) throw error;
    else poisonMessages = await findPoisonMessages(stores, batch.records, error, log);
  }

  /** Frames that are gone from the journal, and were never read into this database: it was restored, or they are damaged. */
  function gapBefore(sequence: number): Part[] {
    const expected = cursor.sequence ?? sequence;
    if (sequence <= expected) return [];
    const frames = { journal: journal.id, fromFrame: expected, toFrame: sequence - 1 };
    log.error(frames, "frames of the journal were never read into this database and are gone from it");
    return [recordSkippedFrames(journal.id, expected, sequence - 1)];
  }

  /** Commits a processed with the cursor, and only then believes it; meanwhile what comes next is read and decoded. */
  async function commit(processed: ProcessedBatch, batch: JournalBatch, gap: readonly Part[]): Promise<void> {
    const { next } = batch;
    try {
      const committed = runParts(pool, [moveCursor(journal.id, cursor, next), ...gap, ...processed.parts]);
      batchReader.prefetchAfter(batch);
      await committed;
    } catch (error) {
      processed.invalidate(conflictOf(error));
      throw error;
    }
    processed.commitCaches();
    lostRaces = 0;
    poisonMessages = undefined;
    cursor = next;
  }

  const loop = startLoop("state", tick, log);
  return {
    ...loop,
    cursor: () => cursor,
    receivedWatermark: () => receivedWatermark,
    async close() {
      await loop.close();
      await batchReader.settled();
    },
  };
}
