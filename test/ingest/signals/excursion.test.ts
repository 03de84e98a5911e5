import { expect, test } from "vitest";
import { type EnvSample, excursionRule } from "../../../ingest/signals/excursion.ts";

const band = { minCelsius: 2, maxCelsius: 8, minutes: 10 };
const MINUTE = 60_000;

/** [minute, °C] → what is told, and when. */
function follow(values: readonly (readonly [minute: number, celsius?: number])[], until = Infinity): string[] {
  const context = {
    deviceId: "probe",
    shipmentId: 1,
    bandAt: (ts: number) => (ts < until * MINUTE ? band : undefined),
  };
  let state = excursionRule.initial;
  return values.flatMap(([minute, celsius]) => {
    const sample: EnvSample = { ts: minute * MINUTE, seq: -1, celsius };
    const step = excursionRule.step(state, sample, context);
    state = step.state;
    return step.facts.map((fact) => {
      if (fact.type !== "excursion" && fact.type !== "excursion_over") throw new Error(`told ${fact.type}`);
      return `${fact.type} ${fact.at / MINUTE} since ${fact.data.since / MINUTE} worst ${fact.data.worstCelsius}`;
    });
  });
}

test.each<[string, [number, number?][], string[]]>([
  [
    "within the band",
    [
      [0, 5],
      [10, 2],
      [20, 8],
    ],
    [],
  ],
  [
    "outside for too short",
    [
      [0, 5],
      [1, 9],
      [9, 9],
      [10, 5],
      [20, 5],
    ],
    [],
  ],
  [
    "too warm for too long, from the minute it was",
    [
      [0, 9],
      [6, 12],
      [13, 10],
    ],
    ["excursion 10 since 0 worst 12"],
  ],
  [
    "too cold for too long",
    [
      [0, 1],
      [6, -2],
      [12, 1],
    ],
    ["excursion 10 since 0 worst -2"],
  ],
  [
    "told once, and when it is over",
    [
      [0, 9],
      [6, 9],
      [12, 9],
      [18, 14],
      [24, 7],
      [30, 7],
    ],
    ["excursion 10 since 0 worst 9", "excursion_over 24 since 0 worst 14"],
  ],
  [
    "a silence does not prove that it went on",
    [
      [0, 9],
      [20, 9],
      [25, 9],
    ],
    [],
  ],
  ["a reading without temperature says nothing", [[0, 9], [5], [10, 9]], ["excursion 10 since 0 worst 9"]],
  [
    "again after it was over",
    [
      [0, 9],
      [10, 9],
      [11, 5],
      [20, 9],
      [30, 9],
    ],
    ["excursion 10 since 0 worst 9", "excursion_over 11 since 0 worst 9", "excursion 30 since 20 worst 9"],
  ],
])("%s", (_, values, expected) => {
  expect(follow(values)).toEqual(expected);
});

test("is over when the shipment is no longer where the probe is", () => {
  expect(
    follow(
      [
        [0, 9],
        [10, 9],
        [20, 9],
      ],
      15,
    ),
  ).toEqual(["excursion 10 since 0 worst 9", "excursion_over 20 since 0 worst 9"]);
});
