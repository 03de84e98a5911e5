import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFenceIndex } from "../../../ingest/domain/geo/fence-index.ts";
import {
  distanceM,
  distanceToEdgeM,
  type Geofence,
  longestWayM,
  multiPolygonFence,
  offsetFrom,
  type Point,
  pointAt,
  polygonFence,
  type Ring,
} from "../../../ingest/domain/geo/geofence.ts";

const box = (west: number, south: number, east: number, north: number): Ring => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
];

describe("a fence across the 180th meridian", () => {
  const whole = polygonFence([box(179.99, -17.01, -179.99, -16.99)]);
  const cut = multiPolygonFence([[box(179.99, -17.01, 180, -16.99)], [box(-180, -17.01, -179.99, -16.99)]]);
  const round: Geofence = { shape: "circle", centre: { lat: -17, lon: 179.999 }, radiusM: 1000 };

  test.each<[string, Geofence, number, boolean]>([
    ["ring, west of it", whole, 179.995, true],
    ["ring, east of it", whole, -179.995, true],
    ["ring, on it", whole, 180, true],
    ["ring, beside it", whole, -179.98, false],
    ["ring, on the other side of the Earth", whole, 0, false],
    ["cut ring, west of it", cut, 179.995, true],
    ["cut ring, east of it", cut, -179.995, true],
    ["cut ring, beside it", cut, 179.98, false],
    ["cut ring, on the other side of the Earth", cut, 0, false],
    ["circle, east of it", round, -179.995, true],
  ])("%s", (_, fence, lon, inside) => {
    const point = { lat: -17, lon };
    expect(distanceToEdgeM(point, fence) < 0).toBe(inside);
    const index = createFenceIndex([{ locationId: 1, fence }]);
    if (inside) expect(index.near(point).map(({ locationId }) => locationId)).toEqual([1]);
  });

  test("is as deep at the cut as without it", () => {
    for (const lon of [179.9999, 180, -180, -179.9999]) {
      expect(distanceToEdgeM({ lat: -17, lon }, cut)).toBeCloseTo(distanceToEdgeM({ lat: -17, lon }, whole), 0);
    }
  });

  test("is found along a drive across it", () => {
    const index = createFenceIndex([{ locationId: 1, fence: whole }]);
    expect(index.along({ lat: -17, lon: 179.96 }, { lat: -17, lon: -179.96 })).toHaveLength(1);
  });

  test("a few metres across it are a few metres", () => {
    const origin = { lat: -17, lon: 179.9999 };
    const { east } = offsetFrom(origin, { lat: -17, lon: -179.9999 });
    expect(east).toBeCloseTo(distanceM(origin, { lat: -17, lon: -179.9999 }), 0);
    expect(pointAt(origin, east, 0).lon).toBeCloseTo(-179.9999, 6);
  });

  test("does not depend on the longitude: any fence anywhere is the same fence", () => {
    const metres = fc.double({ min: -900, max: 900, noNaN: true });
    const turns = fc.double({ min: -180, max: 180, noNaN: true });
    fc.assert(
      fc.property(turns, metres, metres, (lon, east, north) => {
        const fenceAt = (centre: Point) =>
          polygonFence([
            [
              [-400, -300],
              [400, -300],
              [400, 300],
              [0, 100],
              [-400, 300],
              [-400, -300],
            ].map(([x, y]) => {
              const corner = pointAt(centre, x!, y!);
              return [corner.lon, corner.lat] as const;
            }),
          ]);
        const [here, there] = [
          { lat: 50, lon },
          { lat: 50, lon: 7 },
        ];
        const edgeHere = distanceToEdgeM(pointAt(here, east, north), fenceAt(here));
        expect(edgeHere).toBeCloseTo(distanceToEdgeM(pointAt(there, east, north), fenceAt(there)), 1);
        if (edgeHere < 0) {
          const index = createFenceIndex([{ locationId: 1, fence: fenceAt(here) }]);
          expect(index.near(pointAt(here, east, north))).toHaveLength(1);
        }
      }),
    );
  });
});

test("a circle over the pole holds every longitude near it", () => {
  const fence: Geofence = { shape: "circle", centre: { lat: 89.995, lon: 20 }, radiusM: 2_000 };
  const index = createFenceIndex([{ locationId: 1, fence }]);
  for (const lon of [20, 110, -160, -70, 180]) {
    const point = { lat: 89.996, lon };
    expect(distanceToEdgeM(point, fence)).toBeLessThan(0);
    expect(index.near(point)).toHaveLength(1);
  }
});

test("parts of a MultiPolygon that overlap are one area", () => {
  const fence = multiPolygonFence([[box(11.49, 48.09, 11.51, 48.11)], [box(11.5, 48.09, 11.52, 48.11)]]);
  expect(distanceToEdgeM({ lat: 48.1, lon: 11.505 }, fence)).toBeLessThan(-100);
  expect(distanceToEdgeM({ lat: 48.1, lon: 11.53 }, fence)).toBeGreaterThan(500);
});

test("no way between two points is longer than the longest, anywhere", () => {
  const point = fc.record({
    lat: fc.double({ min: -90, max: 90, noNaN: true }),
    lon: fc.double({ min: -180, max: 180, noNaN: true }),
  });
  const nearby = fc.double({ min: -0.01, max: 0.01, noNaN: true });
  fc.assert(
    fc.property(point, point, nearby, nearby, (a, far, lat, lon) => {
      for (const b of [far, { lat: Math.max(-90, Math.min(90, a.lat + lat)), lon: a.lon + lon }]) {
        // Near the antipode the haversine is good to some decimetres only.
        expect(distanceM(a, b)).toBeLessThanOrEqual(longestWayM(a, b) * (1 + 1e-7) + 1e-3);
      }
    }),
  );
});
