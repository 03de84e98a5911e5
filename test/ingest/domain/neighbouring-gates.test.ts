import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Direction, NewFact } from "../../../ingest/domain/fact.ts";
import { foldShipment } from "../../../ingest/domain/shipment/shipment.ts";
import { foldUnitDwells } from "../../../ingest/domain/stock/unit-dwell.ts";
import { dwellEndFact } from "../../../ingest/signals/tag-dwell.ts";
import { tagPresenceRule, type TagSample } from "../../../ingest/signals/tag-presence.ts";
import { allPlaces, HUB_2, SHOP_2 } from "./handling-facts.ts";
import { created, HUB, loaded, SHOP, truck, underWay } from "./shipment-facts.ts";

const MINUTE = 60_000;

/** Reads of a pass through a gate, half of them by the antenna that hears it first. */
interface Passage {
  gate: string;
  locationId: number;
  /** minutes */
  at: number;
  direction: "in" | "out";
  reads: number;
  /** dBm; undefined: a reader that reports no strengths */
  dbm: number | undefined;
}

const LOUD = { reads: 20, dbm: -42 };
const FAINT = { reads: 6, dbm: -60 };

/** The facts that the gate's reads become, the end of its dwell included. */
function factsOf({ gate, locationId, at, direction, reads, dbm }: Passage): NewFact[] {
  const readPoint = { locationId, antennas: { 1: "inside", 2: "outside" } } as const;
  const context = { deviceId: gate, tag: "x", readPointAt: () => readPoint };
  const half = reads / 2;
  const samples = Array.from({ length: reads }, (_, index): TagSample => {
    const antenna = index < half === (direction === "out") ? 1 : 2;
    const fallDb = (12 * Math.abs((index % half) - (half - 1) / 2)) / half;
    const ts = Math.round(at * MINUTE + (index * 2_400) / reads);
    return { ts, seq: -1, antenna, ...(dbm !== undefined && { rssi: dbm - fallDb }) };
  });
  let state = tagPresenceRule.initial;
  const facts: NewFact[] = [];
  for (const sample of samples) {
    const step = tagPresenceRule.step(state, sample, context);
    state = step.state;
    facts.push(...step.facts);
  }
  const end = dwellEndFact(state, context);
  return end ? [...facts, end] : facts;
}

function fold(facts: readonly NewFact[]) {
  const { status, stage, locationId, vehicleId, deliveryEvidence } = foldShipment(facts, {
    destinationId: SHOP,
    places: allPlaces,
  })!.state;
  const units = foldUnitDwells(facts.filter(({ subject }) => subject === "tag:x"));
  return {
    shipment: { status, stage, locationId, vehicleId, deliveryEvidence },
    units: units.map((unit) => [unit.locationId, unit.from, unit.to]),
  };
}

/** Before the tag goes through the gate, and where that is. */
const STORIES: [title: string, before: NewFact[], here: number, beside: number, direction: "in" | "out"][] = [
  ["goes in at the shop", [...underWay, truck(50, "arrived", SHOP)], SHOP, SHOP_2, "in"],
  ["goes out at the hub after it was booked as loaded", [created, loaded], HUB, HUB_2, "out"],
  ["goes out at the hub and nobody has booked it", [created], HUB, HUB_2, "out"],
  ["goes in at the hub", [created], HUB, SHOP, "in"],
];

describe.each(STORIES)("a tag that %s", (_, before, here, beside, direction) => {
  const loud = factsOf({ gate: "b", locationId: here, at: 55, direction, ...LOUD });
  const alone = fold([...before, ...loud]);

  describe.each([
    ["the same place", here],
    ["the place beside it", beside],
  ])("and is faintly heard by a second gate of %s", (__, locationId) => {
    test.each<[Direction, string, number]>([
      ["in", "a", 0],
      ["in", "c", 0.02],
      ["out", "a", 0.02],
      ["out", "c", 0],
      ["in", "c", -0.02],
      ["out", "a", -0.02],
    ])("going %s there, by gate %s, has gone where the loud gate says", (there, gate, minutes) => {
      const faint = factsOf({
        ...{ gate, locationId, at: 55 + minutes, direction: there === "in" ? "in" : "out" },
        ...FAINT,
      });
      expect(faint.filter(({ type }) => type === "seen").map(({ data }) => data)).toMatchObject([{ direction: there }]);
      const all = [...before, ...loud, ...faint];
      expect(fold(all)).toEqual(alone);
      fc.assert(
        fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
          expect(fold(shuffled)).toEqual(alone);
        }),
        { numRuns: 20 },
      );
    });
  });
});

describe("a tag that goes out at the hub once it is booked as loaded", () => {
  const out = factsOf({ gate: "b", locationId: HUB, at: 55, direction: "out", ...LOUD });
  const aboard = { status: "in_storage", vehicleId: 9 };
  const goesIn = (passage: Partial<Passage>) =>
    factsOf({ gate: "a", locationId: HUB, at: 55, direction: "in", ...FAINT, ...passage });

  test.each<[string, Partial<Passage>, boolean]>([
    ["faintly and seldom", {}, true],
    ["as loudly", { dbm: -45 }, false],
    ["as often", { reads: 16 }, false],
    ["a minute later", { at: 56 }, false],
    ["by the same gate", { gate: "b", at: 55.2 }, false],
  ])("and in again %s is aboard or not", (_, passage, isAboard) => {
    const { shipment } = fold([created, loaded, ...out, ...goesIn(passage)]);
    if (isAboard) expect(shipment).toMatchObject(aboard);
    else expect(shipment).toMatchObject({ vehicleId: null, locationId: HUB });
  });

  test("is aboard when gates without strengths hear it three times as often going out", () => {
    const quiet = { dbm: undefined };
    const outward = factsOf({ gate: "b", locationId: HUB, at: 55, direction: "out", ...LOUD, ...quiet });
    expect(fold([created, loaded, ...outward, ...goesIn(quiet)]).shipment).toMatchObject(aboard);
    expect(fold([created, loaded, ...outward, ...goesIn({ ...quiet, reads: 10 })]).shipment.vehicleId).toBeNull();
  });

  test("is put down by the faint pass when the loud one is withdrawn", () => {
    expect(fold([created, loaded, ...goesIn({})]).shipment).toMatchObject({ vehicleId: null, locationId: HUB });
  });

  test("is aboard when it stood in the field of the faint gate before, and was heard there a hundred times", () => {
    const readPoint = { locationId: HUB, antennas: { 1: "inside", 2: "outside" } } as const;
    const context = { deviceId: "a", tag: "x", readPointAt: () => readPoint };
    let state = tagPresenceRule.initial;
    const facts: NewFact[] = [];
    const parked = Array.from({ length: 100 }, (_, i) => [55 * MINUTE - 40_000 + i * 350, 1 + (i % 2), -66] as const);
    const passed = [0, 1, 2, 3, 4, 5].map(
      (i) => [55 * MINUTE + i * 400, i < 3 ? 2 : 1, [-64, -58, -70][i % 3]!] as const,
    );
    for (const [ts, antenna, rssi] of [...parked, ...passed]) {
      const step = tagPresenceRule.step(state, { ts, seq: -1, antenna, rssi }, context);
      state = step.state;
      facts.push(...step.facts);
    }
    const end = dwellEndFact(state, context);
    expect(fold([created, loaded, ...out, ...facts, ...(end ? [end] : [])]).shipment).toMatchObject(aboard);
  });
});
