import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldShipment } from "../../../ingest/domain/shipment/shipment.ts";
import { ABOARD_STORIES } from "./aboard-scenarios.ts";
import { STORIES } from "./shipment-scenarios.ts";
import { at, created, HUB, loaded, PLANT, places, SHOP, truck, unloaded } from "./shipment-facts.ts";

describe("a shipment", () => {
  test.each([...STORIES, ...ABOARD_STORIES])("%s", (_, facts, destinationId, expected) => {
    expect(foldShipment(facts, { destinationId, places })?.state).toMatchObject(expected);
  });

  test.each([...STORIES, ...ABOARD_STORIES])(
    "%s, whatever the order its facts become known in",
    (_, facts, destinationId) => {
      const truth = foldShipment(facts, { destinationId, places });
      fc.assert(
        fc.property(fc.shuffledSubarray(facts, { minLength: facts.length }), (shuffled) => {
          expect(foldShipment(shuffled, { destinationId, places })).toEqual(truth);
        }),
        { numRuns: 50 },
      );
    },
  );

  test("remembers when it was aboard what", () => {
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
});
