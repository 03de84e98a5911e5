import fc from "fast-check";
import { expect, test } from "vitest";
import { bisect } from "../../../ingest/pipeline/bisect.ts";

const ITEMS = Array.from({ length: 64 }, (_, i) => `item ${i}`);
/** Items that fail together: one alone, a pair, or more. */
const conflicts = fc.array(fc.uniqueArray(fc.constantFrom(...ITEMS), { minLength: 1, maxLength: 4 }), { maxLength: 8 });

function failing(sets: readonly (readonly string[])[], tried: { count: number }) {
  return async (kept: ReadonlySet<string>) => {
    tried.count += 1;
    return sets.find((set) => set.every((one) => kept.has(one)))?.join(" with ");
  };
}

test("the items that are kept succeed together, and each fault fails beside the kept items before it", async () => {
  await fc.assert(
    fc.asyncProperty(conflicts, async (sets) => {
      const failure = failing(sets, { count: 0 });
      const faults = await bisect(ITEMS, failure);
      const kept = ITEMS.filter((item) => !faults.has(item));
      expect(await failure(new Set(kept))).toBeUndefined();
      for (const [fault, cause] of faults) {
        const earlier = kept.filter((item) => ITEMS.indexOf(item) < ITEMS.indexOf(fault));
        expect(await failure(new Set([...earlier, fault]))).toBe(cause);
      }
    }),
  );
});

test("of two items that fail only together the later one is the fault, found in few attempts", async () => {
  const all = Array.from({ length: 4_096 }, (_, i) => `reading ${i}`);
  const tried = { count: 0 };
  const faults = await bisect(all, failing([["reading 17", "reading 4000"]], tried));
  expect([...faults]).toEqual([["reading 4000", "reading 17 with reading 4000"]]);
  expect(tried.count).toBeLessThanOrEqual(2 * Math.log2(all.length) + 1);
});

test("when every item fails, every item is a fault", async () => {
  const faults = await bisect(
    ITEMS,
    failing(
      ITEMS.map((item) => [item]),
      { count: 0 },
    ),
  );
  expect([...faults.keys()]).toEqual(ITEMS);
});
