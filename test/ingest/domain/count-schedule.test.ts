import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AbcClass,
  classesOf,
  type CountedPosition,
  countDueAt,
  countsToOpen,
  DAYS_BETWEEN,
  MAX_OPEN_AT_A_PLACE,
} from "../../../ingest/domain/stock/count-schedule.ts";

const DAY_MS = 86_400_000;
const NOW = 1_000 * DAY_MS;
const position = (id: number, change: Partial<CountedPosition> = {}): CountedPosition => ({
  ...{ id, locationId: 1, lastCountedAt: null, createdAt: NOW - 400 * DAY_MS },
  ...change,
});

describe("classes of stock", () => {
  it("what makes up four fifths of the value that is taken is A, the next 15 % B, and the rest C", () => {
    const classes = classesOf([
      { id: 1, valueCents: 700 },
      { id: 2, valueCents: 200 },
      { id: 3, valueCents: 60 },
      { id: 4, valueCents: 40 },
    ]);
    expect(Object.fromEntries(classes)).toEqual({ 1: "A", 2: "A", 3: "B", 4: "C" });
  });

  it("the classes never fall from a higher value to a lower one, and A holds at least four fifths", () => {
    const usage = fc.uniqueArray(fc.record({ id: fc.nat(), valueCents: fc.integer({ min: 1, max: 1e9 }) }), {
      selector: ({ id }) => id,
      minLength: 1,
    });
    fc.assert(
      fc.property(usage, (rows) => {
        const classes = classesOf(rows);
        const sorted = rows.toSorted((a, b) => b.valueCents - a.valueCents || a.id - b.id);
        const letters = sorted.map(({ id }) => classes.get(id)!);
        expect(letters).toEqual(letters.toSorted());
        const total = rows.reduce((sum, { valueCents }) => sum + valueCents, 0);
        const ofA = sorted.filter(({ id }) => classes.get(id) === "A");
        expect(ofA.reduce((sum, { valueCents }) => sum + valueCents, 0)).toBeGreaterThanOrEqual(0.8 * total);
      }),
    );
  });
});

describe("when stock is counted", () => {
  it.each(["A", "B", "C"] as const)("class %s is due its interval after the last count", (abc: AbcClass) => {
    const lastCountedAt = NOW - DAYS_BETWEEN[abc] * DAY_MS;
    const due = (at: number) =>
      countsToOpen([position(1, { lastCountedAt })], new Map([[1, abc]]), new Map(), at).length === 1;
    expect(due(NOW - 1)).toBe(false);
    expect(due(NOW)).toBe(true);
  });

  it("what nobody has counted falls due over the second half of its interval, not all at once", () => {
    const dueDays = Array.from({ length: 300 }, (_, id) => countDueAt(position(id, { createdAt: 0 }), "A") / DAY_MS);
    expect(Math.min(...dueDays)).toBeGreaterThanOrEqual(15);
    expect(Math.max(...dueDays)).toBeLessThan(30);
    const perDay = new Map<number, number>();
    for (const day of dueDays) perDay.set(Math.floor(day), (perDay.get(Math.floor(day)) ?? 0) + 1);
    expect(Math.max(...perDay.values())).toBeLessThanOrEqual(22);
  });

  it("a place is asked for 20 at a time, the most overdue first", () => {
    const many = Array.from({ length: 30 }, (_, at) => position(at + 1, { lastCountedAt: NOW - (400 + at) * DAY_MS }));
    const elsewhere = position(99, { locationId: 2, lastCountedAt: NOW - 366 * DAY_MS });
    const opened = countsToOpen([...many, elsewhere], new Map(), new Map([[1, 5]]), NOW).map(({ id }) => id);
    expect(opened).toHaveLength(MAX_OPEN_AT_A_PLACE - 5 + 1);
    expect(opened.slice(0, 2)).toEqual([30, 29]);
    expect(opened).toContain(99);
  });
});
