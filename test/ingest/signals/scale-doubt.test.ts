import { describe, expect, test } from "vitest";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import type { ShelfMount } from "../../../ingest/signals/sample.ts";
import { scaleCountRule, type ScaleSample } from "../../../ingest/signals/scale-count.ts";

const shelf: ShelfMount = { stockId: 3, unitWeightGrams: 200, tareGrams: 1000 };

/** @returns facts such as `20s counted 10`, `95s suspect below_tare` */
function follow(
  samples: Iterable<ScaleSample>,
  shelfAt: (ts: number) => ShelfMount | undefined = () => shelf,
): string[] {
  let state = scaleCountRule.initial;
  const facts: string[] = [];
  for (const sample of samples) {
    // As stored and loaded again between any two readings.
    state = JSON.parse(JSON.stringify(state));
    const step = scaleCountRule.step(state, sample, { deviceId: "scale", shelfAt });
    state = step.state;
    facts.push(...step.facts.map(textOf));
  }
  return facts;
}

function textOf({ at, type, data }: NewFact): string {
  const second = `${Math.round(at / 1000)}s`;
  if (type === "counted")
    return `${second} counted ${data.quantity}${data.change === undefined ? "" : ` (${data.change})`}`;
  if (type === "sensor_suspect") return `${second} suspect ${data.problem}`;
  if (type === "sensor_trusted") return `${second} trusted ${data.problem}`;
  throw new Error(`unexpected ${type}`);
}

/** Readings from one second to another, `grams` each or as a function of the second. */
function weigh(from: number, to: number, grams: number | ((second: number) => number), step = 1): ScaleSample[] {
  const samples: ScaleSample[] = [];
  for (let second = from; second <= to; second += step) {
    const value = typeof grams === "number" ? grams : grams(second);
    samples.push({ ts: Math.round(second * 1000), seq: -1, grams: Math.round(value * 10) / 10 });
  }
  return samples;
}

describe("a weight is settled by the load and the division of the scale, not by the weight of a piece", () => {
  const heavy: ShelfMount = { stockId: 3, unitWeightGrams: 900, tareGrams: 1000 };

  test.each([0.25, 0.5, 1])(
    "a load that swings by 1 % in every two seconds counts nothing, a reading every %d s",
    (step) => {
      const swinging = weigh(0, 600, (second) => 28_000 * (1 + 0.005 * Math.sin(Math.PI * second + 0.7)), step);
      expect(follow(swinging, () => heavy)).toEqual([]);
      const alternating = weigh(
        0,
        600,
        (second) => 28_000 * (1 + (Math.round(second / step) % 2 ? 0.005 : -0.005)),
        step,
      );
      expect(follow(alternating, () => heavy)).toEqual([]);
    },
  );

  test("a coarse scale that flickers between two divisions has settled", () => {
    const coarse = { ...shelf, divisionGrams: 20 };
    const flickering = weigh(0, 10, (second) => (second % 2 ? 3000 : 3020));
    expect(follow(flickering, () => coarse)).toEqual(["2s counted 10"]);
    expect(follow(flickering)).toEqual([]);
  });

  test("filling a shelf by hand counts what lies there in the end, and takes nothing", () => {
    const filling = weigh(
      10,
      60,
      (second) => 1000 + 200 * Math.floor((second - 10) / 5) + 350 * Math.abs(Math.sin(second * 2.1)),
    );
    expect(follow([...weigh(0, 9, 1000), ...filling, ...weigh(61, 70, 3000)])).toEqual([
      "2s counted 0",
      "63s counted 10 (10)",
    ]);
  });
});

describe("a scale that cannot be believed", () => {
  test("a shelf that was taken off is suspect, and can be believed again when it is put back", () => {
    const removed = [...weigh(0, 5, 3000), ...weigh(10, 120, 0), ...weigh(130, 135, 3000)];
    expect(follow(removed)).toEqual(["2s counted 10", "72s suspect below_tare", "132s trusted below_tare"]);
  });

  test("a shelf that comes back with other goods counts, and a person is asked whether the scale was zeroed", () => {
    const refilled = [...weigh(0, 5, 3000), ...weigh(10, 120, 0), ...weigh(130, 135, 2600)];
    expect(follow(refilled)).toEqual([
      "2s counted 10",
      "72s suspect below_tare",
      "132s counted 8 (-2)",
      "132s suspect retared",
      "132s trusted below_tare",
    ]);
    // Ten pieces, the scale zeroed, and six more: it shows 1,200 g, as if there were one.
    const zeroed = [...weigh(0, 5, 3000), ...weigh(10, 120, 0), ...weigh(130, 135, 1200)];
    expect(follow(zeroed)).toContain("132s suspect retared");
  });

  test("a shelf that comes back with a weight that no zeroed scale would show is believed", () => {
    const refilled = [...weigh(0, 5, 3000), ...weigh(10, 120, 0), ...weigh(130, 135, 2700)];
    expect(follow(refilled, () => ({ ...shelf, tareGrams: 1100 }))).toEqual([
      "72s suspect below_tare",
      "132s counted 8",
      "132s trusted below_tare",
    ]);
  });

  test("a weight that is below the tare for some seconds is no news", () => {
    expect(follow([...weigh(0, 5, 3000), ...weigh(10, 40, 0), ...weigh(50, 55, 3000)])).toEqual(["2s counted 10"]);
  });

  test("a scale that a person has zeroed below an empty shelf does not count ten pieces as five", () => {
    const zeroed = [...weigh(0, 5, 1000), ...weigh(10, 20, 0), ...weigh(30, 120, 2000), ...weigh(130, 140, 1800)];
    expect(follow(zeroed)).toEqual(["2s counted 0", "72s suspect below_tare"]);
    const odd = { ...shelf, unitWeightGrams: 300 };
    const zeroedOdd = [...weigh(0, 5, 1000), ...weigh(10, 20, 0), ...weigh(30, 120, 3000)];
    expect(follow(zeroedOdd, () => odd)).toEqual(["2s counted 0", "72s suspect below_tare"]);
  });

  test("a scale that a person has zeroed with goods on it is suspect as soon as pieces are taken", () => {
    expect(follow([...weigh(0, 5, 3000), ...weigh(10, 90, 0), ...weigh(100, 300, -400)])).toEqual([
      "2s counted 10",
      "72s suspect below_tare",
    ]);
  });

  test("goods of another kind on the shelf, and a weight that never settles, are told", () => {
    expect(follow([...weigh(0, 5, 3000), ...weigh(10, 700, 3100), ...weigh(800, 805, 3000)])).toEqual([
      "2s counted 10",
      "612s suspect odd_weight",
      "802s trusted odd_weight",
    ]);
    const leaning = weigh(10, 1000, (second) => 3000 + 500 * Math.abs(Math.sin(second)));
    expect(follow([...weigh(0, 5, 3000), ...leaning, ...weigh(1001, 1010, 3000)])).toEqual([
      "2s counted 10",
      "910s suspect unsettled",
      "1003s trusted unsettled",
    ]);
  });
});

describe("a tare version", () => {
  /** the scale shows 0 g for the empty shelf from second 10 on */
  const tared = (ts: number): ShelfMount =>
    ts < 10_000 ? { ...shelf, tareSince: 0 } : { ...shelf, tareGrams: 0, tareSince: 10_000 };

  test("counts ten pieces as ten", () => {
    expect(follow([...weigh(0, 5, 1000), ...weigh(10, 20, 0), ...weigh(30, 40, 2000)], tared)).toEqual([
      "2s counted 0",
      "32s counted 10 (10)",
    ]);
  });

  test("takes no pieces: with goods on the shelf a person is asked to look", () => {
    expect(follow([...weigh(0, 5, 3000), ...weigh(10, 20, 0)], tared)).toEqual([
      "2s counted 10",
      "12s counted 0",
      "12s suspect retared",
    ]);
  });
});

describe("an empty shelf whose zero drifts", () => {
  test.each([-6, -3, 3, 6])("still counts what is put on it, %d pieces of drift a day", (driftPerDay) => {
    const zero = (second: number) => 1000 + (200 * driftPerDay * second) / 86_400;
    const day = weigh(0, 86_400, zero, 30);
    const after = weigh(86_401, 86_410, (second) => zero(second) + 2000);
    expect(follow([...day, ...after])).toEqual(["60s counted 0", "86403s counted 10 (10)"]);
  });

  test("counts after a night without readings", () => {
    const night = 12 * 3600;
    const sunk = [...weigh(0, 5, 1000), ...weigh(night, night + 5, 860), ...weigh(night + 10, night + 15, 2860)];
    expect(follow(sunk)).toEqual(["2s counted 0", `${night + 12}s counted 10 (10)`]);
  });
});

test("a zero that drifts for a week below a load is followed, however seldom the scale reports", () => {
  const grams = (second: number) => 1000 + 200 * 20 + (200 * second) / 86_400;
  expect(follow(weigh(0, 7 * 86_400, grams, 600))).toEqual(["1200s counted 20"]);
});
