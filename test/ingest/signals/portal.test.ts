import { describe, expect, test } from "vitest";
import type { TagSample } from "../../../ingest/signals/tag-presence.ts";
import { backAndForth, parked, passage, reads, turnBack } from "./portal-reads.ts";
import { follow, portal, read, times, reportOf } from "./tag-facts.ts";

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

/** A real pass. The inside antenna was nearest at about 10 s, and did not read the tag from 8.5 to 11.3 s. */
const OUTSIDE_READS: readonly (readonly [seconds: number, dbm: number])[] = [
  ...([
    [4.79, -59],
    [5.1, -56.5],
    [5.41, -54.7],
    [5.73, -54],
    [6.35, -48.7],
    [6.66, -44.7],
    [6.97, -41.7],
    [7.6, -42.7],
  ] as const),
  ...([
    [7.91, -46],
    [8.22, -47.9],
    [8.85, -53.9],
    [9.16, -52.6],
    [9.47, -56.8],
    [9.78, -58.7],
    [10.09, -64],
    [10.41, -63.2],
  ] as const),
  [10.72, -64.5],
];
const INSIDE_READS: readonly (readonly [seconds: number, dbm: number])[] = [
  ...([
    [6.03, -68],
    [6.96, -56.8],
    [7.28, -57.9],
    [7.59, -55.5],
    [8.52, -52.1],
  ] as const),
  ...([
    [11.33, -53.8],
    [11.64, -56.2],
    [11.96, -60.2],
  ] as const),
];
const PEAK_MISSED = [
  ...OUTSIDE_READS.map(([seconds, dbm]): [number, number, number] => [seconds, 2, dbm]),
  ...INSIDE_READS.map(([seconds, dbm]): [number, number, number] => [seconds, 1, dbm]),
].sort(([a], [b]) => a - b);

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
    ["goes in though the inside antenna missed its peak", reads(...PEAK_MISSED), ["in 0.9"]],
    ["has no direction by seldom reads, however they rise and fall", reads(...seldom()), ["unknown 0.5"]],
    ["has one report when it parks in the field for an hour", reads(...parked(3600)), ["unknown 0.5"]],
  ])("%s", (_, list, expected) => {
    expect(reportOf(list, portal)).toEqual(expected);
  });

  test("goes out at the time the outside antenna was nearest", () => {
    const [out] = follow(OUTBOUND, portal);
    expect(out!.at).toBeGreaterThan(100_700);
    expect(out!.at).toBeLessThan(101_300);
  });
});

/** Every two seconds a read: first outside, then inside. */
function seldom(): [number, number, number][] {
  return [-60, -50, -62, -64, -52, -60].map((dbm, i) => [i * 2.2, i < 3 ? 2 : 1, dbm]);
}

function resting(from: number, seconds: number): [number, number, number][] {
  return Array.from({ length: seconds * 2 }, (_, i) => [from + i / 2, 1, -42 - (i % 3)]);
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

test.each([
  [3, 0.5, 10],
  [8, 0.65, 2],
])(
  "of 200 pallets carried to the gate and back by %s polls a second, %s of them answered, at most %s have a direction",
  (hertz, rate, most) => {
    const directions = Array.from({ length: 200 }, (_, seed) => follow(turnBack(seed + 1, hertz, rate), portal)).map(
      (facts) => facts.some((fact) => fact.type === "seen" && fact.data.direction !== "unknown"),
    );
    expect(directions.filter(Boolean).length).toBeLessThanOrEqual(most);
  },
);

test.each([120, 200, 300, 400, 700])(
  "a pass with a read each %s ms is told at whatever moment it happens",
  (stepMs) => {
    const directions = Array.from({ length: 50 }, (_, tenMs) => {
      const from = 100_000 + tenMs * 10;
      const list = [0, 1, 2, 3, 4, 5].map((i) => read(from + i * stepMs, i < 3 ? 2 : 1, [-52, -45, -57][i % 3]));
      return follow(list, portal).flatMap((fact) => (fact.type === "seen" ? [fact.data.direction] : []));
    });
    expect(directions).toEqual(directions.map(() => ["in"]));
  },
);
