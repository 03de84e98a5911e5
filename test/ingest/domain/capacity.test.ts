import fc from "fast-check";
import { expect, test } from "vitest";
import { assessCapacity } from "../../../ingest/domain/alert/location.ts";
import { type AlertRule, DEFAULT_PARAMS } from "../../../ingest/domain/alert/rule.ts";
import {
  fullAt,
  fullestOf,
  historyDays,
  netPerDay,
  percentOf,
  type Room,
  type Rooms,
} from "../../../ingest/domain/stock/capacity.ts";

const DAY_MS = 86_400_000;
const NONE: Room = { capacity: null, used: 7 };
const rooms = (units: Room, litres = NONE, kilograms = NONE): Rooms => ({ units, litres, kilograms });
const rule = (params: object = {}) =>
  ({
    ...{ id: 1, version: 1, type: "capacity", severity: "warning", locationIds: null, createdAt: 0 },
    params: { ...DEFAULT_PARAMS.capacity, ...params },
  }) as AlertRule;
const location = (of: Rooms) => ({ id: 3, rooms: of, measuredAt: 5, changedAt: 9 });

test("a place is as full as the measure that is nearest to its capacity; without a capacity it is never full", () => {
  expect(percentOf({ capacity: 200, used: 186 })).toBe(93);
  expect(percentOf({ capacity: 70, used: 63 })).toBe(90);
  expect([0, 1, 3].map((used) => percentOf({ capacity: 0, used }))).toEqual([0, 100, 300]);
  expect(fullestOf(rooms(NONE))).toBeUndefined();
  expect(fullestOf(rooms({ capacity: 10, used: 1 }, { capacity: 4, used: 3 }))).toEqual({
    measure: "litres",
    percent: 75,
  });
});

test("a capacity alert is raised at its percentage and over beyond its margin", () => {
  const levels = [89, 90, 86, 85, 84.9, 140].map(
    (used) => assessCapacity(rule(), location(rooms({ capacity: 100, used })))?.level,
  );
  expect(levels).toEqual(["between", "raised", "between", "between", "clear", "raised"]);
  expect(assessCapacity(rule(), location(rooms({ capacity: 200, used: 186 })))).toMatchObject({
    ...{ since: 5, knownSince: 9, holdMs: 60_000, late: false },
    detail: { percent: 93, measure: "units", capacity: 200, used: 186 },
  });
  expect(assessCapacity(rule(), location(rooms(NONE)))).toBeUndefined();
  expect(
    assessCapacity({ ...rule(), locationIds: new Set([4]) }, location(rooms({ capacity: 1, used: 1 }))),
  ).toBeUndefined();
});

test("the forecast is what is free by the net inflow of a day; under 14 days, or without inflow, there is none", () => {
  const now = 40 * DAY_MS;
  expect(historyDays(null, now)).toBe(0);
  expect(historyDays(now - 20 * DAY_MS, now)).toBe(20);
  expect(historyDays(0, now)).toBe(28);
  const net = { units: 100, litres: -3, kilograms: 0 };
  expect(netPerDay({ days: 13.9, net }, "units")).toBeUndefined();
  expect(netPerDay({ days: 20, net }, "units")).toBe(5);
  expect(fullAt({ capacity: 200, used: 150 }, 5, now)).toBe(now + 10 * DAY_MS);
  expect(fullAt({ capacity: 200, used: 200 }, undefined, now)).toBe(now);
  for (const perDay of [undefined, 0, -5, 0.001])
    expect(fullAt({ capacity: 200, used: 150 }, perDay, now)).toBeUndefined();
  expect(fullAt(NONE, 5, now)).toBeUndefined();
});

test("more goods never make a place less full, nor its date later", () => {
  const amount = fc.integer({ min: 0, max: 10_000 });
  fc.assert(
    fc.property(amount, amount, amount, fc.integer({ min: 1, max: 500 }), (capacity, used, more, perDay) => {
      const less = { capacity, used };
      const full = { capacity, used: used + more };
      expect(percentOf(full)!).toBeGreaterThanOrEqual(percentOf(less)!);
      const at = (room: Room) => fullAt(room, perDay, 0) ?? Number.POSITIVE_INFINITY;
      expect(at(full)).toBeLessThanOrEqual(at(less));
    }),
  );
});
