import type { Story } from "./shipment-scenarios.ts";
import { aboard, PLANT, SHOP, truck, underWay } from "./shipment-facts.ts";

/** Driven to the shop with two pieces whose tags are read aboard. */
const brought = [...underWay, aboard(15, "seen"), aboard(15, "seen", "y"), truck(60, "arrived", SHOP)];
const DELIVERED = { status: "delivered", stage: "delivery", locationId: SHOP };

/** What a reader aboard its vehicle says of a shipment. */
export const ABOARD_STORIES: Story[] = [
  [
    "is delivered when its vehicle drives on from its destination without its tags",
    [...brought, aboard(70, "gone"), aboard(71, "gone", "y"), truck(80, "departed", SHOP)],
    SHOP,
    DELIVERED,
  ],
  [
    "is not delivered by a reader that was switched off with the engine",
    [...brought, aboard(70, "gone"), aboard(70, "gone", "y"), aboard(79, "seen", "y"), truck(80, "departed", SHOP)],
    SHOP,
    { status: "out_for_delivery", stage: "transportation", locationId: null },
  ],
  [
    "is not delivered because its tags are not read while its vehicle stands there",
    [...brought, aboard(70, "gone"), aboard(70, "gone", "y")],
    SHOP,
    { status: "arrived", stage: "delivery", locationId: SHOP },
  ],
  [
    "is not put down where its tags are not read on the way",
    [...underWay, aboard(15, "seen"), truck(40, "arrived", PLANT), aboard(50, "gone"), truck(60, "departed", PLANT)],
    SHOP,
    { status: "out_for_delivery", stage: "transportation", locationId: null },
  ],
];
