import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteText } from "../../../api/resources/shipments/track/byte-text.ts";
import { geoJsonOf } from "../../../api/resources/shipments/track/geojson.ts";
import { gpxOf } from "../../../api/resources/shipments/track/gpx.ts";
import { simplify } from "../../../api/resources/shipments/track/simplify.ts";
import { mergedByTime, type TrackPoints } from "../../../api/resources/shipments/track/track-points.ts";
import "../../support/property-seed.ts";

const decimal = fc
  .tuple(fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }), fc.integer({ min: 0, max: 9 }))
  .map(([digits, places]) => Number(`${digits}e-${places}`));

test("numbers are written as JSON.stringify writes them", () => {
  const edges = [
    0,
    -0,
    1e-7,
    -1e-6,
    1e-6,
    999.9999999,
    1000,
    48.1,
    0.1 + 0.2,
    5e-324,
    1e21,
    1e308,
    Number.NaN,
    Infinity,
  ];
  for (const value of edges) expect(new ByteText().number(value).bytes().toString()).toBe(JSON.stringify(value));
  fc.assert(
    fc.property(fc.oneof(fc.double(), decimal), (value) => {
      expect(new ByteText().number(value).bytes().toString()).toBe(JSON.stringify(value));
    }),
    { numRuns: 2_000 },
  );
});

test("times are written as toISOString writes them", () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), fc.date({ noInvalidDate: true }), (one, other) => {
      const text = new ByteText().time(one.getTime()).text(" ").time(other.getTime()).bytes().toString();
      expect(text).toBe(`${one.toISOString()} ${other.toISOString()}`);
    }),
    { numRuns: 1_000 },
  );
});

test("a text that is longer than expected, or not of ASCII, is whole", () => {
  const text = new ByteText(1);
  for (let at = 0; at < 1_000; at += 1) text.text("é€🚚").number(at);
  expect(text.bytes().toString()).toBe(Array.from({ length: 1_000 }, (_, at) => `é€🚚${at}`).join(""));
});

/** On the equator eastwards, one point in 0.001° (111 m). */
function points(count: number, from = 0): TrackPoints {
  const column = (of: (at: number) => number) => Float64Array.from({ length: count }, (_, at) => of(at));
  return {
    lon: column((at) => at / 1000),
    lat: column(() => 0),
    ts: column((at) => Date.UTC(2026, 0, 1) + from + at * 1000),
    speed: column((at) => (at === 1 ? Number.NaN : 22)),
  };
}

test("GeoJSON has null without a fix, a point for one, and a line for more", () => {
  const feature = (count: number) => JSON.parse(geoJsonOf(7, points(count)).toString()) as unknown;
  expect(feature(0)).toEqual({
    type: "Feature",
    geometry: null,
    properties: { shipment_id: 7, coordTimes: [], speeds: [] },
  });
  expect(feature(1)).toMatchObject({ geometry: { type: "Point", coordinates: [0, 0] } });
  expect(feature(2)).toEqual({
    type: "Feature",
    geometry: {
      type: "LineString",
      coordinates: [
        [0, 0],
        [0.001, 0],
      ],
    },
    properties: {
      shipment_id: 7,
      coordTimes: ["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:01.000Z"],
      speeds: [22, null],
    },
  });
});

test("GPX has every fix with its time, and the name escaped", () => {
  const gpx = gpxOf("<é>", points(2)).toString();
  expect(gpx).toContain("<name>&lt;é&gt;</name>");
  expect(gpx).toContain('<trkpt lat="0" lon="0.001"><time>2026-01-01T00:00:01.000Z</time></trkpt>');
  expect(gpx.endsWith("</trkseg></trk>\n</gpx>\n")).toBe(true);
});

test("points of several trackers are one track in the order of time, and a straight line needs two of them", () => {
  const track = mergedByTime(points(3), points(3, 500));
  expect([...track.ts].map((ts) => ts % 10_000)).toEqual([0, 500, 1000, 1500, 2000, 2500]);
  const simple = simplify(points(1_000), 20);
  expect([...simple.lon]).toEqual([0, 0.999]);
  const corner = points(3);
  corner.lat[1] = 0.01;
  expect(simplify(corner, 20).ts).toHaveLength(3);
});
