import fc from "fast-check";
import { expect, test } from "vitest";
import { normalizeEpc } from "../../ingest/domain/gs1/epc.ts";
import { createFaultStats } from "../../simulators/devices/fault-stats.ts";
import { DEFAULT_FAULTS } from "../../simulators/devices/faults.ts";
import { createGate } from "../../simulators/devices/gate.ts";
import { installDevices } from "../../simulators/devices/install-devices.ts";
import { createDeliveryQueue } from "../../simulators/devices/delivery-queue.ts";
import { READING_SCHEMAS } from "../../broker/contract/readings.ts";
import type { ApiClient } from "../../simulators/platform/api-client.ts";
import { countEarlierWorlds, idPrefixOf } from "../../simulators/platform/seed.ts";
import type { WorldEvent } from "../../simulators/world/event.ts";
import { distanceM } from "../../simulators/world/geometry.ts";
import { createRandom } from "../../simulators/world/random.ts";
import { poseOf } from "../../simulators/world/truck.ts";
import { createWorld } from "../../simulators/world/world.ts";

const START = Date.UTC(2026, 4, 4, 6);
const HOUR = 3_600_000;
const worldOf = (seed: number) => createWorld({ seed, startMs: START, trucks: 12, shelves: 6, probes: 3 });
const story = (events: readonly WorldEvent[]) =>
  events.map((event) => `${event.at} ${event.type} ${"pallet" in event ? event.pallet.epc : ""}`).toSorted();

test("the same seed gives the same events, whatever the step sizes", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e6 }),
      fc.array(fc.integer({ min: 1, max: 600_000 }), { maxLength: 6 }),
      (seed, strides) => {
        const [whole, strided] = [worldOf(seed), worldOf(seed)];
        const events: WorldEvent[] = [];
        let at = START;
        for (const stride of strides) events.push(...strided.advance((at += stride)));
        events.push(...strided.advance(START + HOUR));
        const expected = whole.advance(Math.max(at, START + HOUR));
        expect(story(events)).toEqual(story(expected));
      },
    ),
    { numRuns: 15 },
  );
});

test("no truck exceeds the maximum speed or jumps", () => {
  const world = worldOf(3);
  let before = world.trucks.map((truck) => poseOf(truck));
  for (let second = 1; second <= 3_600; second += 1) {
    world.advance(START + second * 1000);
    const now = world.trucks.map((truck) => poseOf(truck));
    for (const [index, pose] of now.entries()) {
      const was = before[index];
      if (was) expect(distanceM(was, pose)).toBeLessThan(30);
    }
    before = now;
  }
});

test("worlds of one platform share neither devices nor tags, even in the same minute", async () => {
  const platformWith = (...ids: string[]): Pick<ApiClient, "list"> => ({
    list: <T>() =>
      Promise.resolve(ids.map((id) => ({ id, last_seen_at: id.startsWith("w9-") ? null : "2026-05-04" })) as T[]),
  });
  const known = await Promise.all([
    countEarlierWorlds(platformWith()),
    countEarlierWorlds(platformWith("my-own-truck", "truck-1a")),
    countEarlierWorlds(platformWith("truck-01", "shelf-02")),
    countEarlierWorlds(platformWith("truck-01", "w3-gate-01", "w2-gate-01", "w9-truck-01")),
  ]);
  expect(known).toEqual([0, 0, 1, 3]);
  const all = known.map((earlier) => {
    const world = createWorld({ seed: 3, startMs: START, trucks: 12, shelves: 1, probes: 1, earlierWorlds: earlier });
    const options = { seed: 3, faults: DEFAULT_FAULTS, gates: 1, messagesPerSecond: undefined };
    const { devices } = installDevices(world, { ...options, idPrefix: idPrefixOf(earlier) });
    const events = world.advance(START + HOUR);
    const epcs = new Set(events.flatMap((event) => ("pallet" in event ? [event.pallet.epc] : [])));
    return { ids: devices.map(({ id }) => id), epcs: [...epcs] };
  });
  expect(all[1]).toEqual(all[0]);
  expect(all[0]!.epcs.length).toBeGreaterThan(5);
  expect(all[2]!.ids).toContain("w2-truck-01");
  const distinct = [all[0]!, all[2]!, all[3]!].flatMap(({ ids, epcs }) => [...ids, ...epcs]);
  expect(new Set(distinct).size).toBe(distinct.length);
});

test("no pallet is loaded while it is still being unloaded", () => {
  const world = createWorld({ seed: 1, startMs: START, trucks: 200, shelves: 0, probes: 0 });
  const aboard = new Map<string, string>();
  for (const event of world.advance(START + HOUR)) {
    if (event.type === "pallet-loaded") {
      expect(aboard.get(event.pallet.epc)).toBeUndefined();
      aboard.set(event.pallet.epc, event.truck);
    } else if (event.type === "pallet-unloaded" || event.type === "pallet-delivered") {
      expect(aboard.get(event.pallet.epc)).toBeDefined();
      aboard.delete(event.pallet.epc);
    }
  }
  expect(aboard.size).toBeGreaterThan(10);
});

test("every pallet is ready, then loaded, before it is delivered, and its tag is an SSCC", () => {
  const events = worldOf(5).advance(START + 3 * HOUR);
  const delivered = events.filter((event) => event.type === "pallet-delivered");
  expect(delivered.length).toBeGreaterThan(5);
  for (const { pallet, at } of delivered.filter((event) => "pallet" in event)) {
    const of = (type: string) =>
      events.find((event) => event.type === type && "pallet" in event && event.pallet === pallet)?.at;
    expect(of("pallet-ready")).toBeLessThan(of("pallet-loaded") ?? 0);
    expect(of("pallet-loaded")).toBeLessThan(at);
    expect(normalizeEpc(pallet.epc).key).toMatch(/^urn:epc:id:sscc:4012345\.\d{10}$/);
  }
});

test("readings match the wire schemas, and a scale is exact to half a piece", () => {
  const world = worldOf(8);
  const { devices } = installDevices(world, {
    seed: 8,
    faults: DEFAULT_FAULTS,
    gates: 4,
    messagesPerSecond: undefined,
  });
  world.advance(START + 60_000);
  for (const device of devices) {
    const reading = device.measure?.(world.now);
    if (reading) expect(READING_SCHEMAS[device.kind].safeParse(reading).error).toBeUndefined();
  }
  for (const [index, shelf] of world.shelves.entries()) {
    const reading = devices
      .find(({ id }) => id === `shelf-0${index + 1}`)
      ?.measure?.(Math.max(world.now, shelf.disturbedUntil + 1));
    const units = (Number(reading?.["grams"]) - shelf.tareGrams) / shelf.product.unitWeightGrams;
    expect(Math.abs(units - shelf.quantity)).toBeLessThan(0.5);
  }
});

test("faults happen at the configured rates", () => {
  const faults = { ...DEFAULT_FAULTS, drop: 0.1, dup: 0.2 };
  const faultStats = createFaultStats();
  const deliveryQueue = createDeliveryQueue(faults, createRandom(1, "test"), faultStats);
  for (let i = 0; i < 10_000; i += 1) deliveryQueue.enqueue({ deviceId: "a", kind: "gps", reading: { ts: i } });
  const sent = deliveryQueue.dequeueDue(Infinity).map(({ reading }) => reading.ts);
  expect(new Set(sent).size / 10_000).toBeCloseTo(0.9, 1);
  expect(sent.length / new Set(sent).size).toBeCloseTo(1.2, 1);
  expect(faultStats).toMatchObject({ readings: 10_000, dropped: 10_000 - new Set(sent).size });
  expect(faultStats.twice).toBe(sent.length - new Set(sent).size);
});

test("a tag at one gate causes few and weak cross-reads at the next", () => {
  const faultStats = createFaultStats();
  const faults = { ...DEFAULT_FAULTS, strayTags: 0.02 };
  const gate = createGate({ id: "gate-01", site: "a dock", seed: 1, faults, faultStats });
  const reads = Array.from({ length: 1_000 }, (_, i) => gate.crossReads("31", START + i * 10_000)).flat();
  // 20 inventory rounds per passage, one in fifty is read
  expect(reads.length).toBeGreaterThan(300);
  expect(reads.length).toBeLessThan(500);
  expect(faultStats.strays).toBe(reads.length);
  expect(new Set(reads.map(({ antenna }) => antenna))).toEqual(new Set([1, 2]));
  expect(reads.filter(({ rssi }) => Number(rssi) > -65).length / reads.length).toBeLessThan(0.02);
});

test("a door left open warms a cold room beyond its band; a visit does not", () => {
  const world = createWorld({ seed: 4, startMs: START, trucks: 0, shelves: 0, probes: 12 });
  const warmest = new Map(world.climates.map((climate) => [climate, -Infinity]));
  for (let at = START; at <= START + 6 * HOUR; at += 60_000) {
    world.advance(at);
    for (const [climate, celsius] of warmest)
      warmest.set(climate, Math.max(celsius, climate.celsius - climate.setCelsius));
  }
  const excesses = [...warmest.values()];
  expect(excesses.filter((excess) => excess > 5).length).toBeGreaterThan(0);
  expect(excesses.filter((excess) => excess < 4).length).toBeGreaterThan(0);
});

test("an overtaken reading is sent right after the next one of its device, whatever its interval", () => {
  const deliveryQueue = createDeliveryQueue(
    { ...DEFAULT_FAULTS, reorder: 0.2 },
    createRandom(1, "test"),
    createFaultStats(),
  );
  for (let i = 0; i < 1_000; i += 1) deliveryQueue.enqueue({ deviceId: "a", kind: "gps", reading: { ts: i * 10_000 } });
  const order = deliveryQueue.dequeueDue(Infinity).map(({ reading }) => reading.ts);
  const displaced = order.map((ts, index) => Math.abs(ts / 10_000 - index));
  expect(displaced.filter((places) => places > 0).length).toBeGreaterThan(200);
  expect(Math.max(...displaced)).toBeLessThanOrEqual(2);
});
