import type { NewFact } from "../../ingest/domain/fact.ts";
import {
  aboard,
  at,
  created,
  HUB,
  loaded,
  lone,
  manual,
  PLANT,
  proof,
  seen,
  SHOP,
  truck,
  underWay,
  unloaded,
  VILLAGE,
} from "./shipment-words.ts";

/** What happened, where it is to go, and what follows. */
type Story = [
  title: string,
  facts: NewFact[],
  destinationId: number | null,
  expected: { status: string; stage: string; locationId: number | null },
];

/** Driven to the shop with two pieces whose tags are read aboard. */
const brought = [...underWay, aboard(15, "seen"), aboard(15, "seen", "y"), truck(60, "arrived", SHOP)];
const DELIVERED = { status: "delivered", stage: "delivery", locationId: SHOP };

export const STORIES: Story[] = [
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
  ["rests where it was created", [created], SHOP, { status: "in_storage", stage: "storage", locationId: HUB }],
  [
    "was under way before its papers were written",
    [{ ...created, at: 90 * 60_000 }, loaded, truck(20, "departed", HUB)],
    SHOP,
    { status: "out_for_delivery", stage: "transportation", locationId: null },
  ],
  [
    "does not begin with a read of its tag, which may have spoken for another one",
    [{ ...created, at: 90 * 60_000 }, seen(5, PLANT, "in")],
    SHOP,
    { status: "in_storage", stage: "storage", locationId: HUB },
  ],
  [
    "stays until its vehicle leaves",
    [created, loaded],
    SHOP,
    { status: "in_storage", stage: "storage", locationId: HUB },
  ],
  [
    "is out for delivery on the last leg",
    [created, loaded, truck(20, "departed", HUB)],
    SHOP,
    { status: "out_for_delivery", stage: "transportation", locationId: null },
  ],
  [
    "is in transit to a place that is no delivery",
    [created, loaded, truck(20, "departed", HUB)],
    PLANT,
    { status: "in_transit", stage: "transportation", locationId: null },
  ],
  [
    "arrives inside its destination's fence only",
    [created, loaded, truck(20, "departed", HUB), truck(30, "arrived", PLANT), truck(40, "passed", SHOP)],
    SHOP,
    { status: "out_for_delivery", stage: "transportation", locationId: null },
  ],
  [
    "is arrived, not delivered, at the door",
    [created, loaded, truck(20, "departed", HUB), truck(50, "arrived", SHOP)],
    SHOP,
    { status: "arrived", stage: "delivery", locationId: SHOP },
  ],
  [
    "is delivered by arrival and proof, in either order",
    [created, loaded, truck(20, "departed", HUB), proof(49), truck(50, "arrived", SHOP)],
    SHOP,
    { status: "delivered", stage: "delivery", locationId: SHOP },
  ],
  [
    "is not delivered by a proof while its truck is elsewhere",
    [created, loaded, truck(20, "departed", HUB), proof(30)],
    SHOP,
    { status: "out_for_delivery", stage: "transportation", locationId: null },
  ],
  [
    "is delivered by a person's word where nothing could see it arrive",
    [created, loaded, truck(20, "departed", HUB), proof(30)],
    VILLAGE,
    { status: "delivered", stage: "delivery", locationId: VILLAGE },
  ],
  [
    "is not moved by a vehicle it left",
    [created, loaded, unloaded(15, HUB), truck(20, "departed", HUB)],
    SHOP,
    { status: "in_storage", stage: "storage", locationId: HUB },
  ],
  [
    "is not moved by another vehicle",
    [created, loaded, truck(20, "departed", HUB, 8)],
    SHOP,
    { status: "in_storage", stage: "storage", locationId: HUB },
  ],
  [
    "is where its tag came in",
    [created, seen(5, PLANT, "in")],
    SHOP,
    { status: "in_production", stage: "production", locationId: PLANT },
  ],
  [
    "is not moved by a tag of unknown direction",
    [created, seen(5, PLANT, "unknown")],
    SHOP,
    { status: "in_storage", stage: "storage", locationId: HUB },
  ],
  [
    "stays delivered",
    [created, unloaded(20, VILLAGE), proof(30), seen(60, PLANT, "in")],
    VILLAGE,
    { status: "delivered", stage: "delivery", locationId: VILLAGE },
  ],
  [
    "is delivered when its truck and its tag are seen at the shop",
    [...underWay, truck(50, "arrived", SHOP), seen(55, SHOP, "in", lone)],
    SHOP,
    { status: "delivered", stage: "delivery", locationId: SHOP },
  ],
  [
    "is in stock, not delivered, when its truck and its tag are seen at a warehouse",
    [created, loaded, truck(20, "departed", HUB), truck(50, "arrived", PLANT), seen(55, PLANT, "in")],
    PLANT,
    { status: "arrived", stage: "production", locationId: PLANT },
  ],
  [
    "is delivered by a signature and its unloading there, in either order",
    [...underWay, proof(49), unloaded(50, SHOP)],
    SHOP,
    { status: "delivered", stage: "delivery", locationId: SHOP },
  ],
  [
    "is returned when refused, and followed home",
    [...underWay, truck(50, "arrived", SHOP), proof(55, "refused"), truck(60, "departed", SHOP), unloaded(90, HUB)],
    SHOP,
    { status: "returned", stage: "storage", locationId: HUB },
  ],
  [
    "is returned when a delivery turns out to be refused",
    [...underWay, truck(50, "arrived", SHOP), proof(55), proof(56, "refused")],
    SHOP,
    { status: "returned", stage: "delivery", locationId: SHOP },
  ],
  [
    "stays aboard for antennas that see into the truck at the dock",
    [created, loaded, seen(12, HUB, "in", lone), truck(20, "departed", HUB)],
    SHOP,
    { status: "out_for_delivery", stage: "transportation", locationId: null },
  ],
  [
    "is off the truck when it was carried in through the gate again",
    [created, loaded, seen(12, HUB, "in"), truck(20, "departed", HUB)],
    SHOP,
    { status: "in_storage", stage: "storage", locationId: HUB },
  ],
  [
    "is unloaded by one read inside where its truck has come",
    [...underWay, truck(50, "arrived", PLANT), seen(55, PLANT, "in", lone)],
    SHOP,
    { status: "in_production", stage: "production", locationId: PLANT },
  ],
  [
    "is not moved by a lone read far from its truck",
    [...underWay, truck(50, "arrived", PLANT), seen(55, HUB, "in", lone)],
    SHOP,
    { status: "out_for_delivery", stage: "transportation", locationId: null },
  ],
  [
    "is an exception when it is seen where its truck is not",
    [...underWay, truck(50, "arrived", PLANT), seen(55, HUB, "in")],
    SHOP,
    { status: "exception", stage: "transportation", locationId: null },
  ],
  [
    "is there after all when it is seen there again",
    [...underWay, truck(50, "arrived", PLANT), seen(55, HUB, "in"), seen(65, HUB, "in")],
    SHOP,
    { status: "in_storage", stage: "storage", locationId: HUB },
  ],
  [
    "is an exception when it turns up elsewhere after it had arrived",
    [...underWay, truck(50, "arrived", SHOP), unloaded(52, SHOP), seen(90, HUB, "in")],
    SHOP,
    { status: "exception", stage: "delivery", locationId: SHOP },
  ],
  [
    "is no exception any more once it is loaded",
    [
      ...underWay,
      truck(50, "arrived", PLANT),
      seen(55, HUB, "in"),
      at(70, "loaded", { vehicleId: 5, locationId: HUB }),
    ],
    SHOP,
    { status: "in_storage", stage: "storage", locationId: HUB },
  ],
  [
    "stays where a person put it for a lone read where it was before",
    [created, manual(5, PLANT), seen(6, HUB, "in", lone)],
    SHOP,
    { status: "in_storage", stage: "storage", locationId: PLANT },
  ],
  [
    "goes back against a person's word by stronger evidence",
    [created, manual(5, PLANT), seen(6, HUB, "in", { confidence: 0.85 })],
    SHOP,
    { status: "in_storage", stage: "storage", locationId: HUB },
  ],
  [
    "goes on from a person's word by a lone read elsewhere",
    [created, manual(5, HUB), seen(6, PLANT, "in", lone)],
    SHOP,
    { status: "in_production", stage: "production", locationId: PLANT },
  ],
  [
    "follows a person's override until the next fact",
    [created, at(5, "manual", { status: "exception", stage: null, locationId: null })],
    SHOP,
    { status: "exception", stage: "storage", locationId: HUB },
  ],
];
