import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { staysOf } from "../../../ingest/domain/analytics/stays.ts";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { foldShipment } from "../../../ingest/domain/shipment/shipment.ts";
import { at, created, HUB, loaded, places, PLANT, SHOP, truck, unloaded } from "./shipment-facts.ts";

/** Minutes, as the facts are given. */
const stays = (facts: readonly NewFact[]): string[] =>
  staysOf(foldShipment(facts, { destinationId: SHOP, places })?.events ?? []).map(
    ({ stage, locationId, from, to, end }) =>
      `${stage} ${locationId ?? "road"} ${from / 60_000}–${to === null ? "" : to / 60_000} ${end ?? "waits"}`,
  );
const proof = (minute: number, outcome: "delivered" | "partly" | "refused") =>
  at(minute, "proof", { name: "Li", note: null, outcome });

describe("the stays of a shipment", () => {
  const way = [created, loaded, truck(20, "departed", HUB), truck(50, "arrived", SHOP)];
  test.each<[string, NewFact[], string[]]>([
    ["waits where it was made", [created], ["storage 2 0– waits"]],
    ["loading is no move", [created, loaded], ["storage 2 0– waits"]],
    ["on the road", way.slice(0, 3), ["storage 2 0–20 moved", "transportation road 20– waits"]],
    [
      "delivered: it waits no longer",
      [...way, proof(55, "delivered")],
      ["storage 2 0–20 moved", "transportation road 20–50 moved", "delivery 3 50–55 delivered"],
    ],
    [
      "signed for in part",
      [...way, proof(55, "partly")],
      ["storage 2 0–20 moved", "transportation road 20–50 moved", "delivery 3 50–55 delivered_partly"],
    ],
    [
      "refused: it waits there to be brought back",
      [...way, proof(55, "refused")],
      ["storage 2 0–20 moved", "transportation road 20–50 moved", "delivery 3 50– waits"],
    ],
    [
      "brought back after it was delivered",
      [...way, proof(55, "delivered"), unloaded(90, HUB)],
      ["storage 2 0–20 moved", "transportation road 20–50 moved", "delivery 3 50–55 delivered", "storage 2 90– waits"],
    ],
    ["a stop of no time is none", [created, unloaded(30, PLANT), unloaded(30, HUB)], ["storage 2 0– waits"]],
    [
      "cancelled",
      [created, at(7, "manual", { status: "cancelled", stage: null, locationId: null })],
      ["storage 2 0–7 cancelled"],
    ],
  ])("%s", (_, facts, expected) => {
    expect(stays(facts)).toEqual(expected);
  });

  test("do not overlap, follow the order of time, and do not depend on the order in which facts became known", () => {
    const minute = fc.integer({ min: 1, max: 60 });
    const place = fc.constantFrom(PLANT, HUB, SHOP);
    const fact = fc.oneof(
      fc.tuple(minute, place).map(([when, where]) => unloaded(when, where)),
      minute.map((when) => at(when, "loaded", { vehicleId: 9, locationId: null })),
      fc.tuple(minute, place).map(([when, where]) => truck(when, "departed", where)),
      fc.tuple(minute, place).map(([when, where]) => truck(when, "arrived", where)),
      minute.map((when) => proof(when, "delivered")),
      fc
        .tuple(minute, place)
        .map(([when, where]) => at(when, "manual", { status: null, stage: null, locationId: where })),
    );
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 14 }), fc.infiniteStream(fc.nat()), (facts, random) => {
        const all = [created, ...facts];
        const found = staysOf(foldShipment(all, { destinationId: SHOP, places })!.events);
        for (const [index, stay] of found.entries()) {
          const next = found[index + 1];
          expect(stay.to === null).toBe(stay.end === null);
          if (next === undefined) continue;
          expect(stay.to).not.toBeNull();
          expect(stay.to!).toBeGreaterThanOrEqual(stay.from);
          expect(next.from).toBeGreaterThanOrEqual(stay.to!);
          expect(next.from).toBeGreaterThan(stay.from);
        }
        const shuffled = all.map((each) => ({ each, key: random.next().value ?? 0 })).sort((a, b) => a.key - b.key);
        expect(stays(shuffled.map(({ each }) => each))).toEqual(stays(all));
      }),
    );
  });
});
