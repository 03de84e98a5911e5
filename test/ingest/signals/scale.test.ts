import { describe, expect, test } from "vitest";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { scaleCountRule, type ScaleSample } from "../../../ingest/signals/scale-count.ts";
import { createNoise } from "./noise.ts";

const shelf = { stockId: 3, unitWeightGrams: 250, tareGrams: 1000 };
const context = { deviceId: "scale", shelfAt: () => shelf };

function follow(samples: Iterable<ScaleSample>): { counts: [number, number, number?][]; zeroUnits: number } {
  let state = scaleCountRule.initial;
  const counts: [number, number, number?][] = [];
  for (const sample of samples) {
    const step = scaleCountRule.step(state, sample, context);
    state = step.state;
    counts.push(...step.facts.map(countOf));
  }
  return { counts, zeroUnits: state.zero.units };
}

function countOf(fact: NewFact): [number, number, number?] {
  if (fact.type !== "counted") throw new Error(`unexpected ${fact.type}`);
  const { quantity, change } = fact.data;
  return change === undefined ? [fact.at / 1000, quantity] : [fact.at / 1000, quantity, change];
}

const reading = (second: number, grams: number, stable?: boolean): ScaleSample => ({
  ts: Math.round(second * 1000),
  seq: -1,
  grams,
  ...(stable !== undefined && { stable }),
});
const every = (seconds: number, grams: readonly number[], from = 0) =>
  grams.map((g, i) => reading(from + i * seconds, g));

describe("a weight", () => {
  test.each<[string, ScaleSample[], [number, number, number?][]]>([
    ["is a count once it has settled", every(1, [6000, 6001, 6000]), [[2, 20]]],
    ["is no count before", every(1, [6000, 6000]), []],
    ["is no count between two whole numbers", every(1, [6110, 6110, 6110, 6110]), []],
    ["of a spike is no count", every(1, [6000, 6000, 6000, 9500, 6000, 6000, 6000]), [[2, 20]]],
    [
      "of a leaning hand is no count",
      every(1, [6000, 6000, 6000, 8100, 7300, 9400, 6600, 6000, 6000, 6000]),
      [[2, 20]],
    ],
    [
      "is a count at once when the scale says stable",
      [reading(0, 6000, true), reading(1, 5750, true)],
      [
        [0, 20],
        [1, 19, -1],
      ],
    ],
    [
      "is no count while the scale says unstable",
      every(1, [6000, 6000, 6000, 6000]).map((r) => ({ ...r, stable: false })),
      [],
    ],
    ["below that of the empty shelf is no count", every(1, [500, 500, 500, 500]), []],
    [
      "has the pieces taken and put",
      every(1, [6000, 6000, 6000, 5250, 5250, 5250, 7000, 7000, 7000]),
      [
        [2, 20],
        [5, 17, -3],
        [8, 24, 7],
      ],
    ],
    [
      "settles at twenty readings a second",
      every(
        0.05,
        Array.from({ length: 60 }, () => 6000),
      ),
      [[2, 20]],
    ],
  ])("%s", (_, samples, expected) => {
    expect(follow(samples).counts).toEqual(expected);
  });
});

/** Three days of a shelf that people pick from, fill and lean on; its scale has noise and a drifting zero. */
function* days(seed: number, driftPerDay: number, flagged: boolean, truth: [number, number][]): Generator<ScaleSample> {
  const { uniform, gaussian } = createNoise(seed);
  let quantity = 40;
  let handUntil = 0;
  let nextHand = 600;
  truth.push([0, quantity]);
  for (let second = 0; second < 3 * 86_400; second += 2) {
    if (second >= nextHand) {
      const change = quantity < 5 ? 40 - quantity : -Math.min(quantity, 1 + Math.floor(uniform() * 3));
      quantity += change;
      handUntil = second + 2 + uniform() * 4;
      nextHand = second + 300 + uniform() * 7200;
      truth.push([handUntil, quantity]);
    }
    const hand = second < handUntil ? (uniform() - 0.3) * 4000 : 0;
    const grams = 1000 + 250 * (quantity + (driftPerDay * second) / 86_400);
    yield reading(second, grams * (1 + 0.0004 * gaussian()) + hand, flagged ? hand === 0 : undefined);
  }
}

test.each([
  [1, 0.5, false],
  [2, -0.5, false],
  [3, 0.5, true],
  [4, 1, false],
])(
  "three days of hands, noise and drift give exact counts (seed %i, drift %d a day, flagged %s)",
  (seed, drift, flagged) => {
    const truth: [number, number][] = [];
    const { counts, zeroUnits } = follow(days(seed, drift, flagged, truth));
    expect(counts.map(([, quantity]) => quantity)).toEqual(truth.map(([, quantity]) => quantity));
    counts.forEach(([second], i) => expect(second - truth[i]![0]).toBeLessThanOrEqual(10));
    expect(zeroUnits).toBeCloseTo(drift * 3, 1);
  },
);
