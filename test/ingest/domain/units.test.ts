import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Direction, NewFact } from "../../../ingest/domain/fact.ts";
import { countUnits, foldUnitDwells, gtinOfTag } from "../../../ingest/domain/stock/unit-dwell.ts";

const common = { subject: "tag:t" as const, rule: "tag-presence", evidence: [], confidence: 0.9 };
const seen = (at: number, locationId: number, direction: Direction): NewFact => ({
  ...common,
  key: `seen ${at} ${locationId} ${direction}`,
  at,
  type: "seen",
  data: { locationId, direction },
});
const gone = (at: number, locationId: number, portal = false): NewFact => ({
  ...common,
  key: `gone ${at} ${locationId}`,
  at,
  type: "gone",
  data: { locationId, since: at - 2, last: at - 1, ...(portal && { portal: true as const }) },
});
const dwellsOf = (facts: readonly NewFact[]) =>
  foldUnitDwells(facts).map(({ locationId, from, to }) => [locationId, from, to]);

describe("a tagged unit", () => {
  test.each<[string, NewFact[], (number | null)[][]]>([
    ["is at the place where it went in", [seen(1, 7, "in")], [[7, 1, null]]],
    ["departs when it is read going out", [seen(1, 7, "in"), seen(5, 7, "out")], [[7, 1, 5]]],
    [
      "departs when it is read elsewhere",
      [seen(1, 7, "in"), seen(5, 8, "in")],
      [
        [7, 1, 5],
        [8, 5, null],
      ],
    ],
    ["departs when a shelf reader no longer reads it", [seen(1, 7, "in"), gone(5, 7)], [[7, 1, 5]]],
    ["does not depart when a portal no longer reads it", [seen(1, 7, "in"), gone(5, 7, true)], [[7, 1, null]]],
    ["stays when it is read again", [seen(1, 7, "in"), seen(5, 7, "in")], [[7, 1, null]]],
    ["has no place while its direction is unknown", [seen(1, 7, "unknown")], []],
  ])("%s", (_, facts, dwells) => expect(dwellsOf(facts)).toEqual(dwells));

  test("has the same dwells in any order of its facts, and never two at once", () => {
    const fact = fc.oneof(
      fc
        .record({
          at: fc.nat(50),
          place: fc.integer({ min: 1, max: 3 }),
          way: fc.constantFrom<Direction>("in", "out", "unknown"),
        })
        .map(({ at, place, way }) => seen(at, place, way)),
      fc
        .record({ at: fc.nat(50), place: fc.integer({ min: 1, max: 3 }), portal: fc.boolean() })
        .map(({ at, place, portal }) => gone(at, place, portal)),
    );
    const history = fc.uniqueArray(fact, { selector: ({ key }) => key, maxLength: 20 });
    const shuffled = history.chain((facts) =>
      fc.tuple(fc.constant(facts), fc.shuffledSubarray(facts, { minLength: facts.length })),
    );
    fc.assert(
      fc.property(shuffled, ([facts, otherwise]) => {
        const dwells = dwellsOf(facts);
        expect(dwellsOf(otherwise)).toEqual(dwells);
        for (const [index, [, from, to]] of dwells.entries()) {
          if (to !== null) expect(to).toBeGreaterThan(from!);
          else expect(index).toBe(dwells.length - 1);
          const next = dwells[index + 1];
          if (next) expect(next[1]).toBeGreaterThanOrEqual(to!);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

test("counts have the number of units after each arrival and departure", () => {
  const [arrival, departure, late] = [seen(10, 7, "in"), seen(30, 7, "out"), seen(20, 7, "in")];
  const counts = countUnits(3, 4, [
    { change: 1, fact: arrival },
    { change: -1, fact: departure },
    { change: 1, fact: late },
  ]);
  expect(counts.map(({ at, subject, data }) => [at, subject, data])).toEqual([
    [10, "stock:3", { quantity: 5, source: "rfid", change: 1 }],
    [20, "stock:3", { quantity: 6, source: "rfid", change: 1 }],
    [30, "stock:3", { quantity: 5, source: "rfid", change: -1 }],
  ]);
});

test("only an SGTIN identifies a unit of an item", () => {
  expect(gtinOfTag("urn:epc:id:sgtin:0614141.812345.6789")).toBe("80614141123458");
  for (const other of ["urn:epc:id:sscc:0614141.1234567890", "3074257BF7194E4000001A85", "urn:epc:id:sgtin:nonsense"]) {
    expect(gtinOfTag(other)).toBeUndefined();
  }
});
