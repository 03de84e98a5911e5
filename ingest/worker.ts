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
 * The statement is refused when anything the batch was folded from has changed meanwhile; then nothing of it was
 * written, and the batch is read and folded again. So a crash at any moment neither loses a frame nor applies it twice.
 */
import type { Logger } from "pino";
import type { Pool } from "pg";
import type { JournalReader, Position } from "../broker/journal/journal.ts";
import { foldBatch, type FoldedBatch, type Stores } from "./pipeline/process-batch.ts";
import type { Handover } from "./pipeline/batch-cache.ts";
import { alone } from "./decisions/transactions.ts";
import { comparePositions, endsBefore } from "./pipeline/journal-position.ts";
import { findPoison, isPoison, type Poison } from "./pipeline/poison-message.ts";
import { loadCursor, rewindCursor } from "./stores/queries/cursor.ts";
import { isStale, type Part, runParts, staleThing } from "./stores/statement.ts";
import { moveCursor, recordSkippedFrames } from "./stores/writes/cursor.ts";
import { startLoop, type Loop } from "./workers/loop.ts";
import { openStretches, type Stretch } from "./pipeline/read-batch.ts";

export interface StateWorkerOptions {
  pool: Pool;
  journal: JournalReader;
  stores: Stores;
  /** for a worker that follows the same journal */
  handover?: Handover | undefined;
  log: Logger;
}

/** After so many lost races in a row people's changes wait for one batch, however many they are. */
const PATIENCE = 1;

export interface StateWorker extends Loop {
  /** how far everything up to is committed */
  cursor(): Position;
  /** everything received on this node up to then is committed, epoch milliseconds; undefined: not known yet */
  heardUntil(): number | undefined;
}

/** Follows the journal and keeps derived state true. */
export async function startStateWorker({
  pool,
  journal,
  stores,
  handover,
  log,
}: StateWorkerOptions): Promise<StateWorker> {
  let cursor = await loadCursor(pool, journal);
  const stretches = openStretches({ journal, registry: stores.registry, handover });
  let lostRaces = 0;
  /** where a stretch ends that failed for something in it: up to there frames are taken one by one */
  let suspectUntil: Position | undefined;
  /** what of the frame at the cursor goes to quarantine */
  let poison: Poison | undefined;
  let heardUntil: number | undefined;
  // Before anything is trimmed up to it.
  if (await endsBefore(journal, cursor)) {
    log.error(
      { journal: journal.id, cursor },
      "the journal is older than the database: reading it from its oldest frame",
    );
    cursor = await rewindCursor(pool, journal, cursor);
  }

  /** One round; false when there was nothing to do. */
  async function round(): Promise<boolean> {
    const asked = Date.now();
    const suspected = suspectUntil !== undefined && comparePositions(cursor, suspectUntil) < 0;
    const stretch = await (suspected ? stretches.frameAt(cursor) : stretches.at(cursor));
    if (stretch === undefined) {
      heardUntil = asked;
      return false;
    }
    const step = () => foldAndCommit(stretch, gapBefore(stretch.sequence));
    try {
      await stores.mutex.runExclusive(lostRaces > PATIENCE ? () => alone(pool, step) : step);
    } catch (error) {
      // Who fails holds nobody up: neither while it looks for the fault nor until it tries again.
      lostRaces = 0;
      await getPast(stretch, suspected, error);
    }
    if (cursor.sequence === stretch.next.sequence) heardUntil = stretch.receivedUntil ?? heardUntil;
    return true;
  }

  async function foldAndCommit(stretch: Stretch, gap: readonly Part[]): Promise<void> {
    const { messages, decoded, next } = stretch;
    const through = { journalId: journal.id, next };
    try {
      await commit(await foldBatch(stores, messages, { through, decoded, ...poison }), stretch, gap);
    } catch (error) {
      if (!isStale(error)) throw error;
      log.debug({ err: error }, "folded from a stale state; folding again");
      lostRaces += 1;
      cursor = await loadCursor(pool, journal);
    }
  }

  /** What fails for something in it is looked at frame by frame, and in its frame for what is at fault. */
  async function getPast(stretch: Stretch, isFrame: boolean, error: unknown): Promise<void> {
    if (!isPoison(error)) throw error;
    const wasFound = poison !== undefined;
    poison = undefined;
    if (!isFrame) suspectUntil = stretch.next;
    // What was found is not all any more: again, and not at once.
    else if (wasFound) throw error;
    else poison = await findPoison(stores, stretch.messages, error, log);
  }

  /** Frames that are gone from the journal, and were never read into this database: it was restored, or they are damaged. */
  function gapBefore(sequence: number): Part[] {
    const expected = cursor.sequence ?? sequence;
    if (sequence <= expected) return [];
    const frames = { journal: journal.id, fromFrame: expected, toFrame: sequence - 1 };
    log.error(frames, "frames of the journal were never read into this database and are gone from it");
    return [recordSkippedFrames(journal.id, expected, sequence - 1)];
  }

  /** Commits a batch with the cursor, and only then believes it; meanwhile what comes next is read and decoded. */
  async function commit(batch: FoldedBatch, stretch: Stretch, gap: readonly Part[]): Promise<void> {
    const { next } = stretch;
    try {
      const committed = runParts(pool, [moveCursor(journal.id, cursor, next), ...gap, ...batch.parts]);
      stretches.prepareAfter(stretch);
      await committed;
    } catch (error) {
      batch.forget(staleThing(error));
      throw error;
    }
    batch.keep();
    lostRaces = 0;
    poison = undefined;
    cursor = next;
  }

  const loop = startLoop("state", round, log);
  return {
    ...loop,
    cursor: () => cursor,
    heardUntil: () => heardUntil,
    async close() {
      await loop.close();
      await stretches.settled();
    },
  };
}
