import { describe, expect, test } from "vitest";
import { createFenceIndex } from "../../../ingest/domain/geo/fence-index.ts";
import { distanceToEdgeM, type Geofence, type Point, pointAt } from "../../../ingest/domain/geo/geofence.ts";
import { type GpsSample, positionRule } from "../../../ingest/signals/position.ts";
import { createNoise } from "./noise.ts";

const HOME: Point = { lat: 48.1, lon: 11.5 };
const square = (halfM: number, centre: Point = HOME) =>
  [
    [-halfM, -halfM],
    [halfM, -halfM],
    [halfM, halfM],
    [-halfM, halfM],
    [-halfM, -halfM],
  ].map(([east, north]) => {
    const { lat, lon } = pointAt(centre, east!, north!);
    return [lon, lat] as const;
  });
const circle: Geofence = { shape: "circle", centre: HOME, radiusM: 200 };
const yard: Geofence = { shape: "polygon", rings: [square(200)] };
const yardWithPond: Geofence = { shape: "polygon", rings: [square(200), square(100)] };

describe("the distance to a fence's edge", () => {
  test.each<[string, Geofence, number, number]>([
    ["the middle of a circle", circle, 0, -200],
    ["beside a circle", circle, 250, 50],
    ["the middle of a yard", yard, 0, -200],
    ["beside a yard", yard, 250, 50],
    ["the middle of a hole", yardWithPond, 0, 100],
    ["between hole and edge", yardWithPond, 130, -30],
    ["beyond both", yardWithPond, 230, 30],
  ])("%s", (_, fence, east, expected) => {
    expect(distanceToEdgeM(pointAt(HOME, east, 0), fence)).toBeCloseTo(expected, 0);
  });
});

/** Metres east of the fence's middle at whole seconds; `accuracy` 5 m by default. */
function drive(places: readonly (readonly [second: number, eastM: number, accuracy?: number])[]): GpsSample[] {
  return places.map(([second, eastM, accuracy = 5]) => ({
    ts: second * 1000,
    seq: -1,
    ...pointAt(HOME, eastM, 0),
    accuracy,
  }));
}

function follow(samples: readonly GpsSample[], fence: Geofence = circle) {
  const fences = createFenceIndex([{ locationId: 1, fence }]);
  const context = { deviceId: "d", fences, vehicleAt: () => ({ vehicleId: 7 }) };
  let state = positionRule.initial;
  const crossings: string[] = [];
  for (const sample of samples) {
    const step = positionRule.step(state, sample, context);
    state = step.state;
    for (const { type, at } of step.facts) if (!type.startsWith("trip")) crossings.push(`${type} ${at / 1000}`);
  }
  return { crossings, state };
}

function factsOf(samples: readonly GpsSample[], fence: Geofence = circle) {
  const fences = createFenceIndex([{ locationId: 1, fence }]);
  const context = { deviceId: "d", fences, vehicleAt: () => ({ vehicleId: 7 }) };
  let state = positionRule.initial;
  return samples.flatMap((sample) => {
    const step = positionRule.step(state, sample, context);
    state = step.state;
    return step.facts;
  });
}

describe("a vehicle at a fence", () => {
  test.each<[string, GpsSample[], string[]]>([
    [
      "arrives with two clear fixes, at the time of the first",
      drive([
        [0, 900],
        [30, 50],
        [60, 0],
      ]),
      ["arrived 30"],
    ],
    [
      "has not arrived with one clear fix",
      drive([
        [0, 900],
        [30, 50],
      ]),
      [],
    ],
    [
      "departs with two clear fixes, at the time of the first",
      drive([
        [0, 0],
        [10, 0],
        [60, 600],
        [90, 1200],
      ]),
      ["arrived 0", "departed 60"],
    ],
    [
      "does not depart within the margin",
      drive([
        [0, 0],
        [10, 0],
        [20, 215],
        [30, 222],
        [40, 218],
        [400, 220],
      ]),
      ["arrived 0"],
    ],
    [
      "is not moved by fixes of poor accuracy",
      drive([
        [0, 0],
        [10, 0],
        [20, 300, 90],
        [30, 310, 90],
        [40, 10],
      ]),
      ["arrived 0"],
    ],
    [
      "arrives with unclear fixes after 60 s",
      drive([
        [0, 900],
        [30, 198, 20],
        [60, 198, 20],
        [91, 198, 20],
      ]),
      ["arrived 30"],
    ],
    [
      "passes when no fix lies inside",
      drive([
        [0, -900],
        [60, 900],
      ]),
      ["passed 30"],
    ],
    [
      "passes when only one fix lies inside",
      drive([
        [0, -900],
        [30, 0],
        [60, 900],
        [90, 1800],
      ]),
      ["passed 30"],
    ],
    [
      "does not pass when it only touches the fence",
      drive([
        [0, 900],
        [60, 210],
        [120, 900],
      ]),
      [],
    ],
    [
      "does not pass in a gap of an hour",
      drive([
        [0, -900],
        [3600, 900],
      ]),
      [],
    ],
  ])("%s", (_, samples, expected) => {
    expect(follow(samples).crossings).toEqual(expected);
  });

  test("after a long silence it departed and arrived at some time in between, with lower confidence", () => {
    const facts = factsOf(
      drive([
        [0, 0],
        [10, 0],
        [7200, 20_000],
        [7210, 20_200],
        [7220, 20_400],
        [14_000, 10],
        [14_010, 0],
      ]),
    ).filter(({ type }) => type === "departed" || type === "arrived");
    expect(facts.map(({ type, at, confidence, data }) => ({ type, at, confidence, data }))).toEqual([
      { type: "arrived", at: 0, confidence: 0.95, data: { locationId: 1 } },
      {
        type: "departed",
        at: expect.closeTo(7_200_000 - (19_800 / (50 / 3.6)) * 1000, -4) as number,
        confidence: 0.6,
        data: { locationId: 1, since: 0, between: { from: 10_000, to: 7_200_000 } },
      },
      {
        type: "arrived",
        at: 14_000_000,
        confidence: 0.6,
        data: { locationId: 1, between: { from: 7_220_000, to: 14_000_000 } },
      },
    ]);
    expect(facts[1]!.evidence.map(({ ts }) => Date.parse(ts!))).toEqual([10_000, 7_200_000, 7_210_000]);
  });

  test("has no state at the fence after the device is mounted on another vehicle", () => {
    const fences = createFenceIndex([{ locationId: 1, fence: circle }]);
    const vehicleAt = (ts: number) => ({ vehicleId: ts < 100_000 ? 7 : 8 });
    const context = { deviceId: "d", fences, vehicleAt };
    let state = positionRule.initial;
    const subjects: string[] = [];
    for (const sample of drive([
      [0, 0],
      [10, 0],
      [200, 900],
      [210, 950],
      [220, 990],
    ])) {
      const step = positionRule.step(state, sample, context);
      state = step.state;
      subjects.push(...step.facts.map(({ type, subject }) => `${type} ${subject}`));
    }
    expect(subjects).toEqual(["arrived vehicle:7"]);
  });

  /** Four hours at 1 Hz beside the fence's edge, with noise; every twentieth fix lies anywhere within 3 km. */
  function shift(eastM: number, seed: number, stated: boolean): GpsSample[] {
    const { uniform, gaussian } = createNoise(seed);
    return Array.from({ length: 4 * 3600 }, (_, second) => {
      const angle = uniform() * 2 * Math.PI;
      const far = uniform() < 0.05 ? 3000 * uniform() : 0;
      const east = eastM + 15 * gaussian() + far * Math.cos(angle);
      const place = pointAt(HOME, east, 15 * gaussian() + far * Math.sin(angle));
      return { ts: second * 1000, seq: -1, ...place, ...(stated && { accuracy: 15 }) };
    });
  }

  test.each([1, 2, 3, 4, 5])("parked 30 m inside it does not depart by noise (seed %i)", (seed) => {
    expect(follow(shift(170, seed, seed % 2 === 0)).crossings.map((fact) => fact.split(" ")[0])).toEqual(["arrived"]);
  });

  test.each([1, 2, 3, 4, 5])("parked 60 m outside it does not arrive by noise (seed %i)", (seed) => {
    expect(follow(shift(260, seed, seed % 2 === 0)).crossings.filter((fact) => !fact.startsWith("passed"))).toEqual([]);
  });
});
