import fc from "fast-check";
import { expect, test } from "vitest";
import { driverTimes, type PlannedDriver, type SignOn } from "../../../ingest/domain/vehicle/driver-times.ts";

const HOUR = 3_600_000;
const DAY = { from: 0, to: 24 * HOUR };

const signOn = (hour: number, driverName: string, since = hour): SignOn => ({
  ...{ at: hour * HOUR, since: since * HOUR, driverId: null, driverName },
});
const plan = (from: number, to: number, driverName: string): PlannedDriver => ({
  ...{ from: from * HOUR, to: to * HOUR, driverId: null, driverName },
});
/** The hours of each driver. */
const hoursOf = (signOns: readonly SignOn[], planned: readonly PlannedDriver[] = []) =>
  Object.fromEntries(
    [...driverTimes(DAY, signOns, planned).values()].map(({ driver, times }) => [
      driver.driverName ?? "nobody",
      times.map(({ from, to }) => [from / HOUR, to / HOUR]),
    ]),
  );

test("who signed on has the vehicle until another one does, for twelve hours at most", () => {
  expect(hoursOf([signOn(2, "Ann"), signOn(6, "Bo")])).toEqual({
    nobody: [
      [0, 2],
      [18, 24],
    ],
    Ann: [[2, 6]],
    Bo: [[6, 18]],
  });
});

test("who signed on before the period has the vehicle in it", () => {
  expect(hoursOf([signOn(-5, "Ann")])).toEqual({ Ann: [[0, 7]], nobody: [[7, 24]] });
});

test("a card that is left in the reader does not outdo whoever has signed on since", () => {
  expect(hoursOf([signOn(1, "Ann"), signOn(3, "Bo"), signOn(7, "Ann", 1)])).toEqual({
    nobody: [
      [0, 1],
      [19, 24],
    ],
    // Bo has not been told of for twelve hours.
    Ann: [
      [1, 3],
      [15, 19],
    ],
    Bo: [[3, 15]],
  });
});

test("where nobody has signed on, it is who was planned to drive", () => {
  expect(hoursOf([signOn(4, "Ann")], [plan(2, 6, "Bo"), plan(20, 30, "Cy")])).toEqual({
    nobody: [
      [0, 2],
      [16, 20],
    ],
    Bo: [[2, 4]],
    Ann: [[4, 16]],
    Cy: [[20, 24]],
  });
});

test("whatever is told, each moment of the period is one driver's", () => {
  const name = fc.constantFrom("Ann", "Bo", "Cy");
  const signOns = fc.array(fc.tuple(fc.integer({ min: -20, max: 30 }), name, fc.nat(10)), { maxLength: 8 });
  const plans = fc.array(fc.tuple(fc.integer({ min: -5, max: 25 }), fc.nat(10), name), { maxLength: 3 });
  fc.assert(
    fc.property(signOns, plans, (told, planned) => {
      const times = driverTimes(
        DAY,
        told.map(([at, who, before]) => signOn(at, who, at - before)).toSorted((a, b) => a.at - b.at),
        planned.map(([from, lasts, who]) => plan(from, from + lasts, who)),
      );
      const all = [...times.values()].flatMap((each) => each.times).toSorted((a, b) => a.from - b.from);
      expect(all[0]!.from).toBe(DAY.from);
      expect(all.at(-1)!.to).toBe(DAY.to);
      for (const [at, { from }] of all.slice(1).entries()) expect(from).toBe(all[at]!.to);
      for (const { times: own } of times.values())
        for (const [at, { from }] of own.slice(1).entries()) expect(from).toBeGreaterThan(own[at]!.to);
    }),
  );
});
