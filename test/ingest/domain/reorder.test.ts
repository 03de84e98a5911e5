import { expect, test } from "vitest";
import { isDismissed, orderQuantity } from "../../../ingest/domain/stock/reorder.ts";

const MOST = 2_147_483_647;

test.each([
  ["the same afternoon, where the day of UTC has changed", "America/Los_Angeles", "2026-03-02T00:30Z", true],
  ["after midnight there", "America/Los_Angeles", "2026-03-02T08:30Z", false],
  ["the next day in Berlin", "Europe/Berlin", "2026-03-02T00:30Z", true],
  ["a zone that is not known here counts as UTC", "Mars/Olympus", "2026-03-02T00:30Z", false],
  ["no zone is UTC", null, "2026-03-01T23:59Z", true],
])("a draft that was dismissed is not made again on that day: %s", (_, timeZone, now, expected) => {
  const dismissedAt = Date.parse("2026-03-01T23:30Z");
  expect(isDismissed({ dismissedAt, timeZone }, Date.parse(now))).toBe(expected);
  expect(isDismissed({ dismissedAt: null, timeZone }, Date.parse(now))).toBe(false);
});

test.each([
  [{ available: 1, reorderPoint: 10 }, {}, 19],
  [{ available: 1, reorderPoint: 10 }, { minimumQuantity: 24, packQuantity: 12 }, 24],
  [{ available: 1, reorderPoint: 2_000_000_000 }, {}, MOST],
  [{ available: 1, reorderPoint: 10 }, { minimumQuantity: MOST, packQuantity: 2 }, MOST - 1],
  [{ available: 0, reorderPoint: MOST }, { packQuantity: MOST }, MOST],
])("of %o with terms %o so many are ordered: %i", (stock, terms, expected) => {
  const whole = { onOrder: 0, inTransit: 0, ...stock };
  const supplier = { leadTimeDays: null, minimumQuantity: null, packQuantity: null, ...terms };
  expect(orderQuantity(whole, supplier, null)).toBe(expected);
});
