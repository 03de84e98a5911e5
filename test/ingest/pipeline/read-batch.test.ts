import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JournalReader, JournalWriter, Position } from "../../../broker/journal/journal.ts";
import { openJournalReader } from "../../../broker/journal/segment-reader.ts";
import { openJournalWriter } from "../../../broker/journal/segment-writer.ts";
import { createFenceIndex } from "../../../ingest/domain/geo/fence-index.ts";
import { type Handover, openHandover } from "../../../ingest/pipeline/batch-cache.ts";
import type { RegisteredDevice, Registry } from "../../../ingest/stores/caches/device-registry.ts";
import { followStretches, openStretches, type Stretch } from "../../../ingest/pipeline/read-batch.ts";
import { quiet } from "../../support/ingest.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
/** Enough that the next stretch is prepared. */
const MANY = 600;

let directory: string;
let writer: JournalWriter;
let reader: JournalReader;
let from: Position;
let sent: number;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "waystock-stretches-"));
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

/** Puts so many fixes in the journal, numbered on; resolves when they are on disk. */
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

function registryOf(...devices: { id: string; decoder: string }[]): Registry {
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
const counters = (stretch: Stretch | undefined) => stretch?.decoded?.batch.arrivals.map(({ seq }) => seq);
const numbers = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

describe("a stretch prepared while the one before is committed", () => {
  test("is what follows it, decoded, with what has come since", async () => {
    const stretches = openStretches({ journal: reader, registry: { last: () => registry } });
    const first = (await stretches.at(from))!;
    expect(counters(first)).toEqual(numbers(0, MANY));
    await append(3);
    stretches.prepareAfter(first);
    await stretches.settled();
    await append(2);
    const second = (await stretches.at(first.next))!;
    expect(counters(second)).toEqual(numbers(MANY, 5));
    expect(second.messages).toHaveLength(5);
    expect(second).toMatchObject({ from: first.next, sequence: first.next.sequence });
    expect(await stretches.at(second.next)).toBeUndefined();
    await append(1);
    expect(counters(await stretches.at(second.next))).toEqual(numbers(MANY + 5, 1));
  });

  test("is forgotten when that commit is refused and its frames are asked for again", async () => {
    const stretches = openStretches({ journal: reader, registry: { last: () => registry } });
    const first = (await stretches.at(from))!;
    await append(3);
    stretches.prepareAfter(first);
    expect(counters(await stretches.at(from))).toEqual(numbers(0, MANY + 3));
  });

  test("is decoded later where a decoder must know what came before", async () => {
    await append(1, "edge", "spBv1.0/group/NDATA/edge");
    const stretches = openStretches({ journal: reader, registry: { last: () => registry } });
    const stretch = await stretches.at(from);
    expect(stretch?.messages).toHaveLength(MANY + 1);
    expect(stretch?.decoded).toBeUndefined();
  });
});

describe("two consumers of one journal", () => {
  let now: number;
  let handover: Handover;
  let own: JournalReader;
  beforeEach(async () => {
    now = 0;
    handover = openHandover(() => now);
    own = await openJournalReader({ directory, log: quiet });
  });
  afterEach(() => own.close());

  const first = () => openStretches({ journal: reader, registry: { last: () => registry }, handover });

  test("the second takes what the first has decoded, and waits for it where it stands", async () => {
    const state = first();
    const series = followStretches(own, handover);
    const read = (await state.at(from))!;
    expect(await series.at(from)).toBe(read);
    // Its own try again finds the same.
    expect(await series.at(from)).toBe(read);
    await append(5);
    expect(await series.at(read.next)).toBeUndefined();
    const next = await state.at(read.next);
    expect(await series.at(read.next)).toBe(next);
  });

  test("what the first joins, the second takes in its pieces", async () => {
    const state = first();
    const series = followStretches(own, handover);
    const read = (await state.at(from))!;
    await append(3);
    state.prepareAfter(read);
    await state.settled();
    await append(2);
    expect(counters(await state.at(read.next))).toEqual(numbers(MANY, 5));
    await series.at(from);
    const piece = (await series.at(read.next))!;
    expect(counters(piece)).toEqual(numbers(MANY, 3));
    expect(counters(await series.at(piece.next))).toEqual(numbers(MANY + 3, 2));
  });

  test("the second reads by itself while the first stands still", async () => {
    const read = (await first().at(from))!;
    await append(5);
    now += 999;
    expect(await followStretches(own, handover).at(read.next)).toBeUndefined();
    now += 1;
    expect((await followStretches(own, handover).at(read.next))?.messages).toHaveLength(5);
  });

  test("the second, when behind, reads up to where the first's begin", async () => {
    const state = first();
    let last = (await state.at(from))!;
    const start = last;
    for (let more = 0; more < 4; more += 1) {
      await append(5);
      last = (await state.at(last.next))!;
    }
    const series = followStretches(own, handover);
    const behind = (await series.at(start.next))!;
    expect(behind.messages).toHaveLength(5);
    expect((await series.at(behind.next))?.decoded).toBeDefined();
  });
});
