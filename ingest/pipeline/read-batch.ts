import type { JournalReader, Position } from "../../broker/journal/journal.ts";
import { decodeStateless, type DecodedBatch, journalRecords } from "./decode.ts";
import type { BatchCache } from "./batch-cache.ts";
import type { JournalBatch } from "./journal-batch.ts";
import { comparePositions } from "./journal-position.ts";
import type { RegistryCache } from "../stores/caches/device-registry.ts";

/** One consumer's way through the journal, batch by batch. */
export interface BatchReader {
  /** the batch that begins at `from`; undefined: nothing has come yet */
  read(from: Position): Promise<JournalBatch | undefined>;
  /** only the first frame of it: to get past something that makes a longer batch fail */
  readFrame(from: Position): Promise<JournalBatch | undefined>;
  /** begins to read and decode what follows `batch`, while its consumer waits for a store */
  prefetchAfter(batch: JournalBatch): void;
  /** resolves when nothing is being read any more */
  settled(): Promise<void>;
}

/** About this much of the journal is taken at once: some thousand readings. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** After fewer messages than this nothing waits that could be prepared, and a look a little later finds more. */
const MIN_PREFETCH_RECORDS = 500;

export interface BatchReaderOptions {
  journal: JournalReader;
  registry: Pick<RegistryCache, "last">;
  /** told of everything that is read */
  batchCache?: BatchCache | undefined;
}

export function openBatchReader({ journal, registry, batchCache }: BatchReaderOptions): BatchReader {
  let prefetched: Promise<JournalBatch | undefined> | undefined;

  async function read(from: Position, maxBytes = BATCH_BYTES): Promise<JournalBatch | undefined> {
    const batch = await readJournal(journal, from, maxBytes);
    const known = registry.last();
    const decoded = batch && known && decodeStateless(batch.records, known);
    if (decoded) batch.decoded = { batch: decoded, registry: known };
    batchCache?.put(from, batch);
    return batch;
  }

  /** With what has come since it was prepared: else that would wait for two statements and not for one. */
  async function extend(batch: JournalBatch): Promise<JournalBatch> {
    const { from, next } = batch;
    const room = BATCH_BYTES - (next.segment === from.segment ? next.offset - from.offset : BATCH_BYTES);
    const more = room < BATCH_BYTES / 4 ? undefined : await read(next, room);
    // Frames that are missing between the two are for the consumer to see.
    return more?.sequence === next.sequence ? joinBatches(batch, more) : batch;
  }

  return {
    async read(from) {
      const prepared = prefetched;
      prefetched = undefined;
      // A reader does one thing at a time, so it is waited for even when it read what nobody wants any more.
      const batch = await prepared?.catch(() => undefined);
      return batch !== undefined && comparePositions(batch.from, from) === 0 ? extend(batch) : read(from);
    },
    async readFrame(from) {
      await prefetched?.catch(() => undefined);
      prefetched = undefined;
      return readJournal(journal, from, 1);
    },
    prefetchAfter({ next, records }) {
      if (prefetched !== undefined || records.length < MIN_PREFETCH_RECORDS) return;
      prefetched = read(next);
      // Whoever asks for it tries again.
      prefetched.catch(() => undefined);
    },
    async settled() {
      await prefetched?.catch(() => undefined);
    },
  };
}

/** @param maxBytes about how much of the journal */
async function readJournal(
  journal: JournalReader,
  from: Position,
  maxBytes: number,
): Promise<JournalBatch | undefined> {
  const frames = await journal.read(from, maxBytes);
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

function joinBatches(first: JournalBatch, second: JournalBatch): JournalBatch {
  const { from, sequence } = first;
  const [a, b] = [first.decoded, second.decoded];
  const decoded =
    a && b && a.registry === b.registry ? { batch: joinDecoded(a.batch, b.batch), registry: a.registry } : undefined;
  return { ...second, from, sequence, records: first.records.concat(second.records), decoded };
}

function joinDecoded(a: DecodedBatch, b: DecodedBatch): DecodedBatch {
  return {
    readings: a.readings.concat(b.readings),
    quarantine: a.quarantine.concat(b.quarantine),
    raw: a.raw.concat(b.raw),
    decoderStates: new Map([...a.decoderStates, ...b.decoderStates]),
  };
}

/** The way of a second consumer: what the first hands over, or else what it reads by itself. */
export function openCachedBatchReader(journal: JournalReader, cache: BatchCache): Pick<BatchReader, "read"> {
  return {
    async read(from) {
      const batch = cache.take(from);
      if (batch !== undefined || cache.isComing(from)) return batch;
      return readJournal(journal, from, Math.min(BATCH_BYTES, cache.bytesUntilNext(from) ?? BATCH_BYTES));
    },
  };
}
