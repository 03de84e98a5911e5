import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldShipment } from "../../../ingest/domain/shipment/shipment.ts";
import { ON_VEHICLE_SCENARIOS } from "./on-vehicle-scenarios.ts";
import { SHIPMENT_SCENARIOS } from "./shipment-scenarios.ts";
import { at, created, HUB, loaded, PLANT, places, SHOP, truck, unloaded } from "./shipment-facts.ts";

describe("a shipment", () => {
  test.each([...SHIPMENT_SCENARIOS, ...ON_VEHICLE_SCENARIOS])("%s", (_, facts, destinationId, expected) => {
    expect(foldShipment(facts, { destinationId, places })?.state).toMatchObject(expected);
  });

  test.each([...SHIPMENT_SCENARIOS, ...ON_VEHICLE_SCENARIOS])(
    "%s: the same state in any order of its facts",
    (_, facts, destinationId) => {
      const expected = foldShipment(facts, { destinationId, places });
      fc.assert(
        fc.property(fc.shuffledSubarray(facts, { minLength: facts.length }), (shuffled) => {
          expect(foldShipment(shuffled, { destinationId, places })).toEqual(expected);
        }),
        { numRuns: 50 },
      );
    },
  );

  test("knows when it was on which vehicle", () => {
    const facts = [
      created,
      loaded,
      truck(20, "departed", HUB),
      unloaded(60, PLANT),
      at(70, "loaded", { vehicleId: 5, locationId: PLANT }),
    ];
    expect(foldShipment(facts, { destinationId: SHOP, places })?.onVehicle).toEqual([
      { vehicleId: 9, from: 600_000, to: 3_600_000 },
      { vehicleId: 5, from: 4_200_000, to: null },
    ]);
  });

  test("a stay of no time on a vehicle is none: scans of one moment load onto one vehicle, another, and the first again", () => {
    const onto = (vehicleId: number, key: string) => ({ ...at(10, "loaded", { vehicleId, locationId: HUB }), key });
    const facts = [created, onto(9, "1"), onto(5, "2"), onto(9, "3")];
    expect(foldShipment(facts, { destinationId: SHOP, places })?.onVehicle).toEqual([
      { vehicleId: 9, from: 600_000, to: null },
    ]);
  });
});
