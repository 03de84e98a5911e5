import fc from "fast-check";
import { expect, test } from "vitest";
import type { FactData, NewFact } from "../../../ingest/domain/fact.ts";
import { lotsTaken } from "../../../ingest/domain/stock/lots.ts";
import { levelOf } from "../../../ingest/domain/stock/movement.ts";
import { EMPTY_STOCK, lotsOf, type StockSource } from "../../../ingest/domain/stock/state.ts";
import { foldStock } from "../../../ingest/domain/stock/stock.ts";
import { at } from "./shipment-facts.ts";

const moved = (minute: number, delta: number, lot?: string, reason = "moved"): NewFact => {
  const lots = lot === undefined ? {} : { lots: [{ lot, quantity: Math.abs(delta) }] };
  return at(minute, "adjusted", { delta, reason, ...lots }, "stock:1");
};
const counted = (minute: number, quantity: number, source: FactData["counted"]["source"] = "person"): NewFact =>
  at(minute, "counted", { quantity, source }, "stock:1");
const lotCounted = (minute: number, lot: string, quantity: number): NewFact =>
  at(minute, "lot_counted", { lot, quantity }, "stock:1");

function folded(facts: readonly NewFact[], governing: StockSource = "ledger") {
  const state = foldStock(EMPTY_STOCK, facts, { governing });
  return { quantity: state.quantity, lots: lotsOf(state).map(({ lot, quantity }) => `${quantity} ${lot}`) };
}

test("what is put with its lot is of that lot, and what is put without one has none that is known", () => {
  expect(folded([moved(0, 10, "A"), moved(1, 5), moved(2, 4, "B")])).toEqual({ quantity: 19, lots: ["10 A", "4 B"] });
  expect(folded([moved(0, 10, "A"), moved(1, -3, "A")])).toEqual({ quantity: 7, lots: ["7 A"] });
});

test("what is taken without a lot is first what has none, then what came first", () => {
  const before = [moved(0, 10, "A"), moved(1, 5), moved(2, 4, "B")];
  expect(folded([...before, moved(3, -5)])).toEqual({ quantity: 14, lots: ["10 A", "4 B"] });
  expect(folded([...before, moved(3, -11)])).toEqual({ quantity: 8, lots: ["4 A", "4 B"] });
  expect(folded([...before, counted(3, 3)])).toEqual({ quantity: 3, lots: ["3 B"] });
  const lots = [
    { lot: "A", quantity: 10, since: 0 },
    { lot: "B", quantity: 4, since: 2 },
  ];
  expect(lotsTaken(lots, 19, 5)).toEqual([]);
  expect(lotsTaken(lots, 19, 17)).toEqual([
    { lot: "A", quantity: 10 },
    { lot: "B", quantity: 2 },
  ]);
});

test("a count of one lot says nothing of the others: more of it is first what had no lot", () => {
  expect(folded([lotCounted(0, "A", 5), lotCounted(1, "B", 7)])).toEqual({ quantity: 12, lots: ["5 A", "7 B"] });
  expect(folded([counted(0, 10), lotCounted(1, "A", 6)])).toEqual({ quantity: 10, lots: ["6 A"] });
  expect(folded([counted(0, 10), lotCounted(1, "A", 13)])).toEqual({ quantity: 13, lots: ["13 A"] });
  expect(folded([moved(0, 10, "A"), moved(1, 5), lotCounted(2, "A", 8)])).toEqual({ quantity: 13, lots: ["8 A"] });
  expect(folded([moved(0, 10, "A"), moved(1, 5), lotCounted(2, "A", 0)])).toEqual({ quantity: 5, lots: [] });
});

test("where a scale counts, a lot that was received before the scale sees it is not lost, and never more than the level", () => {
  const received = moved(0, 10, "A", "received");
  expect(folded([counted(-1, 0, "scale"), received], "scale")).toEqual({ quantity: 0, lots: [] });
  expect(folded([counted(-1, 0, "scale"), received, counted(1, 10, "scale")], "scale")).toEqual({
    quantity: 10,
    lots: ["10 A"],
  });
  const taken = [received, counted(1, 10, "scale"), counted(2, 4, "scale")];
  expect(folded(taken, "scale")).toEqual({ quantity: 4, lots: ["4 A"] });
});

test("goods on hold that a scale still counts are on hold once", () => {
  const received = [moved(0, 10, "A", "received"), counted(1, 10, "scale"), counted(2, 4, "scale")];
  const held: NewFact = { ...moved(3, -4, "A", "on hold"), rule: "lot-hold" };
  expect(folded([...received, held], "scale")).toEqual({ quantity: 4, lots: [] });
  expect(folded([...received, held, counted(4, 0, "scale")], "scale")).toEqual({ quantity: 0, lots: [] });
  const released: NewFact = { ...moved(4, 4, "A", "released"), rule: "lot-hold" };
  expect(folded([...received, held, released], "scale")).toEqual({ quantity: 4, lots: ["4 A"] });
  // Where the ledger counts, what becomes known late of the lot is still to be held.
  expect(folded([moved(0, 4, "A"), moved(1, 5, "A"), held])).toEqual({ quantity: 5, lots: ["5 A"] });
});

test("goods that two sources tell of with their lot are once of that lot", () => {
  const said = { delta: 10, reason: "received", lots: [{ lot: "B", quantity: 10 }] };
  const note = at(1, "adjusted", { ...said, order: 7 }, "stock:1");
  const scanned: NewFact = { ...at(2, "adjusted", said, "stock:1"), rule: "scan-facts" };
  expect(folded([moved(0, 10, "A"), note, scanned])).toEqual({ quantity: 20, lots: ["10 A", "10 B"] });
  const bare = at(1, "adjusted", { delta: 10, reason: "received", order: 7 }, "stock:1");
  expect(folded([moved(0, 10, "A"), bare, scanned])).toEqual({ quantity: 20, lots: ["10 A", "10 B"] });
});

const lot = fc.constantFrom("A", "B", "C");
const quantity = fc.integer({ min: 1, max: 30 });
const step = fc.oneof(
  fc.record({ type: fc.constant("put" as const), lot: fc.option(lot, { nil: undefined }), quantity }),
  fc.record({ type: fc.constant("take" as const), lot: fc.option(lot, { nil: undefined }), quantity }),
  fc.record({ type: fc.constant("count" as const), lot: fc.option(lot, { nil: undefined }), quantity }),
  fc.record({ type: fc.constant("scale" as const), lot: fc.constant(undefined), quantity }),
);

test("the lots of a position are never more than its level, and do not depend on the order in which facts become known", () => {
  const factOf = ({ type, lot, quantity }: Step, minute: number): NewFact => {
    if (type === "put") return moved(minute, quantity, lot);
    if (type === "take") return moved(minute, -quantity, lot);
    if (type === "scale") return counted(minute, quantity, "scale");
    return lot === undefined ? counted(minute, quantity) : lotCounted(minute, lot, quantity);
  };
  const governing = fc.constantFrom<StockSource>("ledger", "scale");
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), governing, fc.integer(), (steps, source, seed) => {
      const facts = steps.map(factOf);
      foldStock(EMPTY_STOCK, facts, { governing: source }, (_, __, after) => {
        const lots = lotsOf(after);
        const sum = lots.reduce((total, each) => total + each.quantity, 0);
        expect(sum).toBeLessThanOrEqual(levelOf(after.quantity));
        expect(lots.every((each) => each.quantity > 0)).toBe(true);
      });
      const shuffled = facts.toSorted((a, b) => ((a.at * 31 + seed) % 17) - ((b.at * 31 + seed) % 17));
      expect(foldStock(EMPTY_STOCK, shuffled, { governing: source })).toEqual(
        foldStock(EMPTY_STOCK, facts, { governing: source }),
      );
    }),
  );
});

type Step = { type: "put" | "take" | "count" | "scale"; lot: string | undefined; quantity: number };
