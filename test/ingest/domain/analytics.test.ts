import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Dwells, productLimit } from "../../../ingest/domain/analytics/product-limit.ts";
import { nextDue, previousDue, type ReportTimes } from "../../../ingest/domain/analytics/report-times.ts";

const ended = (hours: number, count = 1): Dwells => ({ hours, ended: count, censored: 0 });
const waiting = (hours: number, count = 1): Dwells => ({ hours, ended: 0, censored: count });

describe("dwell percentiles with what still waits", () => {
  test.each([
    ["nothing", [], [null, null]],
    ["one that ended", [ended(3)], [3, 3]],
    ["one that waits", [waiting(3)], [null, null]],
    ["the example", [ended(1), ended(2), waiting(3), ended(4)], [2, 4]],
    ["the last one waits", [ended(1), ended(2), ended(3), waiting(4)], [2, null]],
    ["half are stuck", [ended(1, 5), waiting(9, 5)], [1, null]],
    ["more than half are stuck", [ended(1, 4), waiting(9, 6)], [null, null]],
    ["what waits as long as another took was still there", [ended(2), waiting(2)], [2, null]],
    ["those that wait for less tell nothing of later", [waiting(1, 8), ended(5), ended(6)], [5, 6]],
  ])("%s", (_, dwells, [p50, p90]) => {
    expect(productLimit(dwells, [0.5, 0.9]).percentiles).toEqual([p50, p90]);
  });

  /** The estimate by its definition, one dwell at a time, in whole fractions. */
  function bruteForce(each: readonly { hours: number; isEnded: boolean }[], share: number): number | null {
    let [top, bottom] = [1n, 1n];
    for (const time of [...new Set(each.map(({ hours }) => hours))].sort((a, b) => a - b)) {
      const underWay = each.filter(({ hours }) => hours >= time).length;
      const ending = each.filter(({ hours, isEnded }) => hours === time && isEnded).length;
      if (ending === 0) continue;
      [top, bottom] = [top * BigInt(underWay - ending), bottom * BigInt(underWay)];
      if ((bottom - top) * 100n >= BigInt(Math.round(share * 100)) * bottom) return time;
    }
    return null;
  }

  test("is what the definition says, however dwells of one length are put together", () => {
    const dwell = fc.record({ hours: fc.integer({ min: 0, max: 12 }), isEnded: fc.boolean() });
    fc.assert(
      fc.property(fc.array(dwell, { maxLength: 40 }), (each) => {
        const given = each.map(({ hours, isEnded }) => (isEnded ? ended(hours) : waiting(hours)));
        const estimate = productLimit(given, [0.5, 0.9, 0.95]);
        expect(estimate.percentiles).toEqual([0.5, 0.9, 0.95].map((share) => bruteForce(each, share)));
        expect(estimate.ended + estimate.censored).toBe(each.length);
      }),
    );
  });
});

describe("when a report is due", () => {
  const times = (given: Partial<ReportTimes>): ReportTimes => ({
    ...{ frequency: "daily", weekday: null, monthDay: null, hour: 7, zone: "Europe/Berlin" },
    ...given,
  });
  test.each([
    ["later today", times({}), "2026-03-10T05:59:59Z", "2026-03-10T06:00:00Z"],
    ["not again at the same moment", times({}), "2026-03-10T06:00:00Z", "2026-03-11T06:00:00Z"],
    ["by the summer clock", times({}), "2026-03-28T07:00:00Z", "2026-03-29T05:00:00Z"],
    [
      "an hour that the clock leaves out: when it jumps",
      times({ hour: 2 }),
      "2026-03-28T12:00:00Z",
      "2026-03-29T01:00:00Z",
    ],
    ["an hour that comes twice: the first", times({ hour: 2 }), "2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z"],
    ["… and once only", times({ hour: 2 }), "2026-10-25T00:00:00Z", "2026-10-26T01:00:00Z"],
    ["on Mondays", times({ frequency: "weekly", weekday: 1 }), "2026-03-10T12:00:00Z", "2026-03-16T06:00:00Z"],
    ["on Sundays", times({ frequency: "weekly", weekday: 7 }), "2026-03-10T12:00:00Z", "2026-03-15T06:00:00Z"],
    [
      "the 31st of a short month",
      times({ frequency: "monthly", monthDay: 31 }),
      "2026-02-01T12:00:00Z",
      "2026-02-28T06:00:00Z",
    ],
    [
      "in a zone far ahead",
      times({ hour: 0, zone: "Pacific/Kiritimati" }),
      "2026-03-10T09:00:00Z",
      "2026-03-10T10:00:00Z",
    ],
    [
      "in a zone of half hours",
      times({ hour: 9, zone: "Asia/Kolkata" }),
      "2026-03-10T00:00:00Z",
      "2026-03-10T03:30:00Z",
    ],
  ])("%s", (_, given, after, due) => {
    expect(new Date(nextDue(given, Date.parse(after))).toISOString()).toBe(new Date(due).toISOString());
  });

  test("due times follow each other, and each names the one before it", () => {
    const given = fc.record({
      frequency: fc.constantFrom("daily" as const, "weekly" as const, "monthly" as const),
      weekday: fc.integer({ min: 1, max: 7 }),
      monthDay: fc.integer({ min: 1, max: 31 }),
      hour: fc.integer({ min: 0, max: 23 }),
      zone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"),
    });
    fc.assert(
      fc.property(given, fc.integer({ min: 0, max: 2_000_000_000 }), (times, seconds) => {
        const first = nextDue(times, seconds * 1000);
        const second = nextDue(times, first);
        expect(first).toBeGreaterThan(seconds * 1000);
        expect(second).toBeGreaterThan(first);
        expect(nextDue(times, first - 1)).toBe(first);
        expect(previousDue(times, second)).toBe(first);
      }),
      { numRuns: 50 },
    );
  });
});
