import { AT_SHOP, type Case, DELIVERED, HOME, HUB_2, load, ROAD, scan, SHOP_2 } from "./handling-facts.ts";
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
} from "./shipment-facts.ts";

const SIGNED = [...underWay, AT_SHOP, proof(55)];
const RETURNED = { status: "returned", vehicleId: null };
/** It left the shop 2 minutes after it had come. */
const QUICK_DROP = [...underWay, AT_SHOP, truck(52, "departed", SHOP)];

/** Clocks that are off, trackers that are silent, and what comes after the signature. */
export const AGAIN_CASES: Case[] = [
  // the clock of a gate
  [
    "is delivered by a gate whose clock is a minute behind",
    [...underWay, pass(49, SHOP, "in"), AT_SHOP],
    SHOP,
    DELIVERED,
  ],
  ["is delivered by a gate that is a minute ahead", [...QUICK_DROP, pass(53, SHOP, "in")], SHOP, DELIVERED],
  ["rides on when one read follows it from the shop", [...QUICK_DROP, seen(53, SHOP, "in")], SHOP, ROAD],
  ["rides on when a pass follows it from where it began", [...underWay, pass(21, HUB, "in")], SHOP, ROAD],
  [
    "has arrived only, by a gate, long before a vehicle",
    [...underWay, pass(40, SHOP, "in"), AT_SHOP],
    SHOP,
    { status: "arrived", locationId: SHOP, vehicleId: null },
  ],
  [
    "is put down where the vehicle arrives a minute after its pass",
    [...underWay, pass(49, HUB_2, "in"), truck(50, "arrived", HUB_2), truck(60, "departed", HUB_2)],
    SHOP,
    { status: "in_storage", locationId: HUB_2, vehicleId: null },
  ],
  // the clock of a scanner
  [
    "is delivered by a scanner on the vehicle whose clock is ahead",
    [...QUICK_DROP, scan(53, "deliver", { vehicleId: 9 })],
    SHOP,
    DELIVERED,
  ],
  [
    "is unloaded at the place that its vehicle comes to a minute later",
    [...underWay, scan(49, "unload", { vehicleId: 9 }), AT_SHOP, truck(60, "departed", SHOP)],
    SHOP,
    { status: "arrived", locationId: SHOP, vehicleId: null },
  ],
  [
    "is unloaded where its vehicle has just left",
    [...underWay, scan(21, "unload", { vehicleId: 9 })],
    SHOP,
    { status: "in_storage", locationId: HUB, vehicleId: null },
  ],
  // the tracker of its vehicle is silent
  [
    "is delivered by gate and proof while the tracker says it never left",
    [created, loaded, truck(5, "arrived", HUB), pass(55, SHOP, "in"), proof(56)],
    SHOP,
    DELIVERED,
  ],
  [
    "is delivered by proof and gate while the tracker says it never left",
    [created, loaded, truck(5, "arrived", HUB), proof(54), pass(55, SHOP, "in")],
    SHOP,
    DELIVERED,
  ],
  [
    "is an exception at another shop's gate while the tracker says it never left",
    [created, loaded, truck(5, "arrived", HUB), pass(55, SHOP_2, "in")],
    SHOP,
    { status: "exception", locationId: HUB, vehicleId: 9 },
  ],
  // told to the minute
  [
    "is unloaded at the arrival when a person gives the minute before",
    [...underWay, unloaded(49, SHOP), proof(49.5), AT_SHOP],
    SHOP,
    DELIVERED,
  ],
  [
    "goes on with its next truck, whose loading is told before the first one's arrival",
    [...underWay, unloaded(49, HUB_2), load(49.5, 8), truck(50, "arrived", HUB_2), truck(60, "departed", HUB_2, 8)],
    SHOP,
    { ...ROAD, vehicleId: 8 },
  ],
  // after the signature
  [
    "comes back when it is loaded again",
    [...SIGNED, load(58), ...HOME, pass(95, HUB, "in")],
    SHOP,
    { ...RETURNED, locationId: HUB },
  ],
  [
    "is on its way back when the driver's scanner loads it again",
    [...SIGNED, scan(58, "load", { vehicleId: 9 }), ...HOME],
    SHOP,
    { status: "returned", stage: "transportation", vehicleId: 9 },
  ],
  [
    "comes back when a person said that it was delivered",
    [...underWay, AT_SHOP, at(55, "manual", { status: "delivered", stage: null, locationId: null }), load(58), ...HOME],
    SHOP,
    { status: "returned", stage: "transportation", vehicleId: 9 },
  ],
  [
    "comes back when another place's scanner receives it",
    [...SIGNED, ...HOME, scan(99, "receive", { locationId: HUB })],
    SHOP,
    { ...RETURNED, locationId: HUB },
  ],
  [
    "comes back when it is unloaded elsewhere",
    [...SIGNED, ...HOME, unloaded(99, HUB)],
    SHOP,
    { ...RETURNED, locationId: HUB },
  ],
  [
    "is sent again after it came back",
    [
      ...SIGNED,
      load(58),
      ...HOME,
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
    "stays delivered when its loading is told by a wrong clock",
    [...SIGNED, ...HOME, scan(99, "load", { vehicleId: 9 })],
    SHOP,
    DELIVERED,
  ],
  [
    "stays delivered when its unloading is told by a wrong clock",
    [...SIGNED, ...HOME, scan(99, "unload", { vehicleId: 9 })],
    SHOP,
    DELIVERED,
  ],
  ["stays delivered when its empty pallet comes back", [...SIGNED, ...HOME, pass(99, HUB, "in")], SHOP, DELIVERED],
  [
    "stays delivered when its empty pallet rides home with a reader",
    [...SIGNED, readOnVehicle(56, "seen"), ...HOME, readOnVehicle(95, "gone")],
    SHOP,
    DELIVERED,
  ],
  ["stays delivered when it is unloaded there", [...SIGNED, unloaded(57, SHOP)], SHOP, DELIVERED],
  [
    "stays cancelled, whoever loads it",
    [
      created,
      at(5, "manual", { status: "cancelled", stage: null, locationId: null }),
      loaded,
      truck(20, "departed", HUB),
    ],
    SHOP,
    { status: "cancelled" },
  ],
];
