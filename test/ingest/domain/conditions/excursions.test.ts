import fc from "fast-check";
import { expect, test } from "vitest";
import { type Conditions, conditionsOf } from "../../../../ingest/domain/conditions/bands.ts";
import { ProbeFigures } from "../../../../ingest/domain/conditions/figures.ts";
import { complement, lengthMs } from "../../../../ingest/domain/spans.ts";
import { addReading, endWalk, type WalkState } from "../../../../ingest/domain/conditions/probe-walk.ts";

const MINUTE = 60_000;
const FRIDGE = conditionsOf({ celsius: { min: 2, max: 8 } })!;

interface Walked {
  found: string[];
  outMinutes: number;
  gapMinutes: number;
  measuredMinutes: number;
  celsius: ProbeFigures;
}

/** Readings as [minute, value]; the stay is from minute 0 to `to`. */
function walk(
  readings: readonly (readonly [number, number])[],
  to: number,
  { conditions = FRIDGE, quantity = "celsius" }: { conditions?: Conditions; quantity?: "celsius" | "shock" } = {},
): Walked {
  const found: string[] = [];
  const figures = new ProbeFigures(quantity, conditions.bands[quantity]!);
  const rounded = (ts: number) => Math.round((ts / MINUTE) * 100) / 100;
  const listener = {
    onStretch: (_: string, stretch: Parameters<ProbeFigures["addStretch"]>[0]) => figures.addStretch(stretch),
    onReading: (_: string, reading: { ts: number; value: number }) => figures.addReading(reading),
    onExcursion: (_: string, { type, since, at, worst }: { type: string; since: number; at: number; worst: number }) =>
      void found.push(`${type} ${rounded(at)} since ${rounded(since)} worst ${worst}`),
  };
  let state: WalkState = {};
  for (const [minute, value] of readings)
    state = addReading(state, { ts: minute * MINUTE, [quantity]: value }, conditions, 0, listener);
  endWalk(state, conditions, { from: 0, to: to * MINUTE }, true, listener);
  const whole = [{ from: 0, to: to * MINUTE }];
  return {
    found,
    outMinutes: lengthMs(figures.outside) / MINUTE,
    measuredMinutes: lengthMs(figures.measured) / MINUTE,
    gapMinutes: lengthMs(complement(whole, figures.measured)) / MINUTE,
    celsius: figures,
  };
}

test.each<[string, [number, number][], number, string[], number, number]>([
  [
    "always inside",
    [
      [0, 5],
      [10, 8],
      [20, 2],
    ],
    20,
    [],
    0,
    0,
  ],
  [
    "the limit is crossed half way between two readings, and every minute outside counts, also without an excursion",
    [
      [0, 6],
      [10, 10],
      [14, 6],
    ],
    14,
    [],
    5 + 2,
    0,
  ],
  [
    "an excursion from the minute the band allows, over where the value comes back",
    [
      [0, 9],
      [6, 9],
      [12, 9],
      [18, 7],
    ],
    18,
    ["excursion 10 since 0 worst 9", "excursion_over 15 since 0 worst 9"],
    15,
    0,
  ],
  [
    "outside for less than allowed, twice",
    [
      [0, 9],
      [6, 9],
      [7, 5],
      [8, 9],
      [14, 9],
      [15, 5],
    ],
    15,
    [],
    6.25 + (0.25 + 6 + 0.25),
    0,
  ],
  [
    "too cold",
    [
      [0, 1],
      [12, -2],
      [13, 5],
    ],
    13,
    ["excursion 10 since 0 worst -2", "excursion_over 12.57 since 0 worst -2"],
    12 + 4 / 7,
    0,
  ],
  [
    "a gap ends what was not yet an excursion, and is neither inside nor outside",
    [
      [0, 9],
      [6, 9],
      [40, 9],
      [46, 9],
    ],
    46,
    [],
    12,
    34,
  ],
  [
    "an excursion goes on through a gap; its minutes are not counted",
    [
      [0, 9],
      [12, 9],
      [40, 10],
      [44, 6],
    ],
    44,
    ["excursion 10 since 0 worst 9", "excursion_over 42 since 0 worst 10"],
    12 + 2,
    28,
  ],
  [
    "a gap after which the value is inside ends it",
    [
      [0, 9],
      [12, 9],
      [40, 5],
    ],
    50,
    ["excursion 10 since 0 worst 9", "excursion_over 40 since 0 worst 9"],
    12,
    28,
  ],
  [
    "straight through the band, out on both sides",
    [
      [0, 10],
      [10, 0],
    ],
    10,
    [],
    4,
    0,
  ],
  ["no reading at all is a gap", [], 30, [], 0, 30],
  [
    "the first and the last value are held for the length of a gap at most",
    [
      [15, 9],
      [20, 9],
    ],
    41,
    ["excursion 10 since 0 worst 9", "excursion_over 20 since 0 worst 9"].map((text) =>
      text.replace("20 since", "41 since"),
    ),
    20,
    21,
  ],
])("%s", (_, readings, to, found, outMinutes, gapMinutes) => {
  const walked = walk(readings, to);
  expect(walked.found).toEqual(found);
  expect(walked.outMinutes).toBeCloseTo(outMinutes, 3);
  expect(walked.gapMinutes).toBeCloseTo(gapMinutes, 6);
});

test("a shock is an excursion at once, until a reading is at or below the limit", () => {
  const conditions = conditionsOf({ shock: { max: 3 } })!;
  const { found, celsius } = walk(
    [
      [0, 1],
      [1, 5],
      [2, 7],
      [3, 3],
      [4, 4],
    ],
    10,
    { conditions, quantity: "shock" },
  );
  expect(found).toEqual([
    "excursion 1 since 1 worst 5",
    "excursion_over 3 since 1 worst 7",
    "excursion 4 since 4 worst 4",
    "excursion_over 10 since 4 worst 4",
  ]);
  expect(celsius.beyondLimit).toBe(3);
});

const readingsOf = fc
  .uniqueArray(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 60 })
  .chain((minutes) =>
    fc.tuple(
      fc.constant(minutes.toSorted((a, b) => a - b)),
      fc.array(fc.integer({ min: -2, max: 12 }), { minLength: 60, maxLength: 60 }),
    ),
  )
  .map(([minutes, values]) => minutes.map((minute, at): [number, number] => [minute, values[at]!]));

test("measured time and gaps are the whole time, and what is outside lies within the measured", () => {
  fc.assert(
    fc.property(readingsOf, (readings) => {
      const { outMinutes, gapMinutes, measuredMinutes, found } = walk(readings, 600);
      expect(measuredMinutes + gapMinutes).toBeCloseTo(600, 6);
      expect(outMinutes).toBeLessThanOrEqual(measuredMinutes + 1e-9);
      expect(outMinutes).toBeGreaterThanOrEqual(0);
      const [begun, over] = ["excursion ", "excursion_over "].map((type) =>
        found.filter((text) => text.startsWith(type)),
      );
      expect(begun!.length).toBe(over!.length);
    }),
  );
});

test("a reading on the straight line between two others changes no figure and no fact", () => {
  fc.assert(
    fc.property(readingsOf, fc.nat(58), (readings, at) => {
      const [a, b] = [readings[at], readings[at + 1]];
      if (a === undefined || b === undefined || b[0] - a[0] > 20 || b[0] - a[0] < 2) return;
      const middle: [number, number] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
      const [before, after] = [readings, readings.toSpliced(at + 1, 0, middle)].map((each) => walk(each, 600));
      expect(after!.outMinutes).toBeCloseTo(before!.outMinutes, 3);
      expect(after!.gapMinutes).toBeCloseTo(before!.gapMinutes, 6);
      const starts = ({ found }: Walked) => found.map((text) => text.replace(/ worst.*/, ""));
      expect(starts(after!)).toEqual(starts(before!));
    }),
  );
});
