import type { Scenario } from "./shipment-scenarios.ts";
import { readOnVehicle, PLANT, SHOP, truck, underWay } from "./shipment-facts.ts";

/** Driven to the shop with two handling units, whose tags are read on the vehicle. */
const brought = [...underWay, readOnVehicle(15, "seen"), readOnVehicle(15, "seen", "y"), truck(60, "arrived", SHOP)];
const DELIVERED = { status: "delivered", stage: "delivery", locationId: SHOP };

/** Shipments with a reader on their vehicle. */
export const ON_VEHICLE_SCENARIOS: Scenario[] = [
  [
    "is delivered when its vehicle departs from its destination without its tags",
    [...brought, readOnVehicle(70, "gone"), readOnVehicle(71, "gone", "y"), truck(80, "departed", SHOP)],
    SHOP,
    DELIVERED,
  ],
  [
    "is not delivered by a reader that is switched off with the engine",
    [
      ...brought,
      readOnVehicle(70, "gone"),
      readOnVehicle(70, "gone", "y"),
      readOnVehicle(79, "seen", "y"),
      truck(80, "departed", SHOP),
    ],
    SHOP,
    { status: "out_for_delivery", stage: "transportation", locationId: null },
  ],
  [
    "is delivered when its tags are gone from the vehicle while it stands there",
    [...brought, readOnVehicle(70, "gone"), readOnVehicle(70, "gone", "y")],
    SHOP,
    DELIVERED,
  ],
  [
    "is left behind where its vehicle stops and drives on without its tag",
    [
      ...underWay,
      readOnVehicle(15, "seen"),
      truck(40, "arrived", PLANT),
      readOnVehicle(50, "gone"),
      truck(60, "departed", PLANT),
    ],
    SHOP,
    { status: "exception", stage: "production", locationId: PLANT },
  ],
];
