import { describe, expect, test } from "vitest";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { dwellEndFact } from "../../../ingest/signals/tag-dwell.ts";
import { tagPresenceRule, type TagSample } from "../../../ingest/signals/tag-presence.ts";
import type { ReadPointMount } from "../../../ingest/signals/sample.ts";
import { createNoise } from "./noise.ts";

const HALL = 5;
const portal: ReadPointMount = { locationId: HALL, antennas: { 1: "inside", 2: "outside" } };
const insideOnly: ReadPointMount = { locationId: HALL, antennas: { 1: "inside" } };
const plain: ReadPointMount = { locationId: HALL, antennas: {} };

/** The facts of these reads, and of the silence after them. */
function follow(reads: readonly TagSample[], readPoint: ReadPointMount): NewFact[] {
  const context = { deviceId: "gate", tag: "urn:epc:id:sscc:4012345.0000000001", readPointAt: () => readPoint };
  let state = tagPresenceRule.initial;
  const facts = reads.flatMap((read) => {
    const step = tagPresenceRule.step(state, read, context);
    state = step.state;
    return step.facts;
  });
  const end = dwellEndFact(state, context);
  return end ? [...facts, end] : facts;
}

const read = (ts: number, antenna: number, rssi?: number, count?: number): TagSample => ({
  ts,
  seq: -1,
  antenna,
  ...(rssi !== undefined && { rssi }),
  ...(count !== undefined && { count }),
});

function told(reads: readonly TagSample[], readPoint: ReadPointMount): string[] {
  return follow(reads, readPoint).map((fact) =>
    fact.type === "seen" ? `${fact.data.direction} ${fact.confidence}` : fact.type,
  );
}

const times = (count: number, everyMs: number, antenna: number, rssi: number): TagSample[] =>
  Array.from({ length: count }, (_, index) => read(index * everyMs, antenna, rssi));

describe("a tag at a read point without sides", () => {
  test.each<[string, TagSample[], string[]]>([
    ["is only heard by one strong read", [read(0, 1, -50)], ["heard"]],
    ["is only heard by one read of unknown strength", [read(0, 1)], ["heard"]],
    ["is only heard by two weak reads", times(2, 300, 1, -70), ["heard"]],
    ["is there by two strong reads", times(2, 300, 1, -60), ["in 0.7", "gone"]],
    ["is there by three weak reads", times(3, 300, 1, -70), ["in 0.85", "gone"]],
    ["is there by one report of several weak reads", [read(0, 1, -70, 4)], ["in 0.85", "gone"]],
    ["is reported once, and once more when that is firm", times(50, 500, 1, -50), ["in 0.7", "in 0.85", "gone"]],
    ["is heard twice by two reads far apart", [read(0, 1, -50), read(700_000, 1, -50)], ["heard", "heard"]],
  ])("%s", (_, reads, expected) => {
    expect(told(reads, plain)).toEqual(expected);
    expect(told(reads, insideOnly)).toEqual(expected);
  });

  test("is gone 60 s after its last read", () => {
    const facts = follow(times(3, 1000, 1, -50), plain);
    expect(facts.at(-1)).toMatchObject({
      type: "gone",
      at: 62_000,
      concludedAt: 62_000,
      data: { since: 0, last: 2000 },
    });
  });

  test("is read aboard a vehicle, and gone from it", () => {
    const aboard: ReadPointMount = { locationId: null, vehicleId: 9, antennas: {} };
    expect(follow(times(2, 1000, 1, -50), aboard).map(({ type, data }) => [type, data])).toEqual([
      ["seen", { locationId: null, vehicleId: 9, direction: "in", reads: 2, rssiDbm: -50 }],
      ["gone", { locationId: null, vehicleId: 9, since: 0, last: 1000, reads: 2, rssiDbm: -50 }],
    ]);
  });

  test("has one dwell when its reader polls every two minutes, once that is known", () => {
    expect(told(times(100, 120_000, 1, -50), plain)).toEqual(["heard", "in 0.7", "in 0.85", "gone"]);
  });
});

/** Reads as `[seconds, antenna, dBm]`: antenna 1 looks inside, antenna 2 outside. */
const reads = (...list: [seconds: number, antenna: number, dbm: number][]): TagSample[] =>
  list.map(([seconds, antenna, dbm]) => read(Math.round(100_000 + seconds * 1000), antenna, dbm));

/** A pallet is carried out: both antennas poll twice a second, −42 dBm at best, 7 dB a second. */
const OUTBOUND = reads(
  ...Array.from({ length: 10 }, (_, index): [number, number, number][] => {
    const seconds = -2.5 + index * 0.5;
    return [
      [seconds, 1, -42 - 7 * Math.abs(seconds)],
      [seconds + 0.01, 2, -42 - 7 * Math.abs(seconds - 1)],
    ];
  }).flat(),
);

describe("a tag at a portal", () => {
  test.each<[string, TagSample[], string[]]>([
    ["is only heard by one read of the inside antenna", reads([0, 1, -60]), ["heard"]],
    ["is only heard by one strong read of either antenna", reads([0, 2, -50], [1, 1, -50]), ["heard"]],
    ["has no direction by reads of the outside antenna alone", times(5, 500, 2, -48), ["unknown 0.5"]],
    ["has no direction by reads of the inside antenna alone", times(5, 500, 1, -48), ["unknown 0.5"]],
    ["goes out when the inside peaks a second before the outside", OUTBOUND, ["out 0.9"]],
    [
      "has no direction while both signals still rise",
      reads([-2.5, 1, -59.5], [-2.49, 2, -66.5], [-2.0, 1, -56], [-1.99, 2, -63], [-1.5, 1, -52.5]),
      ["unknown 0.5"],
    ],
    [
      "goes in by three reads of each antenna in turn",
      reads([0, 2, -45], [0.2, 2, -42], [0.4, 2, -46], [2, 1, -46], [2.2, 1, -42], [2.4, 1, -45]),
      ["in 0.9"],
    ],
    [
      "goes in, less surely, by two reads outside",
      reads([0, 2, -45], [0.2, 2, -42], [2, 1, -46], [2.2, 1, -42], [2.4, 1, -45]),
      ["in 0.75"],
    ],
    [
      "goes in and rests under the inside antenna",
      [...reads([0, 2, -45], [0.2, 2, -42], [0.4, 2, -50], [2, 1, -46]), ...reads(...resting(2.2, 60))],
      ["in 0.9", "gone"],
    ],
    [
      "has no direction when both peak at once",
      reads([0, 2, -52], [0, 1, -52], [1, 2, -45], [1, 1, -45], [2, 2, -52], [2, 1, -52]),
      ["unknown 0.5"],
    ],
    [
      "has no direction by alternating reads",
      reads(...Array.from({ length: 12 }, (_, i): [number, number, number] => [i * 2, (i % 2) + 1, -60])),
      ["unknown 0.5"],
    ],
    ["has no direction when it is carried to the gate and back", reads(...backAndForth()), ["unknown 0.5"]],
    ["has one report when it parks in the field for an hour", reads(...parked(3600)), ["unknown 0.5"]],
  ])("%s", (_, list, expected) => {
    expect(told(list, portal)).toEqual(expected);
  });

  test("goes out at the time the outside antenna was nearest", () => {
    const [out] = follow(OUTBOUND, portal);
    expect(out!.at).toBeGreaterThan(100_700);
    expect(out!.at).toBeLessThan(101_300);
  });
});

function resting(from: number, seconds: number): [number, number, number][] {
  return Array.from({ length: seconds * 2 }, (_, i) => [from + i / 2, 1, -42 - (i % 3)]);
}

function backAndForth(): [number, number, number][] {
  return Array.from({ length: 48 }, (_, i): [number, number, number][] => {
    const seconds = -6 + i / 4;
    const metres = -Math.abs(seconds) / 2;
    return [
      [seconds, 1, -42 - 6 * Math.abs(metres + 1)],
      [seconds + 0.01, 2, -42 - 6 * Math.abs(metres - 1)],
    ];
  }).flat();
}

function parked(seconds: number): [number, number, number][] {
  const { uniform, gaussian } = createNoise(7);
  return Array.from({ length: seconds * 2 }, (_, i): [number, number, number] => [
    i / 2,
    i % 2 ? 1 : 2,
    -52 + gaussian(),
  ]).filter(() => uniform() < 0.65);
}

/** A pallet carried through a portal whose antennas are `gapS` apart in time: two reads in three. */
function passage(direction: "in" | "out", seed: number, hertz: number): TagSample[] {
  const { uniform, gaussian } = createNoise(seed);
  const gapS = 1.2 + uniform() * 1.6;
  const list: TagSample[] = [];
  for (let seconds = -2.5; seconds < gapS + 2.5; seconds += 1 / hertz) {
    for (const antenna of [1, 2]) {
      const peakAt = (antenna === 1) === (direction === "out") ? 0 : gapS;
      const rssi = -42 - 7 * Math.abs(seconds - peakAt) + gaussian() * 1.5;
      if (rssi <= -70 || uniform() >= 0.65) continue;
      list.push(read(Math.round(100_000 + seconds * 1000 + antenna), antenna, Math.round(rssi * 10) / 10));
    }
  }
  return list;
}

describe.each(["in", "out"] as const)("a passage %s", (direction) => {
  test.each([8, 3])("of a thousand pallets is never told wrongly at %s polls a second", (hertz) => {
    const directions: string[] = [];
    for (let seed = 1; seed <= 1000; seed += 1) {
      const told = follow(passage(direction, seed, hertz), portal).flatMap((fact) =>
        fact.type === "seen" ? [fact.data.direction] : [],
      );
      directions.push(told.join());
    }
    expect(directions.filter((told) => told === direction).length).toBeGreaterThanOrEqual(980);
    expect(directions.filter((told) => told !== direction && told !== "unknown")).toEqual([]);
  });
});
