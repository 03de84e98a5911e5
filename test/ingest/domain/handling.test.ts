import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { foldShipment } from "../../../ingest/domain/shipment/shipment.ts";
import { AGAIN_CASES } from "./handling-again.ts";
import { ALIKE_CASES } from "./handling-alike.ts";
import { BOOKING_CASES } from "./handling-bookings.ts";
import { allPlaces, HUB_2 } from "./handling-facts.ts";
import { LEFT_CASES } from "./handling-left.ts";
import { PEOPLE_CASES } from "./handling-people.ts";
import { PLACE_CASES } from "./handling-places.ts";
import { SENSOR_CASES } from "./handling-sensors.ts";
import { SILENCE_CASES } from "./handling-silence.ts";
import { YARD_CASES } from "./handling-yards.ts";
import { at, created, HUB, loaded, pass, SHOP, truck } from "./shipment-facts.ts";

const CASES = [
  ...SENSOR_CASES,
  ...PEOPLE_CASES,
  ...PLACE_CASES,
  ...AGAIN_CASES,
  ...LEFT_CASES,
  ...SILENCE_CASES,
  ...YARD_CASES,
  ...BOOKING_CASES,
  ...ALIKE_CASES,
];

const by = (deviceId: string, fact: NewFact, lateSeconds = 0): NewFact => ({
  ...fact,
  deviceId,
  at: fact.at + lateSeconds * 1000,
  key: `${fact.key}:${deviceId}`,
});

function fold(facts: readonly NewFact[], destinationId: number | null = SHOP) {
  const folded = foldShipment(facts, { destinationId, places: allPlaces })!;
  const { status, stage, locationId, vehicleId } = folded.state;
  const events = folded.events.map(({ fact }) => fact);
  return { status, stage, locationId, vehicleId, events };
}

describe("a shipment", () => {
  test.each(CASES)("%s", (_, facts, destinationId, expected) => {
    expect(fold(facts, destinationId)).toMatchObject(expected);
  });

  test.each(CASES)("%s, whatever the order its facts become known in", (_, facts, destinationId) => {
    const expected = fold(facts, destinationId);
    fc.assert(
      fc.property(fc.shuffledSubarray(facts, { minLength: facts.length }), (shuffled) => {
        expect(fold(shuffled, destinationId)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });
});

describe("a shipment that has come to its end", () => {
  test("shows a loading that has no effect any more", () => {
    const cancelled = at(5, "manual", { status: "cancelled", stage: null, locationId: null });
    expect(fold([created, cancelled, loaded]).events.map(({ type }) => type)).toEqual(["created", "manual", "loaded"]);
  });

  test("has its delivery at the arrival when the gate's clock is behind", () => {
    const { events } = fold([
      created,
      loaded,
      truck(20, "departed", HUB),
      pass(49, SHOP, "in"),
      truck(50, "arrived", SHOP),
    ]);
    expect(events.slice(-2).map(({ type, at: minute }) => [type, minute / 60_000])).toEqual([
      ["arrived", 50],
      ["seen", 50],
    ]);
  });
});

describe("several trackers on one vehicle", () => {
  const drive = [
    truck(20, "departed", HUB),
    truck(50, "arrived", SHOP),
    truck(60, "departed", SHOP),
    truck(90, "arrived", HUB),
  ];
  const both = [...drive.map((fact) => by("a", fact)), ...drive.map((fact) => by("b", fact, 7))];

  test("are one vehicle: each departure and arrival once", () => {
    const { events } = fold([created, loaded, ...both]);
    expect(events.filter(({ type }) => type === "departed" || type === "arrived").map(({ at }) => at / 60_000)).toEqual(
      [20, 50, 60, 90],
    );
  });

  test("fill each other's gaps", () => {
    const first = drive.slice(0, 2).map((fact) => by("a", fact));
    const second = drive.map((fact) => by("b", fact, 7));
    const { events } = fold([created, loaded, ...first, ...second]);
    expect(events.filter(({ type }) => type === "departed" || type === "arrived")).toHaveLength(4);
  });

  test("tell the time of an arrival by the one that was not silent", () => {
    const between = { from: 40 * 60_000, to: 55 * 60_000 };
    const silent = at(55, "arrived", { locationId: SHOP, between }, "vehicle:9");
    const best = [drive[0]!, silent, ...drive.slice(2)].map((fact) => by("a", fact));
    const { events } = fold([created, loaded, ...best, ...drive.slice(0, 3).map((fact) => by("b", fact, 7))]);
    const arrival = events.filter(({ type }) => type === "arrived")[0]!;
    expect(arrival).toMatchObject({ deviceId: "b", data: { locationId: SHOP } });
    expect(arrival.at).toBe(50 * 60_000 + 7000);
  });

  test("tell a passing that one of them saw as a stay as that stay", () => {
    const { events } = fold([created, loaded, ...both, by("b", truck(52, "passed", SHOP))]);
    expect(events.map(({ type }) => type)).not.toContain("passed");
  });
});

test("on adjoining fences the departure stands before the arrival", () => {
  const { events } = fold([created, loaded, truck(20.5, "departed", HUB), truck(20, "arrived", HUB_2)]);
  expect(events.map(({ type }) => type)).toEqual(["created", "loaded", "departed", "arrived"]);
});
