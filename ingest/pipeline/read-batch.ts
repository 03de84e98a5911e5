import { setTimeout as sleep } from "node:timers/promises";
import type { Frame, JournalReader, Position } from "../../broker/journal/journal.ts";
import { decodeStateless, type DecodedBatch } from "./decode.ts";
import { journalRecords } from "./records/journal-record.ts";
import type { BatchCache } from "./batch-cache.ts";
import { type JournalBatch, reusableDecoding } from "./journal-batch.ts";
import { comparePositions } from "./journal-position.ts";
import type { DeviceRegistryCache } from "../stores/caches/device-registry.ts";

/** Reads the journal for one consumer, batch by batch. */
export interface BatchReader {
  /** the batch that begins at `from`; undefined: nothing has come yet */
  read(from: Position): Promise<JournalBatch | undefined>;
  /** a batch of only the frame at `from`: to isolate content that makes a longer batch fail */
  readFrame(from: Position): Promise<JournalBatch | undefined>;
  /** starts to read and decode what follows `batch`, while its consumer waits for a store */
  prefetchAfter(batch: JournalBatch): void;
  /** resolves when the read that is running has ended */
  drain(): Promise<void>;
}

/**
 * About this much of the journal makes a batch: some ten thousand readings. With 1,000 devices at their limit each reading
 * takes a tenth less CPU time than with half of it, and a third less than with an eighth: a batch writes each of its
 * devices once.
 */
const BATCH_BYTES = 8 * 1024 * 1024;
/** A smaller batch means that the reader is close to the end of the journal: reading a little later finds more. */
const MIN_PREFETCH_RECORDS = 500;
/**
 * When about 2,000 messages or more come in a second, but too few for a prefetch, the next ones are gathered for a moment. A batch has
 * a cost of its own, however small it is: at 5,000 readings a second there were 200 batches, each of 25 readings. On a quieter system
 * the next message is taken at once, and is shown 10 ms sooner.
 */
const GATHER = { ms: 20, fromRecords: 12, gatheredRecords: 40 };

export interface BatchReaderOptions {
  journal: JournalReader;
  registry: Pick<DeviceRegistryCache, "lastKnown">;
  /** receives every batch that is read */
  batchCache?: BatchCache | undefined;
  /** waits while messages are gathered; resolves after so many milliseconds */
  pause?: (ms: number) => Promise<unknown>;
}

export function openBatchReader({ journal, registry, batchCache, pause = sleep }: BatchReaderOptions): BatchReader {
  let prefetched: Promise<JournalBatch | undefined> | undefined;
  /** messages of the batch that was read last */
  let lastRecords = 0;
  let wasGathered = false;

  async function read(from: Position, maxBytes = BATCH_BYTES): Promise<JournalBatch | undefined> {
    const batch = await readJournal(journal, from, maxBytes);
    const known = registry.lastKnown();
    const decoded = batch && known && decodeStateless(batch.records, known);
    if (decoded) batch.decoded = { batch: decoded, registry: known };
    batchCache?.put(from, batch);
    return batch;
  }

  /** Adds what has arrived since the batch was prefetched, so that it waits for one statement and not for two. */
  async function extend(batch: JournalBatch): Promise<JournalBatch> {
    const { from, next } = batch;
    const room = BATCH_BYTES - (next.segment === from.segment ? next.offset - from.offset : BATCH_BYTES);
    const more = room < BATCH_BYTES / 4 ? undefined : await read(next, room);
    // When frames are missing in between, keep the batches apart: the consumer reports the gap.
    return more?.sequence === next.sequence ? joinBatches(batch, more) : batch;
  }

  return {
    async read(from) {
      const manyRecords = wasGathered ? GATHER.gatheredRecords : GATHER.fromRecords;
      wasGathered = lastRecords >= manyRecords && lastRecords < MIN_PREFETCH_RECORDS;
      if (wasGathered) await pause(GATHER.ms);
      const prepared = prefetched;
      prefetched = undefined;
      // A journal reader serves one read at a time: wait for the prefetch even when it began elsewhere.
      const ready = await prepared?.catch(() => undefined);
      const isNext = ready !== undefined && comparePositions(ready.from, from) === 0;
      const batch = await (isNext ? extend(ready) : read(from));
      lastRecords = batch?.records.length ?? 0;
      return batch;
    },
    async readFrame(from) {
      await prefetched?.catch(() => undefined);
      prefetched = undefined;
      return readJournal(journal, from, 1);
    },
    prefetchAfter({ next, records }) {
      if (prefetched !== undefined || records.length < MIN_PREFETCH_RECORDS) return;
      prefetched = read(next);
      // `read` repeats a prefetch that failed.
      prefetched.catch(() => undefined);
    },
    async drain() {
      await prefetched?.catch(() => undefined);
    },
  };
}

/** @param maxBytes about how much of the journal to read */
async function readJournal(
  journal: JournalReader,
  from: Position,
  maxBytes: number,
): Promise<JournalBatch | undefined> {
  const frames = untilGap(await journal.read(from, maxBytes));
  const last = frames.at(-1);
  if (last === undefined) return undefined;
  return {
    from,
    next: { ...last.next, sequence: last.sequence + 1 },
    sequence: frames[0]!.sequence,
    records: journalRecords(journal.id, frames),
    receivedUntil: last.messages.at(-1)?.receivedAt,
    decoded: undefined,
  };
}

/** The frames up to a place where some are missing: the consumer compares the number of a batch with what it expects. */
function untilGap(frames: Frame[]): Frame[] {
  const gap = frames.findIndex(({ sequence }, i) => i > 0 && sequence > frames[i - 1]!.sequence + 1);
  return gap < 0 ? frames : frames.slice(0, gap);
}

function joinBatches(first: JournalBatch, second: JournalBatch): JournalBatch {
  const { from, sequence } = first;
  const { decoded: rest } = second;
  const earlier = rest && reusableDecoding(first.records, first.decoded, rest.registry);
  const decoded = earlier && { batch: joinDecoded(earlier, rest.batch), registry: rest.registry };
  return { ...second, from, sequence, records: first.records.concat(second.records), decoded };
}

function joinDecoded(a: DecodedBatch, b: DecodedBatch): DecodedBatch {
  return {
    readings: a.readings.concat(b.readings),
    quarantine: a.quarantine.concat(b.quarantine),
    raw: a.raw.concat(b.raw),
    decoderStates: new Map([...a.decoderStates, ...b.decoderStates]),
    ignored: a.ignored.concat(b.ignored),
    replies: a.replies.concat(b.replies),
    forwardedFor: new Set([...a.forwardedFor, ...b.forwardedFor]),
  };
}

/** Reads for a second consumer: batches of the first one from the cache, all others from the journal. */
export function openCachedBatchReader(journal: JournalReader, cache: BatchCache): Pick<BatchReader, "read"> {
  return {
    async read(from) {
      const batch = cache.take(from);
      if (batch !== undefined || cache.isComing(from)) return batch;
      return readJournal(journal, from, Math.min(BATCH_BYTES, cache.bytesUntilNext(from) ?? BATCH_BYTES));
    },
  };
}
