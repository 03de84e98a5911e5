import { expect, test } from "vitest";
import { DriveSpeeds } from "../../../ingest/domain/vehicle/drive-speeds.ts";

const SECOND = 1_000;
const whole = { from: 0, to: 600 * SECOND };

/** @param fixes seconds, and metres per second */
function speedsOf(fixes: readonly [at: number, mps: number][]): DriveSpeeds {
  const speeds = new DriveSpeeds();
  for (const [at, mps] of fixes) speeds.add(at * SECOND, mps);
  return speeds;
}

test("fixes without a speed tell nothing", () => {
  const speeds = speedsOf([
    [0, Number.NaN],
    [10, Number.NaN],
  ]);
  expect(speeds.topMps).toBeNull();
  expect(speeds.movingIn(whole)).toEqual([whole]);
});

test("the top speed is the greatest one, and no speed that no vehicle drives", () => {
  expect(
    speedsOf([
      [0, 3],
      [10, 24.5],
      [20, 300],
      [30, 12],
    ]).topMps,
  ).toBe(24.5);
});

test("it stands between fixes that tell so, not over a long silence", () => {
  const speeds = speedsOf([
    [0, 10],
    [30, 0],
    [60, 0.3],
    [90, 0.1],
    [100, 8],
    [200, 0],
    // Nobody knows what it did meanwhile.
    [400, 0],
    [420, 0],
    [430, 9],
  ]);
  expect(speeds.movingIn(whole)).toEqual([
    { from: 0, to: 30 * SECOND },
    { from: 90 * SECOND, to: 400 * SECOND },
    { from: 420 * SECOND, to: 600 * SECOND },
  ]);
});
