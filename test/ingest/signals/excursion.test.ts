import { expect, test } from "vitest";
import { type EnvSample, excursionRule } from "../../../ingest/signals/excursion.ts";

const band = { minCelsius: 2, maxCelsius: 8, minutes: 10 };
const MINUTE = 60_000;

/** [minute, °C] → the facts, with their times in minutes. */
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
      if (fact.type !== "excursion" && fact.type !== "excursion_over") throw new Error(`unexpected ${fact.type}`);
      return `${fact.type} ${fact.at / MINUTE} since ${fact.data.since / MINUTE} worst ${fact.data.worst}`;
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
    "too warm for too long: an excursion from the minute the band allows",
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
    "one fact at its start, one at its end",
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
    "a gap starts it again",
    [
      [0, 9],
      [20, 9],
      [25, 9],
    ],
    [],
  ],
  ["a reading without temperature changes nothing", [[0, 9], [5], [10, 9]], ["excursion 10 since 0 worst 9"]],
  [
    "a second excursion after the first",
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

test("ends when the shipment leaves the probe", () => {
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
