import fc from "fast-check";
import { expect, test } from "vitest";
import { conditionsOf } from "../../../../ingest/domain/conditions/bands.ts";
import { complement, lengthMs, union } from "../../../../ingest/domain/spans.ts";

const MINUTE = 60_000;

test("conditions of older rows set the limits that are understood, and no others", () => {
  expect(conditionsOf(null)).toBeUndefined();
  expect(conditionsOf({ keep: "cool" })).toBeUndefined();
  expect(conditionsOf({ celsius: "2-8", humidity: { max: "dry" } })).toBeUndefined();
  expect(conditionsOf({ celsius: { max: 8 }, fragile: true })).toEqual({
    bands: { celsius: { min: null, max: 8, minutes: 10 } },
    gapMs: 20 * MINUTE,
  });
});

test("spans: a union has no overlaps, and a complement fills the rest", () => {
  const span = fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 20 })).map(([from, ms]) => ({ from, to: from + ms }));
  fc.assert(
    fc.property(fc.array(fc.array(span, { maxLength: 5 }), { maxLength: 3 }), (lists) => {
      const joined = union(lists);
      const whole = [{ from: 0, to: 130 }];
      expect(lengthMs(joined) + lengthMs(complement(whole, joined))).toBe(130);
      for (let ms = 0; ms < 130; ms += 1) {
        const covers = ({ from, to }: { from: number; to: number }) => from <= ms && ms < to;
        expect(joined.filter(covers)).toHaveLength(lists.flat().some(covers) ? 1 : 0);
      }
    }),
  );
});
