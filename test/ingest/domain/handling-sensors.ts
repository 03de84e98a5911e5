import { AT_SHOP, type Case, DELIVERED, heard, HOME, HUB_2, ROAD, scan, SHOP_2 } from "./handling-facts.ts";
import { created, HUB, loaded, pass, readOnVehicle, seen, SHOP, truck, underWay } from "./shipment-facts.ts";

/** What gates, readers and scanners say. */
export const SENSOR_CASES: Case[] = [
  // one read, and passes that say nothing of a delivery
  [
    "is not delivered by one read at the shop's gate",
    [...underWay, AT_SHOP, heard(55, SHOP)],
    SHOP,
    { status: "arrived" },
  ],
  ["rides home after one read at the shop's gate", [...underWay, AT_SHOP, heard(55, SHOP), ...HOME], SHOP, ROAD],
  [
    "is not delivered by a pass without direction",
    [...underWay, AT_SHOP, pass(55, SHOP, "unknown"), ...HOME],
    SHOP,
    ROAD,
  ],
  ["is not delivered by a pass outward", [...underWay, AT_SHOP, pass(55, SHOP, "out"), ...HOME], SHOP, ROAD],
  // passes at the origin
  [
    "stays aboard when it passes the gate outward after it was booked as loaded",
    [created, loaded, pass(12, HUB, "out"), truck(20, "departed", HUB), AT_SHOP],
    SHOP,
    { status: "arrived", vehicleId: 9 },
  ],
  [
    "stays aboard when the origin's gate reads it after its truck has left, by a clock that is fast",
    [...underWay, pass(20.7, HUB, "in")],
    SHOP,
    ROAD,
  ],
  [
    "stays aboard when the origin's reader hears it once its truck has left",
    [...underWay, seen(21, HUB, "in")],
    SHOP,
    ROAD,
  ],
  [
    "is an exception when it goes in at the origin long after its truck has left",
    [...underWay, pass(40, HUB, "in")],
    SHOP,
    { status: "exception" },
  ],
  // a reader aboard
  [
    "is aboard by a reader on the vehicle that hears it before and after the departure",
    [created, readOnVehicle(5, "seen"), truck(20, "departed", HUB)],
    SHOP,
    ROAD,
  ],
  [
    "arrives by that reader alone",
    [created, readOnVehicle(5, "seen"), truck(20, "departed", HUB), AT_SHOP],
    SHOP,
    { status: "arrived", vehicleId: 9 },
  ],
  [
    "is not aboard when the reader heard it last before the departure",
    [created, readOnVehicle(5, "seen"), truck(20, "departed", HUB), readOnVehicle(20, "gone")],
    SHOP,
    { status: "in_storage", locationId: HUB, vehicleId: null },
  ],
  [
    "is not aboard while the vehicle stands beside it",
    [created, readOnVehicle(5, "seen")],
    SHOP,
    { status: "in_storage", vehicleId: null },
  ],
  [
    "is delivered when the reader no longer hears it at the destination",
    [created, readOnVehicle(5, "seen"), truck(20, "departed", HUB), AT_SHOP, readOnVehicle(55, "gone")],
    SHOP,
    DELIVERED,
  ],
  [
    "is not put down by a reader that fails on the road",
    [
      created,
      readOnVehicle(5, "seen"),
      truck(20, "departed", HUB),
      readOnVehicle(30, "gone"),
      truck(40, "arrived", HUB_2),
      truck(45, "departed", HUB_2),
    ],
    SHOP,
    ROAD,
  ],
  [
    "is left at the warehouse where the reader heard it last",
    [
      created,
      readOnVehicle(5, "seen"),
      truck(20, "departed", HUB),
      truck(40, "arrived", HUB_2),
      readOnVehicle(44, "gone"),
      truck(50, "departed", HUB_2),
    ],
    SHOP,
    { status: "in_storage", locationId: HUB_2, vehicleId: null },
  ],
  // scanners
  [
    "is put down where the driver's scanner is",
    [
      created,
      scan(10, "load", { vehicleId: 9 }),
      truck(20, "departed", HUB),
      AT_SHOP,
      scan(55, "unload", { vehicleId: 9 }),
      ...HOME,
    ],
    SHOP,
    { status: "arrived", locationId: SHOP, vehicleId: null },
  ],
  [
    "is delivered by the driver's scanner in the shop's yard",
    [...underWay, AT_SHOP, scan(55, "deliver", { vehicleId: 9 })],
    SHOP,
    DELIVERED,
  ],
  [
    "is an exception when the driver's scanner delivers it at the wrong shop",
    [...underWay, truck(50, "arrived", SHOP_2), scan(55, "deliver", { vehicleId: 9 })],
    SHOP,
    { status: "exception", locationId: SHOP_2, vehicleId: null },
  ],
  [
    "is an exception when it is unloaded in the street",
    [...underWay, scan(30, "unload", { vehicleId: 9 })],
    SHOP,
    { status: "exception", locationId: null, vehicleId: null },
  ],
  [
    "is loaded by a driver's scanner where the vehicle is",
    [created, truck(5, "arrived", HUB_2), scan(10, "load", { vehicleId: 9 })],
    SHOP,
    { status: "in_storage", locationId: HUB_2, vehicleId: 9 },
  ],
  [
    "is delivered by the shop's own scanner",
    [...underWay, AT_SHOP, scan(55, "deliver", { locationId: SHOP })],
    SHOP,
    DELIVERED,
  ],
  [
    "is where somebody counts it",
    [created, scan(10, "count", { locationId: HUB_2 })],
    SHOP,
    { status: "in_storage", locationId: HUB_2 },
  ],
];
