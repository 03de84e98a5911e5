import { expect, test } from "vitest";
import type { Eta } from "../../../ingest/domain/eta/estimate.ts";
import { estimateStops, type FurtherStop } from "../../../ingest/domain/eta/stops.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-03-02T06:00:00Z");
const fence = (km: number) => ({ shape: "circle", centre: { lat: 48 + km / 111.195, lon: 11 }, radiusM: 500 }) as const;
const next: Eta = {
  ...{
    p50: START + 60 * MINUTE,
    p90: START + 90 * MINUTE,
    basis: "lane_history",
    problem: null,
    laneOriginId: 1,
    runs: 9,
  },
  ...{ distanceM: 60_000, speedMps: null, observedMinutes: null, positionAt: START },
};
const runs = (minutes: number, count = 20) =>
  Array.from({ length: count }, () => ({
    departedAt: START,
    totalS: minutes * 60,
    curve: [[0, 0]] as [number, number][],
  }));
const stop = (more: Partial<FurtherStop> = {}): FurtherStop => ({
  ...{ runs: runs(40), from: fence(0), to: fence(50), dwellsMs: [10, 20, 30].map((each) => each * MINUTE) },
  ...more,
});

test("further stops follow from dwell and lane, stop by stop, and errors add up by their squares", () => {
  const [second, third] = estimateStops(next, [stop(), stop()]);
  expect(second).toMatchObject({
    p50: START + 120 * MINUTE,
    basis: "lane_history",
    runs: 20,
    problem: null,
    positionAt: START,
  });
  expect(third!.p50).toBe(START + 180 * MINUTE);
  const [wide, wider] = [second!, third!].map(({ p50, p90 }) => (p90! - p50!) / MINUTE) as [number, number];
  expect(wide).toBeGreaterThan(30);
  expect(wide).toBeLessThan(40);
  expect(wider).toBeGreaterThan(wide);
  expect(wider).toBeLessThan(wide + 10);
});

test("a lane without history is a guess from there on, and says so", () => {
  const [second, third] = estimateStops(next, [stop({ runs: [], dwellsMs: [] }), stop()]);
  // 15 minutes at the stop, 49 km times 1.3 at 60 km/h.
  expect((second!.p50! - next.p50!) / MINUTE).toBeCloseTo(15 + 49.5 * 1.3, 0);
  expect(second).toMatchObject({ basis: "default", problem: "too_little_history", runs: null });
  expect(third).toMatchObject({ basis: "default", problem: null, runs: 20 });
});

test("what is not known of one stop is not known of those after it", () => {
  const lost: Eta = { ...next, p50: null, p90: null, basis: "unknown", problem: "no_position" };
  expect(estimateStops(lost, [stop(), stop()])).toMatchObject([
    { p50: null, basis: "unknown", problem: "no_position" },
    { p50: null, basis: "unknown", problem: "no_position" },
  ]);
  expect(estimateStops(next, [stop({ to: undefined }), stop()])).toMatchObject([
    { p50: null, problem: "no_geofence" },
    { p50: null, basis: "unknown" },
  ]);
  expect(estimateStops(next, [])).toEqual([]);
});
