import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFenceIndex } from "../../../ingest/domain/geo/fence-index.ts";
import { type Geofence, type Point, pointAt, polygonFence } from "../../../ingest/domain/geo/geofence.ts";
import { type GpsSample, positionRule } from "../../../ingest/signals/position.ts";

const HOME: Point = { lat: 48.1, lon: 11.5 };

/** Fixes at whole seconds, metres east of the fence's middle, with their accuracy. */
function drive(places: readonly (readonly [second: number, eastM: number, accuracy: number])[]): GpsSample[] {
  return places.map(([second, eastM, accuracy]) => ({
    ts: second * 1000,
    seq: -1,
    ...pointAt(HOME, eastM, 0),
    accuracy,
  }));
}

/** What happened at the fence, with its second. */
function follow(samples: readonly GpsSample[], fence: Geofence): string[] {
  const fences = createFenceIndex([{ locationId: 1, fence }]);
  const context = { deviceId: "d", fences, vehicleAt: () => ({ vehicleId: 7 }) };
  let state = positionRule.initial;
  return samples.flatMap((sample) => {
    const step = positionRule.step(state, sample, context);
    state = step.state;
    return step.facts.filter(({ type }) => !type.startsWith("trip")).map(({ type, at }) => `${type} ${at / 1000}`);
  });
}

describe("a vehicle at motorway speed", () => {
  const small: Geofence = { shape: "circle", centre: HOME, radiusM: 30 };
  const strip: Geofence = polygonFence([
    [
      [-15, -300],
      [15, -300],
      [15, 300],
      [-15, 300],
      [-15, -300],
    ].map(([east, north]) => {
      const { lat, lon } = pointAt(HOME, east!, north!);
      return [lon, lat] as const;
    }),
  ]);

  test.each<[string, Geofence, number, number]>([
    ["a circle of 30 m, a fix every 10 s", small, 10, -170],
    ["a circle of 30 m, a fix every minute", small, 60, -1000],
    ["a circle of 30 m, a fix every 3 min", small, 180, -4000],
    ["a circle of 30 m, one fix near its edge", small, 10, -28],
    ["a circle of 30 m, one fix near the other edge", small, 10, 28],
    ["a circle of 30 m, a fix in its middle", small, 10, 0],
    ["a strip of 30 m, a fix every 10 s", strip, 10, -170],
    ["a strip of 30 m, a fix every 3 min", strip, 180, -2500],
    ["a strip of 30 m, one fix near its edge", strip, 10, -13],
  ])("passes %s, at 130 km/h", (_, fence, intervalS, firstM) => {
    const MPS = 130 / 3.6;
    const fixes = [-2, -1, 0, 1, 2].map((i): [number, number, number] => [
      1000 + i * intervalS,
      firstM + i * intervalS * MPS,
      10,
    ]);
    const crossings = follow(drive(fixes), fence);
    expect(crossings).toHaveLength(1);
    const [type, second] = crossings[0]!.split(" ");
    expect(type).toBe("passed");
    expect(Math.abs(Number(second) - (1000 - firstM / MPS))).toBeLessThan(2);
  });

  test("passes every fence that the line goes deep into, wherever the fixes are", () => {
    const radius = fc.integer({ min: 15, max: 200 });
    fc.assert(
      fc.property(
        radius,
        fc.integer({ min: 5, max: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (radiusM, s, share) => {
          const gapM = s * 36;
          // Not more than one fix inside: two are an arrival.
          fc.pre(gapM > 2 * radiusM + 40);
          const first = -share * gapM;
          const fixes = [-2, -1, 0, 1, 2, 3].map((i): [number, number, number] => [1000 + i * s, first + i * gapM, 10]);
          expect(
            follow(drive(fixes), { shape: "circle", centre: HOME, radiusM }).map((text) => text.split(" ")[0]),
          ).toEqual(["passed"]);
        },
      ),
    );
  });
});
