import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JournalReader, JournalWriter, Position } from "../../../broker/journal/journal.ts";
import { openJournalReader } from "../../../broker/journal/segment-reader.ts";
import { openJournalWriter } from "../../../broker/journal/segment-writer.ts";
import { createFenceIndex } from "../../../ingest/domain/geo/fence-index.ts";
import { type BatchCache, openBatchCache } from "../../../ingest/pipeline/batch-cache.ts";
import type { JournalBatch } from "../../../ingest/pipeline/journal-batch.ts";
import { openBatchReader, openCachedBatchReader } from "../../../ingest/pipeline/read-batch.ts";
import { quiet } from "../../support/ingest.ts";
import type { RegisteredDevice, DeviceRegistry } from "../../../ingest/stores/queries/device-registry.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
/** Enough for a prefetch. */
const MANY = 600;

let directory: string;
let writer: JournalWriter;
let reader: JournalReader;
let from: Position;
let sent: number;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "waystock-batches-"));
  writer = await openJournalWriter({ directory, maxBytes: 64 * 1024 * 1024, log: quiet });
  sent = 0;
  await append(MANY);
  reader = await openJournalReader({ directory, log: quiet });
  from = await reader.oldest();
});
afterEach(async () => {
  await reader.close();
  await writer.close();
  await rm(directory, { recursive: true });
});

/** Appends so many fixes to the journal, with increasing counters; resolves when they are on disk. */
async function append(count: number, deviceId = "truck", topic = `devices/${deviceId}/gps`): Promise<void> {
  const appended = Array.from({ length: count }, () => {
    const payload = Buffer.from(JSON.stringify({ ts: T + sent, seq: sent, lat: 48, lon: 11 }));
    sent += 1;
    return new Promise<void>((resolve, reject) => {
      writer.append({ receivedAt: T, clientId: deviceId, topic, payload }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  });
  await Promise.all(appended);
}

function registryOf(...devices: { id: string; decoder: string }[]): DeviceRegistry {
  const registered = devices.map((device): [string, RegisteredDevice] => [
    device.id,
    { ...device, kind: "gps", mountings: [] },
  ]);
  return {
    version: 1,
    devices: new Map(registered),
    fences: createFenceIndex([]),
    places: new Map(),
    stock: new Map(),
  };
}

const registry = registryOf({ id: "truck", decoder: "native" }, { id: "edge", decoder: "sparkplug-b" });
const counters = (batch: JournalBatch | undefined) => batch?.decoded?.batch.readings.map(({ seq }) => seq);
const numbers = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

describe("messages that come steadily", () => {
  /** How long the read after a batch of so many messages waits, milliseconds; and what it finds, when some come meanwhile. */
  async function readAfter(count: number): Promise<{ waitedMs: number[]; found: number | undefined }> {
    await append(count);
    const waitedMs: number[] = [];
    const pause = async (ms: number) => {
      waitedMs.push(ms);
      await append(4);
    };
    const batches = openBatchReader({ journal: reader, registry: { lastKnown: () => registry }, pause });
    const all = (await batches.read(from))!;
    expect(waitedMs).toEqual([]);
    const next = await batches.read(all.next);
    from = (next ?? all).next;
    return { waitedMs, found: next?.records.length };
  }

  beforeEach(async () => {
    from = (await openBatchReader({ journal: reader, registry: { lastKnown: () => registry } }).read(from))!.next;
  });

  test("are gathered for 20 ms after a small batch, and found together", async () => {
    expect(await readAfter(12)).toEqual({ waitedMs: [20], found: 4 });
    expect(await readAfter(499)).toEqual({ waitedMs: [20], found: 4 });
  });

  test("are read at once on a quiet system, and while there is more than one batch holds", async () => {
    expect(await readAfter(11)).toEqual({ waitedMs: [], found: undefined });
    expect(await readAfter(500)).toEqual({ waitedMs: [], found: undefined });
  });

  test("are read at once again when few come while they are gathered", async () => {
    let waits = 0;
    const coming = [39, 40, 39];
    const pause = async () => {
      waits += 1;
      await append(coming.pop()!);
    };
    const batches = openBatchReader({ journal: reader, registry: { lastKnown: () => registry }, pause });
    await append(12);
    // 12 are followed by 39 that were gathered: too few.
    from = (await batches.read(from))!.next;
    from = (await batches.read(from))!.next;
    expect(await batches.read(from)).toBeUndefined();
    expect(waits).toBe(1);
    await append(12);
    // The next ones are 40, then 39.
    for (const found of [12, 40, 39]) {
      const batch = (await batches.read(from))!;
      expect(batch.records).toHaveLength(found);
      from = batch.next;
    }
    expect(await batches.read(from)).toBeUndefined();
    expect(waits).toBe(3);
  });
});

describe("a batch prefetched while the one before is committed", () => {
  test("is what follows it, decoded, extended by what has come since", async () => {
    const batches = openBatchReader({ journal: reader, registry: { lastKnown: () => registry } });
    const first = (await batches.read(from))!;
    expect(counters(first)).toEqual(numbers(0, MANY));
    await append(3);
    batches.prefetchAfter(first);
    await batches.drain();
    await append(2);
    const second = (await batches.read(first.next))!;
    expect(counters(second)).toEqual(numbers(MANY, 5));
    expect(second.records).toHaveLength(5);
    expect(second).toMatchObject({ from: first.next, sequence: first.next.sequence });
    expect(await batches.read(second.next)).toBeUndefined();
    await append(1);
    expect(counters(await batches.read(second.next))).toEqual(numbers(MANY + 5, 1));
  });

  test("is dropped when that commit fails and its frames are read again", async () => {
    const batches = openBatchReader({ journal: reader, registry: { lastKnown: () => registry } });
    const first = (await batches.read(from))!;
    await append(3);
    batches.prefetchAfter(first);
    expect(counters(await batches.read(from))).toEqual(numbers(0, MANY + 3));
  });

  test("is decoded later when a decoder needs the state of earlier messages", async () => {
    await append(1, "edge", "spBv1.0/group/NDATA/edge");
    const batches = openBatchReader({ journal: reader, registry: { lastKnown: () => registry } });
    const batch = await batches.read(from);
    expect(batch?.records).toHaveLength(MANY + 1);
    expect(batch?.decoded).toBeUndefined();
  });
});

describe("two consumers of one journal", () => {
  let now: number;
  let batchCache: BatchCache;
  let own: JournalReader;
  beforeEach(async () => {
    now = 0;
    batchCache = openBatchCache(() => now);
    own = await openJournalReader({ directory, log: quiet });
  });
  afterEach(() => own.close());

  const first = () => openBatchReader({ journal: reader, registry: { lastKnown: () => registry }, batchCache });

  test("the second takes what the first has decoded, and waits for it at its position", async () => {
    const state = first();
    const series = openCachedBatchReader(own, batchCache);
    const read = (await state.read(from))!;
    expect(await series.read(from)).toBe(read);
    // Reading again at the same position finds the same batch.
    expect(await series.read(from)).toBe(read);
    await append(5);
    expect(await series.read(read.next)).toBeUndefined();
    const next = await state.read(read.next);
    expect(await series.read(read.next)).toBe(next);
  });

  test("the second takes a batch that the first has extended in its parts", async () => {
    const state = first();
    const series = openCachedBatchReader(own, batchCache);
    const read = (await state.read(from))!;
    await append(3);
    state.prefetchAfter(read);
    await state.drain();
    await append(2);
    expect(counters(await state.read(read.next))).toEqual(numbers(MANY, 5));
    await series.read(from);
    const piece = (await series.read(read.next))!;
    expect(counters(piece)).toEqual(numbers(MANY, 3));
    expect(counters(await series.read(piece.next))).toEqual(numbers(MANY + 3, 2));
  });

  test("the second reads the journal itself while the first has stalled", async () => {
    const read = (await first().read(from))!;
    await append(5);
    now += 2999;
    expect(await openCachedBatchReader(own, batchCache).read(read.next)).toBeUndefined();
    now += 1;
    expect((await openCachedBatchReader(own, batchCache).read(read.next))?.records).toHaveLength(5);
  });

  test("the second, when behind, reads up to where the cached batches begin", async () => {
    const state = first();
    let last = (await state.read(from))!;
    const start = last;
    for (let more = 0; more < 4; more += 1) {
      await append(5);
      last = (await state.read(last.next))!;
    }
    const series = openCachedBatchReader(own, batchCache);
    const behind = (await series.read(start.next))!;
    expect(behind.records).toHaveLength(5);
    expect((await series.read(behind.next))?.decoded).toBeDefined();
  });
});
