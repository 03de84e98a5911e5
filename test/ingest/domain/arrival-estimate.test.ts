import { expect, test } from "vitest";
import { estimateArrival, isInTime } from "../../../ingest/domain/shipment/arrival-estimate.ts";

const NOW = Date.parse("2026-03-02T12:00:00Z");
const MINUTE = 60_000;
const destination = { shape: "circle", centre: { lat: 48, lon: 11.5 }, radiusM: 500 } as const;
/** So many kilometres south of the destination's edge, so many minutes ago. */
const at = (km: number, minutesAgo: number) => ({
  ...{ at: NOW - minutesAgo * MINUTE, lat: 48 - (km * 1_000 + 500) / 111_195, lon: 11.5 },
});
const estimate = (given: Partial<Parameters<typeof estimateArrival>[0]>) =>
  estimateArrival({ now: NOW, destination, position: at(60, 1), trail: [], ...given });

test("the straight way, three tenths longer, at the mean speed of the last hour with its stops", () => {
  // 30 km in 50 minutes, and ten minutes at a stop: 30 km/h.
  const trail = [at(90, 61), at(75, 41), at(60, 11)];
  expect(estimate({ trail })).toMatchObject({ problem: null, observedMinutes: 60, positionAt: NOW - MINUTE });
  const { distanceM, speedMps, eta } = estimate({ trail });
  expect(distanceM).toBeGreaterThan(59_900);
  expect(distanceM).toBeLessThan(60_100);
  expect(speedMps).toBeCloseTo(30 / 3.6, 1);
  // 78 km at 30 km/h.
  expect(Math.round((eta! - NOW) / MINUTE)).toBeGreaterThanOrEqual(154);
  expect(Math.round((eta! - NOW) / MINUTE)).toBeLessThanOrEqual(156);
});

test("where it is not known, it says why", () => {
  expect(estimate({ destination: undefined })).toMatchObject({ eta: null, problem: "no_geofence" });
  expect(estimate({ position: undefined })).toMatchObject({ eta: null, problem: "no_position", positionAt: null });
  expect(estimate({ position: at(60, 16) })).toMatchObject({ eta: null, problem: "no_position" });
  expect(estimate({ trail: [at(63, 8)] })).toMatchObject({ eta: null, problem: "too_little_history" });
  expect(estimate({ trail: [at(60, 50)] })).toMatchObject({ eta: null, problem: "not_moving", speedMps: 0 });
});

test("a vehicle inside the destination is there", () => {
  expect(estimate({ position: at(-0.2, 1) })).toMatchObject({ eta: NOW - MINUTE, problem: null, distanceM: 0 });
});

test("what comes after goods that were ordered now does not count; about the limit nothing comes and goes", () => {
  const hours = (count: number) => NOW + count * 60 * MINUTE;
  expect(isInTime(hours(20), NOW, 1, true)).toBe(true);
  expect(isInTime(hours(24.5), NOW, 1, true)).toBe(true);
  expect(isInTime(hours(26), NOW, 1, true)).toBe(false);
  expect(isInTime(hours(24.5), NOW, 1, false)).toBe(false);
  expect(isInTime(hours(23), NOW, 1, false)).toBe(true);
  expect(isInTime(null, NOW, 1, false)).toBe(true);
  expect(isInTime(hours(900), NOW, null, false)).toBe(true);
});
