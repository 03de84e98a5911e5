import { describe, expect, test } from "vitest";
import type { NewFact, CountSource } from "../../../ingest/domain/fact.ts";
import { reconcile } from "../../../ingest/domain/stock/reconcile.ts";
import { EMPTY_STOCK, type StockSource } from "../../../ingest/domain/stock/state.ts";
import { foldStock } from "../../../ingest/domain/stock/stock.ts";
import { at } from "./shipment-facts.ts";

const counted = (minute: number, source: CountSource, quantity: number, confidence = 1): NewFact => ({
  ...at(minute, "counted", { quantity, source }, "stock:1"),
  confidence,
});
const adjusted = (minute: number, delta: number): NewFact =>
  at(minute, "adjusted", { delta, reason: "picked" }, "stock:1");

type Case = [string, StockSource, NewFact[], { quantity: number; since?: number; suspect?: StockSource }];
const cases: Case[] = [
  ["no disagreement with one source", "ledger", [counted(0, "person", 20), adjusted(1, -2)], { quantity: 18 }],
  [
    "no disagreement when all agree",
    "ledger",
    [counted(0, "person", 20), counted(1, "scale", 20), counted(1, "rfid", 20)],
    { quantity: 20 },
  ],
  [
    "two against one: RFID",
    "ledger",
    [counted(0, "person", 20), counted(1, "scale", 20), counted(2, "rfid", 23)],
    { quantity: 20, since: 2, suspect: "rfid" },
  ],
  [
    "two against one: the scale",
    "ledger",
    [counted(0, "person", 20), counted(1, "scale", 17), counted(2, "rfid", 20)],
    { quantity: 20, since: 1, suspect: "scale" },
  ],
  [
    "two against one: the ledger",
    "ledger",
    [counted(0, "person", 20), counted(1, "scale", 18), counted(2, "rfid", 18)],
    { quantity: 20, since: 1, suspect: "ledger" },
  ],
  [
    "RFID counts less: tags go unread",
    "scale",
    [counted(0, "scale", 20), counted(1, "rfid", 17)],
    { quantity: 20, since: 1, suspect: "rfid" },
  ],
  [
    "RFID counts more: the other is the suspect",
    "scale",
    [counted(0, "scale", 20), counted(1, "rfid", 23)],
    { quantity: 20, since: 1, suspect: "scale" },
  ],
  [
    "the ledger counts as a source where a sensor governs",
    "scale",
    [counted(0, "person", 17), counted(1, "scale", 20), counted(2, "rfid", 17)],
    { quantity: 20, since: 2, suspect: "scale" },
  ],
  [
    "the scale counts less: a movement was not recorded",
    "ledger",
    [counted(0, "person", 20), counted(1, "scale", 18)],
    { quantity: 20, since: 1, suspect: "ledger" },
  ],
  [
    "a scale with low confidence is the suspect",
    "ledger",
    [counted(0, "person", 20), counted(1, "scale", 18, 0.7)],
    { quantity: 20, since: 1, suspect: "scale" },
  ],
  [
    "a movement recorded later ends the disagreement",
    "ledger",
    [counted(0, "person", 20), counted(1, "scale", 18), adjusted(5, -2)],
    { quantity: 18 },
  ],
  [
    "the disagreement lasts from its first minute",
    "ledger",
    [counted(0, "person", 20), counted(1, "scale", 18), counted(9, "scale", 17)],
    { quantity: 20, since: 1, suspect: "ledger" },
  ],
  [
    "a person's count ends the disagreement",
    "ledger",
    [counted(0, "person", 20), counted(1, "scale", 18), counted(5, "person", 20)],
    { quantity: 20 },
  ],
  [
    "a movement that the governing scale has counted is not subtracted twice",
    "scale",
    [counted(0, "scale", 20), counted(1, "scale", 18), adjusted(2, -2)],
    { quantity: 18 },
  ],
  [
    "movements count when the governing scale has not counted since a person did",
    "scale",
    [counted(0, "scale", 20), counted(1, "person", 19), adjusted(2, -2)],
    { quantity: 17 },
  ],
];

describe("scale, RFID and ledger of one position", () => {
  test.each(cases)("%s", (_, governing, facts, { quantity, since, suspect }) => {
    for (const order of [facts, [...facts].reverse()]) {
      const state = foldStock(EMPTY_STOCK, order, { governing });
      expect(state.quantity).toBe(quantity);
      expect(state.differsSince).toBe(since === undefined ? null : since * 60_000);
      expect(reconcile(state, governing)?.suspect).toBe(suspect);
    }
  });
});
