import {
  AT_SHOP,
  type Case,
  DELIVERED,
  DOCK,
  HOME,
  HUB_2,
  load,
  RACK,
  ROAD,
  scan,
  SHOP_2,
  startsTrip,
} from "./handling-facts.ts";
import {
  at,
  created,
  HUB,
  loaded,
  pass,
  proof,
  readOnVehicle,
  seen,
  SHOP,
  truck,
  underWay,
  unloaded,
  VILLAGE,
} from "./shipment-facts.ts";

const SIGNED = [...underWay, AT_SHOP, proof(55)];
const AT_DOCK = { status: "arrived", stage: "delivery", locationId: DOCK, vehicleId: null };

/** Places that overlap, and parts of a place: docks, racks. */
export const PLACE_CASES: Case[] = [
  // places that overlap
  [
    "is unloaded by the driver's scanner at its destination, where another place overlaps it",
    [...underWay, AT_SHOP, truck(51, "arrived", HUB_2), scan(55, "unload", { vehicleId: 9 })],
    SHOP,
    { status: "arrived", locationId: SHOP, vehicleId: null },
  ],
  [
    "is delivered by the driver's scanner at its destination, where another place overlaps it",
    [...underWay, AT_SHOP, truck(51, "arrived", SHOP_2), scan(55, "deliver", { vehicleId: 9 })],
    SHOP,
    DELIVERED,
  ],
  [
    "is unloaded where it was, where another place overlaps that",
    [created, loaded, truck(5, "arrived", HUB), truck(6, "arrived", HUB_2), scan(15, "unload", { vehicleId: 9 })],
    SHOP,
    { status: "in_storage", locationId: HUB, vehicleId: null },
  ],
  [
    "is on the road when it is driven off from a place without a geofence",
    [at(0, "created", { stage: "delivery", locationId: VILLAGE }), load(10), startsTrip(20, [])],
    SHOP,
    ROAD,
  ],
  // parts of places
  [
    "is delivered by the gate of the shop's dock",
    [...underWay, AT_SHOP, pass(55, DOCK, "in")],
    SHOP,
    { ...DELIVERED, locationId: DOCK },
  ],
  ["has arrived when it is unloaded at the shop's dock", [...underWay, AT_SHOP, unloaded(55, DOCK)], SHOP, AT_DOCK],
  [
    "is delivered by the dock's scanner",
    [...underWay, AT_SHOP, scan(55, "deliver", { locationId: DOCK })],
    SHOP,
    { ...AT_DOCK, status: "delivered" },
  ],
  [
    "has arrived in the shop's geofence when it is for the dock",
    [...underWay, AT_SHOP],
    DOCK,
    { status: "arrived", vehicleId: 9 },
  ],
  [
    "is delivered at the dock by a proof in the shop's geofence",
    [...underWay, AT_SHOP, proof(55)],
    DOCK,
    { status: "delivered", locationId: DOCK },
  ],
  ["is not delivered at the dock by a proof on the road", [...underWay, proof(40)], DOCK, ROAD],
  [
    "is delivered at the dock when the reader aboard has lost it in the shop's geofence",
    [
      created,
      loaded,
      readOnVehicle(11, "seen"),
      truck(20, "departed", HUB),
      AT_SHOP,
      readOnVehicle(55, "gone"),
      ...HOME,
    ],
    DOCK,
    { status: "delivered", vehicleId: null },
  ],
  [
    "stays aboard when the shop's dock hears it a few times",
    [...underWay, AT_SHOP, seen(55, DOCK, "in", { confidence: 0.7 }), ...HOME],
    SHOP,
    { status: "out_for_delivery", vehicleId: 9 },
  ],
  [
    "leaves its rack when the truck leaves the hub",
    [at(0, "created", { stage: "storage", locationId: RACK }), load(10), truck(20, "departed", HUB)],
    SHOP,
    ROAD,
  ],
  [
    "is back in its rack when it is unloaded there",
    [created, loaded, truck(5, "arrived", HUB), unloaded(15, RACK), truck(20, "departed", HUB)],
    SHOP,
    { status: "in_storage", locationId: RACK, vehicleId: null },
  ],
  ["rides on when its rack is heard after the truck has left", [...underWay, seen(21, RACK, "in")], SHOP, ROAD],
  [
    "is an exception at the dock of another shop",
    [...underWay, truck(50, "arrived", SHOP_2), unloaded(55, DOCK)],
    VILLAGE,
    { status: "exception", locationId: DOCK },
  ],
  [
    "stays delivered when it is carried from the dock into the shop",
    [...SIGNED, unloaded(57, DOCK), unloaded(59, SHOP)],
    SHOP,
    { status: "delivered" },
  ],
];
