import { describe, expect, test } from "vitest";
import type { FactData, NewFact } from "../../../ingest/domain/fact.ts";
import { type AwaitedOrder, receivedOf } from "../../../ingest/domain/stock/order-receipts.ts";
import type { StockSource } from "../../../ingest/domain/stock/state.ts";
import { EMPTY_STOCK } from "../../../ingest/domain/stock/state.ts";
import { foldStock } from "../../../ingest/domain/stock/stock.ts";

const T = Date.parse("2026-03-02T08:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let keys = 0;
const common = (at: number, rule: string) => ({
  ...{ key: `${(keys += 1)}`.padStart(4, "0"), subject: "stock:1" as const, at: T + at, rule },
  ...{ evidence: [], confidence: 1 },
});
const adjusted = (at: number, rule: string, data: FactData["adjusted"]): NewFact => ({
  ...common(at, rule),
  type: "adjusted",
  data,
});
/** The scale counts so many more than before. */
const scale = (at: number, change: number, quantity = 100): NewFact => ({
  ...common(at, "scale-count"),
  type: "counted",
  data: { quantity, source: "scale", change },
});
const hand = (at: number, delta: number, order = 1) => adjusted(at, "person", { delta, reason: "received", order });
const scan = (at: number, delta: number) => adjusted(at, "scan-facts", { delta, reason: "received" });
const shipment = (at: number, delta: number, order = 1) =>
  adjusted(at, "shipment-receipt", { delta, reason: "received", order });

const order = (id = 1, wanted = 24, sentAt = 0): AwaitedOrder => ({ id, wanted, sentAt: T + sentAt });
const received = (facts: NewFact[], orders = [order()], governing: StockSource = "scale") =>
  Object.fromEntries([...receivedOf(facts, governing, orders)].map(([id, { quantity }]) => [id, quantity]));

describe("one source", () => {
  test("a scale that sees goods come in receives the order, in lots", () => {
    expect(received([scale(HOUR, 10), scale(HOUR + MINUTE, 14)])).toEqual({ 1: 24 });
    expect(receivedOf([scale(HOUR, 10)], "scale", [order()]).get(1)).toEqual({ quantity: 10, bySource: { scale: 10 } });
  });
  test("a sensor that does not govern the position receives nothing", () => {
    expect(received([scale(HOUR, 24)], [order()], "rfid")).toEqual({ 1: 0 });
  });
  test("what came before the order was sent is not of it, but for what names it", () => {
    expect(received([scale(-HOUR, 24), scan(-HOUR, 24)])).toEqual({ 1: 0 });
    expect(received([hand(-HOUR, 24)])).toEqual({ 1: 24 });
  });
  test("pieces that were put back, or moved here, are no delivery; the end of a filling is not taken from one", () => {
    expect(received([scale(HOUR, -3), scale(HOUR + MINUTE, 2)])).toEqual({ 1: 0 });
    expect(received([scale(HOUR, -3), scale(HOUR + 3 * MINUTE, 3)])).toEqual({ 1: 3 });
    expect(received([scale(HOUR, -3), scale(HOUR + MINUTE, 24)])).toEqual({ 1: 24 });
    const moved = adjusted(HOUR + MINUTE, "person", { delta: 5, reason: "refill", transfer: "a" });
    expect(received([scale(HOUR, 5), moved])).toEqual({ 1: 0 });
    expect(received([scale(HOUR, 26), scale(HOUR + 10_000, -2)])).toEqual({ 1: 24 });
    expect(received([scale(HOUR, 24), scale(HOUR + 40_000, -2)])).toEqual({ 1: 24 });
  });
});

describe("the same goods, told by several", () => {
  test.each([
    ["a person and a scale", hand(HOUR, 24), scale(2 * HOUR, 24)],
    ["a scale and a person", scale(HOUR, 24), hand(2 * HOUR, 24)],
    ["a scan and a person", scan(HOUR, 24), hand(2 * HOUR, 24)],
    ["a scan and a scale", scan(HOUR, 24), scale(2 * HOUR, 24)],
    ["a shipment and a scale", shipment(HOUR, 24), scale(2 * HOUR, 24)],
  ])("%s count once", (_, first, second) => {
    expect(received([first, second])).toEqual({ 1: 24 });
    expect(received([second, first])).toEqual({ 1: 24 });
  });
  test("four sources, in lots of their own", () => {
    const facts = [shipment(HOUR, 24), scan(HOUR + MINUTE, 12), scan(HOUR + 2 * MINUTE, 12), hand(3 * HOUR, 24)];
    const lots = [8, 8, 8].map((pieces, at) => scale(2 * HOUR + at * MINUTE, pieces));
    expect(receivedOf([...lots, ...facts], "scale", [order()]).get(1)).toEqual({
      quantity: 24,
      bySource: { scale: 24, scan: 24, person: 24, shipment: 24 },
    });
  });
  test("what a person says beyond what a sensor saw is more, and what the sensor sees of it later is not", () => {
    expect(received([scale(HOUR, 20), hand(HOUR + MINUTE, 24)])).toEqual({ 1: 24 });
    expect(received([scale(HOUR, 20), hand(HOUR + MINUTE, 24), scale(2 * HOUR, 4)])).toEqual({ 1: 24 });
  });
  test("a second delivery two days later is more goods, whoever tells of it", () => {
    expect(received([scale(HOUR, 10), hand(50 * HOUR, 14)])).toEqual({ 1: 24 });
    expect(received([hand(HOUR, 10), scale(50 * HOUR, 14)])).toEqual({ 1: 24 });
  });
  test("a delivery note that is entered after two days does not receive the same goods of an order again", () => {
    expect(received([scale(HOUR, 24), hand(50 * HOUR, 24)])).toEqual({ 1: 24 });
  });
  test("what a person takes back stays where a sensor has seen it, and is gone where none has", () => {
    const back = adjusted(HOUR, "person", { delta: -24, reason: "wrong", reverses: 1, order: 1 });
    const given = hand(HOUR, 24);
    expect(received([given, { ...back, key: `${given.key} back` }])).toEqual({ 1: 0 });
    expect(received([given, { ...back, key: `${given.key} back` }, scale(2 * HOUR, 24)])).toEqual({ 1: 24 });
  });
});

describe("several orders, and more than ordered", () => {
  test("goods fill the order that was sent first, then the next", () => {
    expect(received([scale(3 * HOUR, 30)], [order(2, 24, HOUR), order(1, 24, 2 * HOUR)])).toEqual({ 1: 6, 2: 24 });
  });
  test("a person's order gets them, whichever was sent first", () => {
    const orders = [order(1), order(2, 24, HOUR)];
    expect(received([scale(3 * HOUR, 24), hand(4 * HOUR, 24, 2)], orders)).toEqual({ 1: 0, 2: 24 });
  });
  test("more than ordered is received of the last order, also in a lot right after; what comes next day belongs to none", () => {
    expect(received([scale(HOUR, 30)])).toEqual({ 1: 30 });
    expect(received([scale(HOUR, 24), scale(HOUR + 5 * MINUTE, 6)])).toEqual({ 1: 30 });
    expect(received([scale(HOUR, 24), scale(30 * HOUR, 6)])).toEqual({ 1: 24 });
  });
});

test("a level that the ledger governs takes the same goods in once", () => {
  const level = (...facts: NewFact[]) => foldStock(EMPTY_STOCK, facts, { governing: "ledger" }).quantity;
  expect(level(scan(HOUR, 24), hand(2 * HOUR, 24))).toBe(24);
  expect(level(hand(HOUR, 20), scan(2 * HOUR, 24))).toBe(24);
  expect(level(shipment(HOUR, 24), hand(2 * HOUR, 18), scan(3 * HOUR, 25))).toBe(25);
  expect(level(hand(HOUR, 12), hand(2 * HOUR, 12))).toBe(24);
  expect(level(scan(HOUR, 12), scan(2 * HOUR, 12))).toBe(24);
  expect(level(hand(HOUR, 24), scan(40 * HOUR, 6))).toBe(30);
});
