import {
  AT_SHOP,
  type Case,
  DELIVERED,
  HOME,
  HUB_2,
  load,
  ROAD,
  scan,
  SHOP_2,
  startsTrip,
  stops,
} from "./handling-facts.ts";
import { at, created, HUB, loaded, pass, proof, SHOP, truck, underWay, VILLAGE } from "./shipment-facts.ts";

const VILLAGE_AT_EIGHT = [
  at(0, "created", { stage: "delivery", locationId: VILLAGE }),
  startsTrip(2, [HUB]),
  truck(2, "departed", HUB),
  stops(8, 2),
];

/** What is booked, scanned and signed, at another time or by another vehicle than it happens. */
export const BOOKING_CASES: Case[] = [
  // the dock's own scanner, which names no vehicle
  [
    "stays aboard when the dock scans its loading just after its truck has left, by a clock that is fast",
    [...underWay, scan(21.5, "load", { locationId: HUB })],
    SHOP,
    ROAD,
  ],
  [
    "arrives after such a scan",
    [...underWay, scan(21.5, "load", { locationId: HUB }), AT_SHOP],
    SHOP,
    { status: "arrived", vehicleId: 9 },
  ],
  [
    "is still at the dock when that scans its loading long after the truck has left",
    [...underWay, scan(40, "load", { locationId: HUB })],
    SHOP,
    { status: "in_storage", locationId: HUB, vehicleId: null },
  ],
  // from truck to truck
  [
    "is on the second truck when the first driver's scan of the unloading is told after the second one's loading",
    [
      ...underWay,
      truck(40, "arrived", HUB_2),
      truck(35, "arrived", HUB_2, 10),
      scan(44, "load", { vehicleId: 10 }),
      scan(44.5, "unload", { vehicleId: 9 }),
      truck(48, "departed", HUB_2, 10),
    ],
    SHOP,
    { ...ROAD, vehicleId: 10 },
  ],
  [
    "is put down where the first driver unloads it long after it was booked on the second truck",
    [...underWay, truck(40, "arrived", HUB_2), load(41, 10), scan(48, "unload", { vehicleId: 9 })],
    SHOP,
    { status: "in_storage", locationId: HUB_2, vehicleId: null },
  ],
  // papers
  [
    "is delivered at the arrival when it was signed at the stop before",
    [...underWay, truck(40, "arrived", SHOP_2), proof(42), truck(45, "departed", SHOP_2), AT_SHOP],
    SHOP,
    DELIVERED,
  ],
  [
    "is not delivered at the stop before by that signature",
    [...underWay, truck(40, "arrived", SHOP_2), proof(42), truck(45, "departed", SHOP_2)],
    SHOP,
    ROAD,
  ],
  [
    "is not delivered the second time by the signature of before it came home",
    [...underWay, AT_SHOP, proof(55, "refused"), ...HOME, truck(100, "departed", HUB), truck(130, "arrived", SHOP)],
    SHOP,
    { status: "arrived" },
  ],

  ["is delivered by a signature when nothing follows its vehicle", [created, load(10), proof(55)], SHOP, DELIVERED],
  [
    "is delivered on a second attempt of the same tour, after it was refused",
    [
      ...underWay,
      AT_SHOP,
      proof(55, "refused"),
      truck(60, "departed", SHOP),
      truck(80, "arrived", SHOP),
      proof(85),
      truck(90, "departed", SHOP),
    ],
    SHOP,
    DELIVERED,
  ],
  [
    "stays delivered when its empty pallet comes home the next day",
    [...underWay, AT_SHOP, pass(55, SHOP, "in"), ...HOME, pass(1500, HUB, "in")],
    SHOP,
    DELIVERED,
  ],
  // loadings that are booked at another time than they happen
  [
    "waits at the hub when its loading is booked before the truck has come",
    [created, truck(2, "departed", SHOP_2), load(10), truck(30, "arrived", HUB)],
    SHOP,
    { status: "in_storage", locationId: HUB, vehicleId: 9 },
  ],
  [
    "leaves with that truck",
    [created, truck(2, "departed", SHOP_2), load(10), truck(30, "arrived", HUB), truck(60, "departed", HUB)],
    SHOP,
    ROAD,
  ],
  [
    "is at the hub on a truck that stood there overnight and was moved to the dock",
    [created, startsTrip(5, [HUB]), stops(6, 5), load(10)],
    SHOP,
    { status: "in_storage", locationId: HUB, vehicleId: 9 },
  ],
  [
    "is on the road when that truck leaves",
    [created, startsTrip(5, [HUB]), stops(6, 5), load(10), startsTrip(19, [HUB]), truck(20, "departed", HUB)],
    SHOP,
    ROAD,
  ],
  [
    "waits in a village without a geofence until its truck drives off",
    [...VILLAGE_AT_EIGHT, load(10)],
    SHOP,
    { locationId: VILLAGE, vehicleId: 9 },
  ],
  ["drives off from the village", [...VILLAGE_AT_EIGHT, load(10), startsTrip(20, [])], SHOP, ROAD],
  // several pallets
  [
    "rides on though one of its pallets went back into the hall",
    [
      created,
      truck(1, "arrived", HUB),
      loaded,
      pass(12, HUB, "out", "x"),
      pass(12.1, HUB, "out", "y"),
      pass(15, HUB, "in", "y"),
      truck(20, "departed", HUB),
      AT_SHOP,
      pass(55, SHOP, "in", "x"),
    ],
    SHOP,
    DELIVERED,
  ],
  [
    "is in the hall again when all of its pallets went back",
    [
      created,
      truck(1, "arrived", HUB),
      loaded,
      pass(12, HUB, "out", "x"),
      pass(12.1, HUB, "out", "y"),
      pass(15, HUB, "in", "y"),
      pass(15.1, HUB, "in", "x"),
      truck(20, "departed", HUB),
    ],
    SHOP,
    { status: "in_storage", locationId: HUB, vehicleId: null },
  ],
];
