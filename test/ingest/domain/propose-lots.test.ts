import fc from "fast-check";
import { expect, test } from "vitest";
import { type PickableLot, proposeLots } from "../../../ingest/domain/stock/propose-lots.ts";

const TODAY = "2026-06-15";
const at = (lot: string | null, available: number, of: Partial<PickableLot> = {}): PickableLot => ({
  stockId: 1,
  locationId: 1,
  lot,
  expiresOn: null,
  since: null,
  isOnHold: false,
  available,
  ...of,
});
const named = (lots: readonly PickableLot[], wanted: number, order?: "fefo" | "fifo") => {
  const { picks, short } = proposeLots(lots, wanted, TODAY, order);
  return { picks: picks.map(({ lot, quantity }) => `${quantity} ${lot ?? "of no lot"}`), short };
};

const SHELF = [
  at("late", 10, { expiresOn: "2027-01-01", since: 1 }),
  at("expired", 10, { expiresOn: "2026-06-14" }),
  at("held", 10, { expiresOn: "2026-06-20", isOnHold: true }),
  at("soon", 4, { expiresOn: "2026-06-15", since: 3 }),
  at("undated", 5, { since: 2 }),
  at(null, 3),
];

test("FEFO proposes what expires first; never what has expired, nor what is on hold", () => {
  expect(named(SHELF, 4)).toEqual({ picks: ["4 soon"], short: 0 });
  expect(named(SHELF, 20)).toEqual({ picks: ["4 soon", "10 late", "5 undated", "1 of no lot"], short: 0 });
  expect(named(SHELF, 30)).toEqual({ picks: ["4 soon", "10 late", "5 undated", "3 of no lot"], short: 8 });
  expect(named([SHELF[1]!, SHELF[2]!], 1)).toEqual({ picks: [], short: 1 });
});

test("FIFO proposes what came first, with the same exceptions", () => {
  expect(named(SHELF, 20, "fifo")).toEqual({ picks: ["10 late", "5 undated", "4 soon", "1 of no lot"], short: 0 });
});

test("whatever lies there, an expired lot or one on hold is never proposed, and nothing more than there is", () => {
  const day = fc.option(
    fc.integer({ min: 1, max: 30 }).map((number) => `2026-06-${String(number).padStart(2, "0")}`),
    { nil: null },
  );
  const lot = fc.record({
    stockId: fc.integer({ min: 1, max: 4 }),
    locationId: fc.integer({ min: 1, max: 2 }),
    lot: fc.option(fc.constantFrom("A", "B", "C", "D"), { nil: null }),
    expiresOn: day,
    since: fc.option(fc.integer({ min: 0, max: 9 }), { nil: null }),
    isOnHold: fc.boolean(),
    available: fc.integer({ min: -2, max: 20 }),
  });
  const lots = fc.uniqueArray(lot, { maxLength: 12, selector: (each) => `${each.stockId} ${each.lot}` });
  fc.assert(
    fc.property(lots, fc.integer({ min: 0, max: 60 }), fc.constantFrom("fefo", "fifo"), (stock, wanted, order) => {
      const { picks, short } = proposeLots(stock, wanted, TODAY, order);
      for (const pick of picks) {
        const from = stock.find((each) => each.stockId === pick.stockId && each.lot === pick.lot)!;
        expect(from.isOnHold).toBe(false);
        expect(from.expiresOn === null || from.expiresOn >= TODAY).toBe(true);
        expect(pick.quantity).toBeGreaterThan(0);
        expect(pick.quantity).toBeLessThanOrEqual(from.available);
      }
      const picked = picks.reduce((sum, { quantity }) => sum + quantity, 0);
      expect(picked + short).toBe(wanted);
      const usable = stock.filter(
        (each) => !each.isOnHold && (each.expiresOn === null || each.expiresOn >= TODAY) && each.available > 0,
      );
      expect(picked).toBe(
        Math.min(
          wanted,
          usable.reduce((sum, { available }) => sum + available, 0),
        ),
      );
    }),
  );
});
