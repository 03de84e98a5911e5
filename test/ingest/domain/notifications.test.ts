import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAYS, type Hours, isOpen, nextOpen } from "../../../ingest/domain/notification/hours.ts";
import { escalationAt, planNotification } from "../../../ingest/domain/notification/plan.ts";
import { retryAfterMs } from "../../../ingest/domain/notification/retry.ts";

const MINUTE = 60_000;
const at = (text: string): number => Date.parse(text);
const WORK: Hours = { from: "08:00", to: "17:00", days: ["mon", "tue", "wed", "thu", "fri"] };
const NIGHT: Hours = { from: "22:00", to: "06:00", days: ["fri"] };
const EARLY: Hours = { from: "02:30", to: "05:00", days: ["sun"] };
const SHORT: Hours = { from: "02:15", to: "02:45", days: ["sun"] };
const ALWAYS: Hours = { from: "00:00", to: "00:00", days: DAYS };
const berlin = "Europe/Berlin";

describe("hours of a notification rule", () => {
  test.each([
    // 2026-11-27 is a Friday; Berlin is an hour ahead of UTC in winter, two in summer.
    ["in them, at once", WORK, berlin, "2026-11-27T09:30:00Z", "2026-11-27T09:30:00Z"],
    ["before them, when they begin", WORK, berlin, "2026-11-27T05:00:30Z", "2026-11-27T07:00:00Z"],
    ["their end is outside, and a week-end is skipped", WORK, berlin, "2026-11-27T16:00:00Z", "2026-11-30T07:00:00Z"],
    ["another zone", WORK, "Asia/Kolkata", "2026-11-27T01:00:00Z", "2026-11-27T02:30:00Z"],
    ["the night of a Friday, before midnight", NIGHT, berlin, "2026-11-27T20:00:00Z", "2026-11-27T21:00:00Z"],
    ["the night of a Friday, after midnight", NIGHT, berlin, "2026-11-28T04:59:00Z", "2026-11-28T04:59:00Z"],
    ["the night of a Friday is over", NIGHT, berlin, "2026-11-28T05:00:00Z", "2026-12-04T21:00:00Z"],
    ["in summer an hour earlier by UTC", WORK, berlin, "2026-07-03T05:00:00Z", "2026-07-03T06:00:00Z"],
    ["the day after the clock was put forward", WORK, berlin, "2026-03-27T17:00:00Z", "2026-03-30T06:00:00Z"],
    ["the day after the clock was put back", WORK, berlin, "2026-10-23T16:00:00Z", "2026-10-26T07:00:00Z"],
    [
      "that begin in the hour that is left out: when the clock jumps",
      EARLY,
      berlin,
      "2026-03-29T00:00:00Z",
      "2026-03-29T01:00:00Z",
    ],
    [
      "that lie in the hour that is left out: a week later",
      SHORT,
      berlin,
      "2026-03-29T00:00:00Z",
      "2026-04-05T00:15:00Z",
    ],
    ["in the hour that comes twice: twice", SHORT, berlin, "2026-10-25T00:50:00Z", "2026-10-25T01:15:00Z"],
    ["whole days", ALWAYS, berlin, "2026-11-27T23:59:59Z", "2026-11-27T23:59:59Z"],
  ])("%s", (_, hours, zone, from, expected) => {
    expect(new Date(nextOpen(hours, zone, at(from))).toISOString()).toBe(new Date(expected).toISOString());
  });

  const clock = fc
    .integer({ min: 0, max: 24 * 60 - 1 })
    .map((minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`);
  const anyHours = fc.record({
    from: clock,
    to: clock,
    days: fc.subarray([...DAYS], { minLength: 1 }),
  });
  // Around the days on which clocks are set, and any other.
  const jumps = [
    "2026-03-29T00:00Z",
    "2026-10-25T00:00Z",
    "2026-03-08T07:00Z",
    "2026-11-01T06:00Z",
    "2026-04-04T15:00Z",
  ];
  const moment = fc
    .tuple(fc.constantFrom(...jumps, "2026-07-01T00:00Z"), fc.integer({ min: -3 * 1440, max: 3 * 1440 }))
    .map(([day, minutes]) => at(day) + minutes * MINUTE);
  const zones = fc.constantFrom("UTC", berlin, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu");

  test("the next opening is the first minute that is open, whatever the hours, the zone and the time of year", () => {
    fc.assert(
      fc.property(anyHours, zones, moment, (hours, zone, from) => {
        const found = nextOpen(hours, zone, from);
        expect(found).toBeGreaterThanOrEqual(from);
        expect(isOpen(hours, zone, found)).toBe(true);
        if (found > from) expect(isOpen(hours, zone, found - MINUTE)).toBe(false);
        // Nothing between: every quarter of an hour, and around what was found, is looked at.
        for (let before = from; before < found; before += 15 * MINUTE) expect(isOpen(hours, zone, before)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});

describe("when people are told", () => {
  const noon = at("2026-11-27T11:00:00Z");
  const always = { hours: null, digestMinutes: null, escalateAfterMinutes: null };

  test.each([
    ["at once", always, noon, { dueAt: noon, held: false }],
    ["at the end of a digest", { ...always, digestMinutes: 15 }, noon, { dueAt: noon + 15 * MINUTE, held: true }],
    [
      "in the hours, of what comes in the night",
      { ...always, hours: WORK },
      at("2026-11-27T02:00:00Z"),
      { dueAt: at("2026-11-27T07:00:00Z"), held: true },
    ],
    [
      "in the hours, of a digest that ends outside",
      { ...always, hours: WORK, digestMinutes: 120 },
      at("2026-11-27T15:00:00Z"),
      { dueAt: at("2026-11-30T07:00:00Z"), held: true },
    ],
  ])("%s", (_, timing, now, plan) => {
    expect(planNotification(timing, berlin, now, now)).toEqual(plan);
  });

  test("of what waited for a relay for more than an hour only if it lasts", () => {
    expect(planNotification(always, "UTC", noon - 59 * MINUTE, noon)).toMatchObject({ dueAt: noon, held: false });
    expect(planNotification(always, "UTC", noon - 61 * MINUTE, noon)).toMatchObject({ dueAt: noon, held: true });
  });

  test("again after the time of the escalation, and in the hours", () => {
    expect(escalationAt(always, berlin, noon)).toBeNull();
    expect(escalationAt({ ...always, escalateAfterMinutes: 10 }, berlin, noon)).toBe(noon + 10 * MINUTE);
    const evening = at("2026-11-27T15:55:00Z");
    expect(escalationAt({ ...always, hours: WORK, escalateAfterMinutes: 10 }, berlin, evening)).toBe(
      at("2026-11-30T07:00:00Z"),
    );
  });

  test("never before it is opened, never before its time, and always in the hours", () => {
    const some = fc.option(fc.integer({ min: 1, max: 10_080 }));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), some, some, (minutes, digestMinutes, escalateAfterMinutes) => {
        const now = noon + minutes * MINUTE;
        const timing = { hours: WORK, digestMinutes, escalateAfterMinutes };
        const { dueAt, held } = planNotification(timing, berlin, now, now);
        expect(dueAt).toBeGreaterThanOrEqual(now + (digestMinutes ?? 0) * MINUTE);
        expect(held).toBe(dueAt > now);
        const again = escalationAt(timing, berlin, dueAt);
        expect(again === null).toBe(escalateAfterMinutes === null);
        if (again !== null) expect(again).toBeGreaterThanOrEqual(dueAt + escalateAfterMinutes! * MINUTE);
        for (const moment of [dueAt, again ?? dueAt]) expect(isOpen(WORK, berlin, moment)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe("an attempt that failed", () => {
  test.each([
    [1, 1_000],
    [2, 4_000],
    [4, 64_000],
    [6, 600_000],
    [500, 600_000],
  ])("after attempt %i is made again within %i ms, and not before half of that", (attempts, most) => {
    expect(retryAfterMs({ attempts, waitingMs: 0 }, 0)).toBe(most / 2);
    expect(retryAfterMs({ attempts, waitingMs: 0 }, 1)).toBe(most);
  });

  test("waits as long as the other side asks, and is given up after a day", () => {
    expect(retryAfterMs({ attempts: 1, waitingMs: 0, askedMs: 90_000 }, 0.5)).toBe(90_000);
    expect(retryAfterMs({ attempts: 9, waitingMs: 86_399_999 }, 0.5)).toBeGreaterThan(0);
    expect(retryAfterMs({ attempts: 9, waitingMs: 86_400_000 }, 0.5)).toBeUndefined();
  });
});
