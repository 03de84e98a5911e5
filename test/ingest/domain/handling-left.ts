import { AT_SHOP, type Case, DELIVERED, HOME, HUB_2, load, RACK, ROAD, scan, SHOP_2 } from "./handling-facts.ts";
import {
  created,
  HUB,
  leaning,
  loaded,
  pass,
  proof,
  readOnVehicle,
  seen,
  SHOP,
  singleRead,
  truck,
  underWay,
  unloaded,
} from "./shipment-facts.ts";

const AT_HUB_2 = truck(50, "arrived", HUB_2);
/** Nothing has shown that it was taken off at the shop: the vehicle went home, as if with it. */
const DRIVEN_HOME = [...underWay, AT_SHOP, ...HOME];

/** It goes out of the hub with its vehicle there, and in again. */
const TURNED = [truck(1, "arrived", HUB), pass(12, HUB, "out"), pass(14, HUB, "in")];

/** A pass of which the strongest reads were missed, and what comes to light once the vehicle has gone. */
export const LEFT_CASES: Case[] = [
  // a pass that leans to a direction
  [
    "is delivered by a pass that leans inward",
    [...underWay, AT_SHOP, leaning(55, SHOP, "in"), ...HOME],
    SHOP,
    DELIVERED,
  ],
  [
    "is delivered by such a pass at a gate whose clock is a minute behind",
    [...underWay, leaning(49, SHOP, "in"), AT_SHOP, ...HOME],
    SHOP,
    DELIVERED,
  ],
  [
    "is not delivered by a pass that leans outward",
    [...underWay, AT_SHOP, leaning(55, SHOP, "out"), ...HOME],
    SHOP,
    ROAD,
  ],
  [
    "is put down at the warehouse that its vehicle has come to by a pass that leans inward",
    [...underWay, AT_HUB_2, leaning(55, HUB_2, "in"), truck(60, "departed", HUB_2)],
    SHOP,
    { status: "in_storage", locationId: HUB_2, vehicleId: null },
  ],
  [
    "stays aboard where it was loaded, whichever way a pass leans",
    [created, loaded, leaning(15, HUB, "in"), truck(20, "departed", HUB)],
    SHOP,
    ROAD,
  ],
  [
    "stays aboard when such a pass is told of a place far away",
    [...underWay, leaning(40, SHOP, "in"), AT_SHOP, ...HOME],
    SHOP,
    ROAD,
  ],
  [
    "stays a return when a refused pallet is turned at the gate",
    [...underWay, AT_SHOP, proof(54, "refused"), leaning(55, SHOP, "in"), ...HOME],
    SHOP,
    { status: "returned", vehicleId: 9 },
  ],
  [
    "comes home after all when it is unloaded there",
    [...underWay, AT_SHOP, leaning(55, SHOP, "in"), ...HOME, unloaded(95, HUB)],
    SHOP,
    { locationId: HUB, vehicleId: null },
  ],
  [
    "is on the road again when it is loaded after such a pass",
    [...underWay, AT_SHOP, leaning(55, SHOP, "in"), load(58), ...HOME],
    SHOP,
    ROAD,
  ],
  // a pass without a direction, explained by the next one
  [
    "was put down by a pass without a direction, when it goes out of the gate while its vehicle is elsewhere",
    [...underWay, AT_HUB_2, pass(55, HUB_2, "unknown"), truck(60, "departed", HUB_2), pass(70, HUB_2, "out")],
    SHOP,
    { status: "in_storage", locationId: HUB_2, vehicleId: null },
  ],
  [
    "was so at its destination",
    [...underWay, AT_SHOP, pass(55, SHOP, "unknown"), ...HOME, pass(70, SHOP, "out")],
    SHOP,
    DELIVERED,
  ],
  [
    "rides on when the gate hears it go out with its vehicle still there",
    [...underWay, AT_HUB_2, pass(52, HUB_2, "unknown"), pass(55, HUB_2, "out"), truck(60, "departed", HUB_2)],
    SHOP,
    ROAD,
  ],
  [
    "rides on when the gate's clock is a minute ahead of its vehicle's",
    [...underWay, AT_HUB_2, pass(55, HUB_2, "unknown"), truck(60, "departed", HUB_2), pass(61, HUB_2, "out")],
    SHOP,
    ROAD,
  ],
  [
    "rides on when its vehicle is back",
    [
      ...[...underWay, AT_HUB_2, pass(55, HUB_2, "unknown"), truck(60, "departed", HUB_2)],
      ...[truck(90, "arrived", HUB_2), pass(95, HUB_2, "out"), truck(99, "departed", HUB_2)],
    ],
    SHOP,
    ROAD,
  ],
  [
    "rides on when a reader aboard has heard it in between",
    [
      ...[...underWay, AT_HUB_2, pass(55, HUB_2, "unknown"), truck(60, "departed", HUB_2)],
      ...[readOnVehicle(62, "seen"), pass(70, HUB_2, "out")],
    ],
    SHOP,
    ROAD,
  ],
  // what comes to light later
  ["rides home for want of evidence", DRIVEN_HOME, SHOP, ROAD],
  [
    "is delivered by a signature that is entered once the vehicle has gone",
    [...DRIVEN_HOME, proof(100)],
    SHOP,
    DELIVERED,
  ],
  [
    "is delivered by a firm read at the shop while the vehicle is home",
    [...DRIVEN_HOME, seen(100, SHOP, "in")],
    SHOP,
    DELIVERED,
  ],
  [
    "is delivered by a firm read at the shop while the vehicle is on its way home",
    [...underWay, AT_SHOP, truck(60, "departed", SHOP), seen(70, SHOP, "in")],
    SHOP,
    DELIVERED,
  ],
  [
    "rides on when few reads at the shop contradict a vehicle that is home",
    [...DRIVEN_HOME, seen(100, SHOP, "in", singleRead)],
    SHOP,
    ROAD,
  ],
  [
    "has arrived when somebody counts it at the shop later",
    [...DRIVEN_HOME, scan(100, "count", { locationId: SHOP })],
    SHOP,
    { status: "arrived", locationId: SHOP, vehicleId: null },
  ],
  [
    "is delivered by the shop's scanner and a signature later",
    [...DRIVEN_HOME, scan(100, "receive", { locationId: SHOP }), proof(101)],
    SHOP,
    DELIVERED,
  ],
  [
    "is in store again when it is unloaded at home",
    [...DRIVEN_HOME, unloaded(95, HUB)],
    SHOP,
    { status: "in_storage", locationId: HUB },
  ],
  [
    "is not delivered by a signature before its second way ends",
    [...DRIVEN_HOME, unloaded(95, HUB), load(100), truck(110, "departed", HUB), proof(120)],
    SHOP,
    ROAD,
  ],
  [
    "is not delivered by a signature once it was loaded again on the vehicle that still had it",
    [...DRIVEN_HOME, load(100), truck(110, "departed", HUB), proof(120)],
    SHOP,
    ROAD,
  ],
  [
    "is not delivered by a signature while a reader hears it aboard",
    [created, readOnVehicle(5, "seen"), truck(20, "departed", HUB), AT_SHOP, truck(60, "departed", SHOP), proof(70)],
    SHOP,
    ROAD,
  ],
  // turned round in the hall
  [
    "is aboard when it goes out, in and out again after it was booked as loaded",
    [created, loaded, ...TURNED, pass(16, HUB, "out"), truck(20, "departed", HUB), AT_SHOP],
    SHOP,
    { status: "arrived", vehicleId: 9 },
  ],
  [
    "stays in store when it goes in last",
    [created, loaded, ...TURNED, truck(20, "departed", HUB), AT_SHOP],
    SHOP,
    { status: "in_storage", locationId: HUB, vehicleId: null },
  ],
  [
    "stays in store when it goes out of the place to which its vehicle has brought it: to the next vehicle",
    [...underWay, AT_HUB_2, pass(55, HUB_2, "in"), pass(57, HUB_2, "out"), truck(60, "departed", HUB_2)],
    SHOP,
    { status: "in_storage", locationId: HUB_2, vehicleId: null },
  ],
  [
    "stays in store when it goes out long after it went in: another vehicle may stand there",
    [created, loaded, ...TURNED, pass(25, HUB, "out"), truck(40, "departed", HUB)],
    SHOP,
    { status: "in_storage", locationId: HUB, vehicleId: null },
  ],
  [
    "stays in store when it goes out after its vehicle has left",
    [created, loaded, ...TURNED, truck(20, "departed", HUB), pass(30, HUB, "out")],
    SHOP,
    { status: "in_storage", locationId: HUB, vehicleId: null },
  ],
  [
    "stays in store when a person has said so before it goes out again",
    [created, loaded, ...TURNED, unloaded(15, HUB), pass(16, HUB, "out"), truck(20, "departed", HUB)],
    SHOP,
    { status: "in_storage", locationId: HUB, vehicleId: null },
  ],
  [
    "stays delivered when its pallet comes out of the shop",
    [...underWay, AT_SHOP, pass(55, SHOP, "in"), pass(57, SHOP, "out"), ...HOME],
    SHOP,
    DELIVERED,
  ],
  // the scanner at the dock
  [
    "stays aboard when the dock's scanner says that it is loaded",
    [created, loaded, scan(15, "load", { locationId: HUB }), truck(20, "departed", HUB)],
    SHOP,
    ROAD,
  ],
  [
    "stays aboard when the scanner of its rack says so and the truck has come there",
    [created, truck(5, "arrived", HUB), loaded, scan(15, "load", { locationId: RACK }), truck(20, "departed", HUB)],
    SHOP,
    ROAD,
  ],
  [
    "is where it is said to be loaded, when its vehicle is elsewhere",
    [...underWay, truck(50, "arrived", SHOP_2), scan(55, "load", { locationId: HUB_2 })],
    SHOP,
    { status: "in_storage", locationId: HUB_2, vehicleId: null },
  ],
];
