import { manualData } from "../../../api/resources/shipments/manual-change.ts";
import type { ShipmentStatus } from "../../../ingest/domain/fact.ts";
import { AT_SHOP, type Case, DELIVERED, DOCK, HUB_2, load, ROAD, SHOP_2, startsTrip } from "./handling-facts.ts";
import {
  at,
  created,
  HUB,
  seen,
  pass,
  proof,
  readOnVehicle,
  SHOP,
  truck,
  underWay,
  unloaded,
} from "./shipment-facts.ts";

/** A person says a status alone. */
const says = (minute: number, status: ShipmentStatus) => at(minute, "manual", manualData(status, undefined));

/** Where people put it, and what they say of it. */
export const PEOPLE_CASES: Case[] = [
  // destinations and wrong places
  [
    "is delivered at a warehouse by fence and gate",
    [...underWay, truck(50, "arrived", HUB_2), pass(55, HUB_2, "in")],
    HUB_2,
    { status: "delivered", stage: "storage", locationId: HUB_2 },
  ],
  [
    "is delivered at a warehouse by a proof, in the stage of that place",
    [...underWay, truck(50, "arrived", HUB_2), proof(55)],
    HUB_2,
    { status: "delivered", stage: "storage", locationId: HUB_2 },
  ],
  [
    "is an exception at the wrong shop",
    [...underWay, truck(50, "arrived", SHOP_2), unloaded(55, SHOP_2), truck(60, "departed", SHOP_2)],
    SHOP,
    { status: "exception", stage: "delivery", locationId: SHOP_2, vehicleId: null },
  ],
  [
    "is an exception where it goes in at the wrong shop's gate",
    [...underWay, truck(50, "arrived", SHOP_2), pass(55, SHOP_2, "in")],
    SHOP,
    { status: "exception", locationId: SHOP_2, vehicleId: null },
  ],
  [
    "is in store at a warehouse on the way",
    [...underWay, truck(50, "arrived", HUB_2), unloaded(55, HUB_2)],
    SHOP,
    { status: "in_storage", locationId: HUB_2 },
  ],
  [
    "is delivered after all when it is sent on from the wrong shop",
    [
      ...underWay,
      truck(40, "arrived", SHOP_2),
      unloaded(42, SHOP_2),
      load(44),
      truck(45, "departed", SHOP_2),
      AT_SHOP,
      proof(55),
    ],
    SHOP,
    DELIVERED,
  ],
  [
    "waits at a shop, out for no delivery, when it was created there",
    [at(0, "created", { stage: "delivery", locationId: SHOP_2 })],
    HUB,
    { status: "in_storage", stage: "delivery" },
  ],
  [
    "has arrived where a person says it is, if that is its destination",
    [created, at(5, "manual", { status: null, stage: null, locationId: SHOP })],
    SHOP,
    { status: "arrived", stage: "delivery", locationId: SHOP },
  ],
  [
    "is an exception where a person says it is, if that is another shop",
    [created, at(5, "manual", { status: null, stage: null, locationId: SHOP_2 })],
    SHOP,
    { status: "exception", stage: "delivery", locationId: SHOP_2 },
  ],
  [
    "is delivered at its destination when a person says that it is delivered, and not where",
    [created, says(30, "delivered")],
    SHOP,
    { status: "delivered", stage: "delivery", locationId: SHOP },
  ],
  [
    "is delivered where it is when a person says so, and it has no destination",
    [created, says(30, "delivered")],
    null,
    { status: "delivered", stage: "delivery", locationId: HUB },
  ],
  [
    "is delivered in the part of the destination where it lies",
    [...underWay, AT_SHOP, unloaded(55, DOCK), says(60, "delivered")],
    SHOP,
    { status: "delivered", stage: "delivery", locationId: DOCK },
  ],
  [
    "is delivered at a warehouse, in the stage of that place, when a person says so",
    [created, says(30, "delivered")],
    HUB_2,
    { status: "delivered", stage: "storage", locationId: HUB_2 },
  ],
  [
    "stays under way after a person has said so twice, though a weak read shows it where it was",
    [created, says(30, "in_transit"), says(40, "out_for_delivery"), seen(70, HUB, "in", { confidence: 0.7 })],
    SHOP,
    { status: "out_for_delivery", stage: "transportation", locationId: HUB },
  ],
  [
    "comes back from where a person said that it was delivered",
    [created, says(30, "delivered"), unloaded(90, HUB)],
    SHOP,
    { status: "returned", stage: "storage", locationId: HUB },
  ],
  // loaded late, or in the street
  [
    "is in transit from a loading that is said while the truck drives",
    [created, truck(10, "departed", HUB), load(13)],
    SHOP,
    ROAD,
  ],
  [
    "is in transit from a loading at the minute before the departure too",
    [created, load(9), truck(10, "departed", HUB)],
    SHOP,
    ROAD,
  ],
  [
    "has arrived when the loading is said at the destination",
    [created, truck(10, "departed", HUB), AT_SHOP, load(52)],
    SHOP,
    { status: "arrived", locationId: SHOP, vehicleId: 9 },
  ],
  [
    "sets out when a truck that was loaded in the street drives off",
    [created, load(10), startsTrip(20, [])],
    SHOP,
    ROAD,
  ],
  [
    "does not set out by a drive within the yard",
    [created, load(10), startsTrip(20, [HUB])],
    SHOP,
    { status: "in_storage", locationId: HUB },
  ],
  // refused
  [
    "is returned when refused, and in store where it is brought back",
    [
      ...underWay,
      AT_SHOP,
      proof(55, "refused"),
      truck(60, "departed", SHOP),
      truck(90, "arrived", HUB),
      unloaded(95, HUB),
    ],
    SHOP,
    { status: "returned", stage: "storage", locationId: HUB },
  ],
  [
    "is delivered when it is loaded and sent again",
    [
      ...underWay,
      AT_SHOP,
      proof(55, "refused"),
      truck(60, "departed", SHOP),
      truck(90, "arrived", HUB),
      unloaded(95, HUB),
      load(100),
      truck(110, "departed", HUB),
      truck(140, "arrived", SHOP),
      proof(145),
    ],
    SHOP,
    DELIVERED,
  ],
  [
    "is delivered when it is driven home and out again without a word",
    [
      ...underWay,
      AT_SHOP,
      proof(55, "refused"),
      truck(60, "departed", SHOP),
      truck(90, "arrived", HUB),
      truck(110, "departed", HUB),
      truck(140, "arrived", SHOP),
      pass(145, SHOP, "in"),
    ],
    SHOP,
    DELIVERED,
  ],
  ["is delivered by a later proof", [...underWay, AT_SHOP, proof(55, "refused"), proof(58)], SHOP, DELIVERED],
  // delivered by sensors alone
  [
    "was not delivered when a reader aboard hears it drive on",
    [
      ...underWay,
      readOnVehicle(15, "seen"),
      AT_SHOP,
      readOnVehicle(55, "gone"),
      readOnVehicle(58, "seen"),
      truck(60, "departed", SHOP),
    ],
    SHOP,
    ROAD,
  ],
  [
    "was not delivered when it goes in at the next warehouse",
    [
      ...underWay,
      AT_SHOP,
      pass(55, SHOP, "in"),
      truck(60, "departed", SHOP),
      truck(90, "arrived", HUB_2),
      pass(95, HUB_2, "in"),
    ],
    SHOP,
    { status: "in_storage", locationId: HUB_2 },
  ],
  ["stays delivered once it is signed for", [...underWay, AT_SHOP, proof(55), pass(95, HUB_2, "in")], SHOP, DELIVERED],
];
