import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Site } from "../../../ingest/domain/stock/put-away.ts";
import type { Goods, Place } from "../../../ingest/domain/stock/put-away-kinds.ts";

const NO_ROOM = { units: null, litres: null, kilograms: null };
const place = (id: number, name: string, more: Partial<Place> = {}): Place => ({
  ...{ id, name, parentId: 1, kind: "storage", storageCategory: null },
  ...{ capacity: NO_ROOM, used: { units: 0, litres: 0, kilograms: 0 } },
  ...more,
});
const holds = (units: number) => ({ used: { units, litres: 0, kilograms: 0 } });
const room = (units: number) => ({ capacity: { ...NO_ROOM, units } });
const SITE = place(1, "Site", { parentId: null, kind: null });
const DOCK = place(2, "Dock", { kind: "receiving" });
const goods = (quantity: number, more: Partial<Goods> = {}): Goods => ({
  ...{ name: "Milk", condition: "good", storageCategory: null, quantity, sameAt: new Map() },
  each: { units: 1, litres: null, kilograms: null },
  ...more,
});
const siteOf = (...places: Place[]) => new Site([SITE, DOCK, ...places], DOCK.id);
const idsOf = (site: Site, of: Goods) => site.suggest(of).places.map(({ id, quantity }) => [id, quantity]);

describe("what is suggested", () => {
  test("the place where the same lies comes first, then storage, picking and shop floor, empty ones first, by name", () => {
    const places = [
      place(10, "Shop", { kind: "shop_floor" }),
      place(11, "Pick 1", { kind: "picking", ...room(1) }),
      place(12, "Shelf 10", room(1)),
      place(13, "Shelf 9", room(1)),
      place(14, "Shelf 1", { ...room(6), ...holds(5) }),
      place(15, "Pick 2", { kind: "picking", ...room(3), ...holds(2) }),
    ];
    const order = idsOf(siteOf(...places), goods(20, { sameAt: new Map([[15, 2]]) }));
    expect(order).toEqual([
      [15, 1],
      [13, 1],
      [12, 1],
      [14, 1],
      [11, 1],
      [10, 15],
    ]);
  });

  test("one place that has room for all comes before those that have not", () => {
    expect(idsOf(siteOf(place(10, "A", room(3)), place(11, "B", room(9))), goods(9))).toEqual([[11, 9]]);
  });

  test("the rest that fits nowhere is told, and why", () => {
    expect(siteOf(place(10, "A", room(3))).suggest(goods(5))).toMatchObject({
      places: [{ id: 10, quantity: 3 }],
      unplaced: 2,
      problem: "there is no room for it",
    });
    expect(siteOf().suggest(goods(5)).problem).toContain("this site has no place for it: a storage place");
    const chilled = goods(5, { storageCategory: "chilled" });
    expect(siteOf(place(10, "A")).suggest(chilled).problem).toBe("no place of this site is for chilled goods");
  });

  test("goods that were suggested a place have taken its room for the next ones", () => {
    const site = siteOf(place(10, "A", room(6)), place(11, "B", room(6)));
    expect(idsOf(site, goods(6))).toEqual([[10, 6]]);
    expect(idsOf(site, goods(6))).toEqual([[11, 6]]);
  });

  test("goods on hold and damaged ones go to quality, and nothing else does", () => {
    const site = siteOf(place(10, "Shelf"), place(11, "Quality", { kind: "quality" }));
    expect(idsOf(site, goods(1, { condition: "hold" }))).toEqual([[11, 1]]);
    expect(idsOf(site, goods(1, { condition: "damaged" }))).toEqual([[11, 1]]);
    expect(idsOf(site, goods(1))).toEqual([[10, 1]]);
  });

  test("a place that holds places of a kind is not suggested, and one below a chilled hall is chilled", () => {
    const hall = place(10, "Hall", { storageCategory: "chilled" });
    const site = siteOf(
      hall,
      place(11, "Shelf", { parentId: 10 }),
      place(12, "Cage", { parentId: 10, storageCategory: "hazard" }),
    );
    const { places } = site.suggest(goods(1, { storageCategory: "chilled" }));
    expect(places).toEqual([
      {
        ...{ id: 11, quantity: 1 },
        reasons: ["it is a storage place", "it is for chilled goods", "it is empty", "no limit of its room is set"],
      },
    ]);
    expect(idsOf(site, goods(1, { storageCategory: "hazard" }))).toEqual([[12, 1]]);
    expect(idsOf(site, goods(1))).toEqual([]);
  });
});

describe("why goods may not be put to a place", () => {
  const site = siteOf(
    place(10, "Shelf", { storageCategory: "hazard", ...room(3), ...holds(1) }),
    place(11, "Ramp", { kind: "shipping" }),
    place(12, "Yard", { kind: null }),
    place(13, "Rack", { capacity: { ...NO_ROOM, litres: 10 } }),
    place(14, "Bin", { parentId: 13 }),
  );
  test.each([
    [2, goods(1), 1, ["the goods lie there already"]],
    [99, goods(1), 1, ["it lies in another site: move the goods there by an order or a movement"]],
    [11, goods(1), 1, ["it is a shipping place, and goods are put to a storage place, a picking place, a shop floor"]],
    [12, goods(1), 1, ["it is of no kind, and goods are put to a storage place, a picking place, a shop floor"]],
    [10, goods(3, { storageCategory: "hazard" }), 3, ["it has room for 2 more of Milk: its limit is 3 units"]],
    [10, goods(3, { storageCategory: "hazard" }), 2, []],
    [
      ...([10, goods(3), 3] as const),
      [
        "it takes hazard goods, and Milk has no storage category",
        "it has room for 2 more of Milk: its limit is 3 units",
      ],
    ],
    [
      ...([14, goods(6, { each: { units: 1, litres: 2, kilograms: 1 } }), 6] as const),
      ["Rack, where it lies, has room for 5 more of Milk: its limit is 10 litres"],
    ],
    [14, goods(6), 6, []],
    [
      14,
      goods(1, { storageCategory: "chilled" }),
      1,
      ["it takes goods without a storage category, and Milk is chilled"],
    ],
  ] as [number, Goods, number, string[]][])("place %i", (id, of, quantity, reasons) => {
    expect(site.reasonsAgainst(id, of, quantity)).toEqual(reasons);
  });

  test("goods take no more room in what they lie in already", () => {
    const full = { ...SITE, ...room(10), ...holds(0) };
    const site = new Site([full, { ...DOCK, ...holds(10) }, place(10, "Shelf", room(10))], DOCK.id);
    expect(site.reasonsAgainst(10, goods(10), 10)).toEqual([]);
  });
});

test("whatever is suggested is allowed when it is done, one after the other, and nothing is lost", () => {
  const shelf = fc.record({
    parent: fc.nat(5),
    kind: fc.constantFrom("storage", "picking", "quality", "shipping", null),
    category: fc.constantFrom(null, "chilled"),
    units: fc.option(fc.nat(12)),
    litres: fc.option(fc.nat(12)),
    holds: fc.nat(4),
  });
  const arrived = fc.record({
    quantity: fc.integer({ min: 1, max: 15 }),
    category: fc.constantFrom(null, "chilled"),
    condition: fc.constantFrom("good", "hold"),
    litres: fc.option(fc.constantFrom(0.1, 0.3, 1, 2.5)),
  });
  fc.assert(
    fc.property(
      fc.array(shelf, { maxLength: 8 }),
      fc.array(arrived, { minLength: 1, maxLength: 5 }),
      (shelves, all) => {
        const places = shelves.map(({ parent, kind, category, units, litres, holds }, at) =>
          place(10 + at, `S${at}`, {
            ...{ parentId: parent < at ? 10 + parent : 1, kind, storageCategory: category },
            capacity: { units, litres, kilograms: null },
            used: { units: holds, litres: holds, kilograms: 0 },
          }),
        );
        const suggesting = siteOf(...places);
        const now = new Map(places.map(({ id, used }) => [id, { ...used }]));
        for (const { quantity, category, condition, litres } of all) {
          const of = goods(quantity, {
            storageCategory: category,
            condition,
            each: { units: 1, litres, kilograms: null },
          });
          const { places: to, unplaced, problem } = suggesting.suggest(of);
          expect(to.reduce((sum, each) => sum + each.quantity, unplaced)).toBe(quantity);
          expect(problem === null).toBe(unplaced === 0);
          for (const { id, quantity } of to) {
            const site = siteOf(...places.map((each) => ({ ...each, used: { ...now.get(each.id)! } })));
            expect(site.reasonsAgainst(id, of, quantity)).toEqual([]);
            now.get(id)!.units += quantity;
            now.get(id)!.litres += quantity * (litres ?? 0);
          }
        }
      },
    ),
  );
});
