/**
 * START HERE. How a reading becomes truth:
 *
 *   read    whole frames from the journal, from where the last commit left the cursor
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
import { foldBatch, type FoldedBatch, type Stores } from "./batch.ts";
import { type Sourced, sourcesOf } from "./decode.ts";
import { endsBefore } from "./positions.ts";
import { foldWithoutPoison, isPoison } from "./poison.ts";
import { alone } from "./record.ts";
import { type Cursor, loadCursor, rewindCursor } from "./stores/cursor.ts";
import { isStale, type Part, runParts, staleThing } from "./stores/statement.ts";
import { moveCursor, recordSkippedFrames } from "./stores/parts/cursor.ts";
import { startLoop, type Loop } from "./loop.ts";

export interface StateWorkerOptions {
  pool: Pool;
  journal: JournalReader;
  stores: Stores;
  log: Logger;
}

/** About this much of the journal is committed at once: some thousand readings. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** After so many lost races in a row people's changes wait for one batch, however many they are. */
const PATIENCE = 1;

export interface StateWorker extends Loop {
  /** how far everything up to is committed */
  cursor(): Position;
  /** everything received on this node up to then is committed, epoch milliseconds; undefined: not known yet */
  heardUntil(): number | undefined;
}

/** Follows the journal and keeps derived state true. */
export async function startStateWorker({ pool, journal, stores, log }: StateWorkerOptions): Promise<StateWorker> {
  let cursor = await loadCursor(pool, journal);
  let lostRaces = 0;
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
    const frames = await journal.read(cursor, BATCH_BYTES);
    const last = frames.at(-1);
    if (last === undefined) {
      heardUntil = asked;
      return false;
    }
    const next = { ...last.next, sequence: last.sequence + 1 };
    const messages = sourcesOf(journal.id, frames);
    const gap = gapBefore(frames[0]!.sequence);
    const step = () => foldAndCommit(messages, next, gap);
    await stores.turns.take(lostRaces > PATIENCE ? () => alone(pool, step) : step);
    if (cursor.sequence === next.sequence) heardUntil = last.messages.at(-1)?.receivedAt ?? heardUntil;
    return true;
  }

  async function foldAndCommit(messages: readonly Sourced[], next: Cursor, gap: readonly Part[]): Promise<void> {
    const through = { journalId: journal.id, next };
    try {
      await commit(await foldBatch(stores, messages, { through }), next, gap);
    } catch (error) {
      if (isStale(error)) {
        log.debug({ err: error }, "folded from a stale state; folding again");
        lostRaces += 1;
        cursor = await loadCursor(pool, journal);
      } else if (isPoison(error)) {
        await commit(await foldWithoutPoison(stores, messages, error, through, log), next, gap);
      } else {
        throw error;
      }
    }
  }

  /** Frames that are gone from the journal, and were never read into this database: it was restored, or they are damaged. */
  function gapBefore(sequence: number): Part[] {
    const expected = cursor.sequence ?? sequence;
    if (sequence <= expected) return [];
    const frames = { journal: journal.id, fromFrame: expected, toFrame: sequence - 1 };
    log.error(frames, "frames of the journal were never read into this database and are gone from it");
    return [recordSkippedFrames(journal.id, expected, sequence - 1)];
  }

  /** Commits a batch with the cursor, and only then believes it. */
  async function commit(batch: FoldedBatch, next: Cursor, gap: readonly Part[]): Promise<void> {
    try {
      await runParts(pool, [moveCursor(journal.id, cursor, next), ...gap, ...batch.parts]);
    } catch (error) {
      batch.forget(staleThing(error));
      throw error;
    }
    batch.keep();
    lostRaces = 0;
    cursor = next;
  }

  const loop = startLoop("state", round, log);
  return { ...loop, cursor: () => cursor, heardUntil: () => heardUntil };
}
