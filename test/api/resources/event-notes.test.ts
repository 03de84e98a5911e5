import { expect, test } from "vitest";
import { notesOf } from "../../../api/resources/shipments/event-notes.ts";
import type { NewFact } from "../../../ingest/domain/fact.ts";

const since = Date.UTC(2026, 2, 2, 8);

test.each([
  ["risk", { kind: "off_route", since, metres: 1_234.4 }, "off its route, 1,234 m"],
  ["risk", { kind: "light", since, lux: 120 }, "light in it outside of any place, 120 lux"],
  ["risk", { kind: "shipment_silent", since }, "silence"],
  ["risk_over", { kind: "separation", since }, "over: apart from its vehicle"],
  [
    "excursion",
    { quantity: "celsius", since, worst: 9.456, min: 2, max: 8, minutes: 10 },
    "temperature 9.46 °C; allowed from 2 °C up to 8 °C, and 10 min outside",
  ],
  [
    "excursion",
    { quantity: "humidity", since, worst: 0.6555, min: null, max: 0.6, minutes: 10 },
    "humidity 65.6 %; allowed up to 60 %, and 10 min outside",
  ],
  ["excursion", { quantity: "shock", since, worst: 7, min: null, max: 5, minutes: 0 }, "shock 7 g; allowed up to 5 g"],
  ["excursion_over", { quantity: "celsius", since, worst: 9.4 }, "temperature was 9.4 °C at worst"],
])("%s says what it was: %o", (type, data, note) => {
  expect(notesOf({ type, data } as unknown as NewFact)).toEqual([{ note }]);
});

test("events that their readings tell of say nothing more", () => {
  expect(notesOf({ type: "arrived", data: { locationId: 1 } } as unknown as NewFact)).toEqual([]);
});
