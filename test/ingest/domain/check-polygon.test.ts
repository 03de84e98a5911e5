import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPolygon } from "../../../ingest/domain/geo/check-polygon.ts";
import { pointAt, type Ring } from "../../../ingest/domain/geo/geofence.ts";

const box = (west: number, south: number, east: number, north: number): Ring => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
];

describe("a polygon that cannot be a geofence is refused, with the ring and the point", () => {
  test.each<[string, Ring[], number[], RegExp]>([
    ["zero area: one point", [box(11, 48, 11, 48)], [0], /ring 0.*no area.*circle/],
    ["zero area: a line", [box(11, 48, 11.1, 48)], [0], /ring 0.*no area/],
    [
      "zero area: a slanting line",
      [
        [
          [0, 0],
          [1, 1],
          [2, 2],
          [0, 0],
        ],
      ],
      [0],
      /ring 0.*no area/,
    ],
    [
      "crosses itself",
      [
        [
          [0, 0],
          [1, 1],
          [1, 0],
          [0, 1],
          [0, 0],
        ],
      ],
      [0, 0],
      /ring 0, point 0.*point 2 to point 3/,
    ],
    [
      "crosses itself in its middle",
      [
        [
          [0, 0],
          [2, 0],
          [2, 2],
          [1, -1],
          [0, 2],
          [0, 0],
        ],
      ],
      [0, 0],
      /ring 0, point 0/,
    ],
    [
      "touches itself",
      [
        [
          [0, 0],
          [2, 0],
          [2, 2],
          [1, 0],
          [0, 2],
          [0, 0],
        ],
      ],
      [0, 0],
      /ring 0, point 0/,
    ],
    [
      "a spike",
      [
        [
          [0, 0],
          [2, 0],
          [2, 2],
          [2, 4],
          [2, 2],
          [0, 2],
          [0, 0],
        ],
      ],
      [0, 1],
      /ring 0, point 1/,
    ],
    [
      "not closed",
      [
        [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 1],
        ],
      ],
      [0, 3],
      /ring 0, point 3.*equal its first/,
    ],
    [
      "three points",
      [
        [
          [0, 0],
          [1, 0],
          [0, 0],
        ],
      ],
      [0],
      /ring 0.*at least 4/,
    ],
    [
      "latitude and longitude swapped",
      [box(48, 139, 49, 140)],
      [0, 0, 1],
      /ring 0, point 0: latitude 139.*\[longitude, latitude\].*swapped/,
    ],
    ["longitude beyond 180", [box(179, 0, 181, 1)], [0, 1, 0], /ring 0, point 1: longitude 181.*write -179/],
    [
      "around the pole",
      [
        [
          [0, 80],
          [90, 80],
          [180, 80],
          [-90, 80],
          [0, 80],
        ],
      ],
      [0],
      /pole.*circle/,
    ],
    [
      "touches the pole",
      [
        [
          [0, 80],
          [90, 80],
          [45, 90],
          [0, 80],
        ],
      ],
      [0, 2],
      /ring 0, point 2.*pole.*circle/,
    ],
    ["an edge around half the Earth", [box(-90, 0, 90, 1)], [0, 1], /ring 0, point 1: 180 degrees/],
    ["the world", [box(-180, -80, 180, 80)], [0, 1], /ring 0, point 1: 360 degrees/],
    ["a hole outside", [box(0, 0, 1, 1), box(2, 2, 3, 3)], [1, 0], /ring 1, point 0.*inside ring 0.*MultiPolygon/],
    ["a hole across the edge", [box(0, 0, 1, 1), box(0.5, 0.5, 1.5, 0.7)], [1, 1], /ring 1, point 1/],
    ["holes that cross", [box(0, 0, 9, 9), box(1, 1, 4, 4), box(3, 3, 6, 6)], [2, 0], /ring 2, point 0.*ring 1/],
    [
      "a hole that crosses itself",
      [
        box(-5, -5, 9, 9),
        [
          [0, 0],
          [1, 1],
          [1, 0],
          [0, 1],
          [0, 0],
        ],
      ],
      [1, 0],
      /ring 1, point 0/,
    ],
  ])("%s", (_, rings, path, message) => {
    const [fault, ...more] = checkPolygon(rings);
    expect(fault).toEqual({ path, message: expect.stringMatching(message) as unknown });
    expect(more).toEqual([]);
  });

  test.each<[string, Ring[]]>([
    ["a yard", [box(11, 48, 11.01, 48.01)]],
    ["clockwise", [box(11, 48, 11.01, 48.01).toReversed()]],
    [
      "a repeated point",
      [
        [
          [0, 0],
          [1, 0],
          [1, 0],
          [1, 1],
          [0, 1],
          [0, 0],
        ],
      ],
    ],
    [
      "points on a straight edge",
      [
        [
          [0, 0],
          [1, 0],
          [2, 0],
          [2, 1],
          [0, 1],
          [0, 0],
        ],
      ],
    ],
    ["a hole", [box(0, 0, 3, 3), box(1, 1, 2, 2)]],
    [
      "a hole that touches the edge",
      [
        box(0, 0, 3, 3),
        [
          [0, 1],
          [1, 0.5],
          [1, 1.5],
          [0, 1],
        ],
      ],
    ],
    ["across the 180th meridian, with a hole", [box(179, 0, -179, 1), box(179.9, 0.4, -179.9, 0.6)]],
    ["a hole beyond the 180th meridian", [box(179, 0, -179, 1), box(-179.9, 0.4, -179.8, 0.6)]],
    ["a small yard", [box(11, 48, 11.0001, 48.0001)]],
  ])("%s is one", (_, rings) => {
    expect(checkPolygon(rings)).toEqual([]);
  });

  test("any star-shaped ring is one, and a round one with two points exchanged crosses itself", () => {
    const radii = fc.array(fc.double({ min: 100, max: 900, noNaN: true }), { minLength: 6, maxLength: 40 });
    fc.assert(
      fc.property(radii, fc.double({ min: -180, max: 180, noNaN: true }), (lengths, lon) => {
        const cornerAt = (length: number, i: number) => {
          const angle = (2 * Math.PI * i) / lengths.length;
          const corner = pointAt({ lat: 50, lon }, length * Math.cos(angle), length * Math.sin(angle));
          return [corner.lon, corner.lat] as const;
        };
        const corners = lengths.map(cornerAt);
        expect(checkPolygon([[...corners, corners[0]!]])).toEqual([]);
        const round = lengths.map((_, i) => cornerAt(500, i));
        const half = Math.floor(round.length / 2);
        const crossed = round.with(0, round[half]!).with(half, round[0]!);
        expect(checkPolygon([[...crossed, crossed[0]!]])).toHaveLength(1);
      }),
    );
  });
});
