import fc from "fast-check";
import { expect, test } from "vitest";
import { expectedWeight, weightAgrees } from "../../../ingest/domain/stock/packed-weight.ts";

const tea = (quantity: number) => ({ quantity, unitWeightGrams: 250 });

test.each([
  { name: "exactly", goods: [tea(12)], packaging: 0, grams: 3_000, agrees: true },
  { name: "with its box", goods: [tea(12)], packaging: 180, grams: 3_180, agrees: true },
  { name: "without its box", goods: [tea(12)], packaging: 180, grams: 3_000, agrees: false },
  { name: "one too few", goods: [tea(12)], packaging: 0, grams: 2_750, agrees: false },
  { name: "one too many", goods: [tea(12)], packaging: 0, grams: 3_250, agrees: false },
  { name: "pieces that vary a little", goods: [tea(12)], packaging: 0, grams: 2_890, agrees: true },
  {
    name: "one of the light ones too few",
    goods: [tea(2), { quantity: 3, unitWeightGrams: 40 }],
    packaging: 0,
    grams: 580,
    agrees: false,
  },
  {
    name: "a pallet of screws, one too few",
    goods: [{ quantity: 9_000, unitWeightGrams: 3 }],
    packaging: 20_000,
    grams: 46_997,
    agrees: true,
  },
])("what a box weighs: $name", ({ goods, packaging, grams, agrees }) => {
  expect(weightAgrees(expectedWeight(goods, packaging)!, grams)).toBe(agrees);
});

test("of goods whose weight is not known nothing is expected", () => {
  expect(expectedWeight([tea(1), { quantity: 1, unitWeightGrams: null }], 0)).toBeUndefined();
});

test("one piece too many or too few differs, whatever else is in the box, unless a piece weighs less than 2 % of it", () => {
  const goods = fc.array(
    fc.record({ quantity: fc.integer({ min: 1, max: 20 }), unitWeightGrams: fc.integer({ min: 50, max: 500 }) }),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(goods, fc.integer({ min: 0, max: 500 }), fc.nat(3), fc.boolean(), (contents, packaging, at, isMore) => {
      const expected = expectedWeight(contents, packaging)!;
      const { unitWeightGrams } = contents[at % contents.length]!;
      fc.pre(unitWeightGrams > 0.02 * expected.grams);
      expect(weightAgrees(expected, expected.grams)).toBe(true);
      expect(weightAgrees(expected, expected.grams + (isMore ? 1 : -1) * unitWeightGrams)).toBe(false);
    }),
  );
});
