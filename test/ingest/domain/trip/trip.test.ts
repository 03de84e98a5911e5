import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deviationMinutes, dwellMinutes } from "../../../../ingest/domain/trip/punctuality.ts";
import { foldTrip } from "../../../../ingest/domain/trip/trip.ts";
import { HUB, SHOP, truck } from "../shipment-facts.ts";
import { MARKET, NEXT, places, ROUND } from "./trip-facts.ts";
import { TRIP_SCENARIOS } from "./trip-scenarios.ts";

describe("a planned trip against its vehicle's facts", () => {
  test.each(TRIP_SCENARIOS)("%s", (_, trip, neighbours, facts, expected) => {
    expect(foldTrip(9, trip, neighbours, facts, places)).toEqual(expected);
  });

  test("ends the same in any order of the facts", () => {
    for (const [name, trip, neighbours, facts, expected] of TRIP_SCENARIOS) {
      const anyOrder = fc.shuffledSubarray(facts, { minLength: facts.length });
      fc.assert(
        fc.property(anyOrder, (shuffled) => {
          expect(foldTrip(9, trip, neighbours, shuffled, places), name).toEqual(expected);
        }),
        { numRuns: 20 },
      );
    }
  });

  test("whatever the vehicle does: stops are visited in order, and none twice", () => {
    const place = fc.constantFrom(HUB, SHOP, MARKET);
    const kind = fc.constantFrom("arrived", "departed", "passed");
    const facts = fc.array(fc.tuple(fc.integer({ min: 900, max: 1400 }), kind, place), { maxLength: 30 });
    fc.assert(
      fc.property(facts, fc.boolean(), (some, hasNext) => {
        const history = some.map(([minute, type, locationId]) => truck(minute, type, locationId));
        const { status, stops } = foldTrip(9, ROUND, { next: hasNext ? NEXT : undefined }, history, places);
        const times = stops.flatMap(({ arrivedAt }) => (arrivedAt === null ? [] : [arrivedAt]));
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        const visits = stops.flatMap(({ arrivedAt, departedAt }, at) =>
          arrivedAt === null && departedAt === null
            ? []
            : [`${ROUND.stops[at]!.locationId} ${arrivedAt} ${departedAt}`],
        );
        expect(new Set(visits).size).toBe(visits.length);
        if (status === "completed") expect(stops.every(({ state }) => state !== "expected")).toBe(true);
        if (status === "planned") expect(stops.some(({ state }) => state === "skipped")).toBe(false);
      }),
    );
  });
});

describe("punctuality", () => {
  const window = { from: 600_000, to: 1_200_000 };
  const stop = (arrivedAt: number | null, departedAt: number | null = null) => ({ arrivedAt, departedAt });

  test("is the arrival against the window, in whole minutes", () => {
    expect(deviationMinutes(window, stop(null), false)).toBeNull();
    expect(deviationMinutes(window, stop(600_000), false)).toBe(0);
    expect(deviationMinutes(window, stop(1_259_999), false)).toBe(0);
    expect(deviationMinutes(window, stop(1_260_000), false)).toBe(1);
    expect(deviationMinutes(window, stop(300_000), false)).toBe(-5);
  });

  test("is the departure at the first stop", () => {
    expect(deviationMinutes(window, stop(0), true)).toBeNull();
    expect(deviationMinutes(window, stop(0, 1_380_000), true)).toBe(3);
  });

  test("a stay has minutes once both its ends are known", () => {
    expect(dwellMinutes(stop(0, 1_230_000))).toBe(21);
    expect(dwellMinutes(stop(0))).toBeNull();
    expect(dwellMinutes(stop(null, 60_000))).toBeNull();
  });
});
