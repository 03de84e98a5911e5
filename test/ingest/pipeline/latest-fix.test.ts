import fc from "fast-check";
import { expect, test } from "vitest";
import { latestFixes } from "../../../ingest/pipeline/latest-fix.ts";
import type { Quality } from "../../../ingest/signals/signal-rule.ts";

const fix = (ts: number, quality: Quality, timeCorrected?: true) => ({
  reading: { receivedAt: ts + 5, content: { ts, lat: 48, lon: 11 }, ...(timeCorrected && { timeCorrected }) },
  quality,
});

test("the latest fix is the latest good one; a newer flagged one stands beside it as such", () => {
  const good = latestFixes({}, [fix(1, "ok"), fix(2, "approx"), fix(3, "outlier")]);
  expect(good).toMatchObject({ gps: { ts: 2, quality: "approx" }, gps_flagged: { ts: 3, quality: "outlier" } });
  expect(latestFixes(good, [fix(4, "ok")])).toEqual({
    gps: { ts: 4, lat: 48, lon: 11, received_at: 9, quality: "ok" },
  });
  expect(latestFixes({}, [fix(1, "nofix")])).toMatchObject({ gps_flagged: { quality: "nofix" } });
  expect(latestFixes({}, [fix(1, "ok", true)])).toMatchObject({ gps: { quality: "approx" } });
});

test("any order and any batches of fixes end in the same latest ones", () => {
  const fixes = fc.uniqueArray(
    fc.tuple(fc.integer({ min: 0, max: 50 }), fc.constantFrom<Quality>("ok", "approx", "outlier", "nofix")),
    { selector: ([ts]) => ts },
  );
  fc.assert(
    fc.property(fixes, fc.integer({ min: 1, max: 5 }), (list, batch) => {
      const all = list.map(([ts, quality]) => fix(ts, quality));
      const sorted = latestFixes(
        {},
        all.toSorted((a, b) => a.reading.content.ts - b.reading.content.ts),
      );
      let inBatches = {};
      for (let i = 0; i < all.length; i += batch) inBatches = latestFixes(inBatches, all.slice(i, i + batch));
      expect(inBatches).toEqual(sorted);
    }),
  );
});
