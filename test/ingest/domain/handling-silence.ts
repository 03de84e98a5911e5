import type { NewFact } from "../../../ingest/domain/fact.ts";
import { AT_SHOP, type Case, DELIVERED, HOME, HUB_2, load, ROAD, scan, SHOP_2 } from "./handling-facts.ts";
import {
  at,
  created,
  HUB,
  leaning,
  pass,
  proof,
  readOnVehicle,
  SHOP,
  truck,
  underWay,
  unloaded,
} from "./shipment-facts.ts";

/** The tracker was silent since a minute, and told at another that the vehicle had come. */
const cameUnseen = (from: number, to: number, locationId: number): NewFact =>
  at(to, "arrived", { locationId, between: { from: from * 60_000, to: to * 60_000 } }, "vehicle:9");
/** It came to the shop between 40 and 55. */
const AT_SHOP_UNSEEN = cameUnseen(40, 55, SHOP);

/** What happens to goods while the tracker of their vehicle is silent. */
export const SILENCE_CASES: Case[] = [
  [
    "is delivered by a pass inward while the tracker is silent that shows the arrival later",
    [...underWay, pass(48, SHOP, "in"), AT_SHOP_UNSEEN, ...HOME],
    SHOP,
    DELIVERED,
  ],
  [
    "is delivered so by a pass that leans inward",
    [...underWay, leaning(48, SHOP, "in"), AT_SHOP_UNSEEN, ...HOME],
    SHOP,
    DELIVERED,
  ],
  [
    "is delivered so by a gate whose clock is a minute behind",
    [...underWay, pass(39, SHOP, "in"), AT_SHOP_UNSEEN, ...HOME],
    SHOP,
    DELIVERED,
  ],
  [
    "is delivered at a warehouse so",
    [...underWay, pass(48, HUB_2, "in"), cameUnseen(40, 55, HUB_2), truck(60, "departed", HUB_2)],
    HUB_2,
    { status: "delivered", stage: "storage", locationId: HUB_2, vehicleId: null },
  ],
  [
    "is delivered when it is unloaded by a person and goes in meanwhile",
    [...underWay, unloaded(47, SHOP), pass(48, SHOP, "in"), AT_SHOP_UNSEEN, ...HOME],
    SHOP,
    DELIVERED,
  ],
  [
    "is an exception where it goes in at the wrong shop meanwhile",
    [...underWay, pass(48, SHOP_2, "in"), cameUnseen(40, 55, SHOP_2), truck(60, "departed", SHOP_2)],
    SHOP,
    { status: "exception", locationId: SHOP_2, vehicleId: null },
  ],
  [
    "has arrived only, by a pass long before the silence",
    [...underWay, pass(30, SHOP, "in"), AT_SHOP_UNSEEN],
    SHOP,
    { status: "arrived", locationId: SHOP, vehicleId: null },
  ],
  [
    "rides on when it is loaded again before the tracker is heard",
    [
      ...underWay,
      unloaded(46, HUB_2),
      load(50),
      cameUnseen(40, 55, HUB_2),
      truck(60, "departed", HUB_2),
      truck(80, "arrived", SHOP),
    ],
    SHOP,
    { status: "arrived", locationId: SHOP, vehicleId: 9 },
  ],
  [
    "waits on a vehicle that has come to its place unseen",
    [created, truck(2, "departed", SHOP), load(10), cameUnseen(5, 15, HUB)],
    SHOP,
    { status: "in_storage", locationId: HUB, vehicleId: 9 },
  ],
  [
    "is delivered by the shop's scanner meanwhile",
    [...underWay, scan(48, "deliver", { locationId: SHOP }), AT_SHOP_UNSEEN, ...HOME],
    SHOP,
    DELIVERED,
  ],
  [
    "is delivered once, when the arrival is told without a silence",
    [...underWay, AT_SHOP, pass(52, SHOP, "in"), proof(53), ...HOME],
    SHOP,
    DELIVERED,
  ],
  [
    "is unloaded by the driver's scanner at the place that its vehicle has come to unseen",
    [...underWay, scan(48, "unload", { vehicleId: 9 }), AT_SHOP_UNSEEN, ...HOME],
    SHOP,
    { status: "arrived", locationId: SHOP, vehicleId: null },
  ],
  [
    "is unloaded in the street when that was before the silence",
    [...underWay, scan(30, "unload", { vehicleId: 9 }), AT_SHOP_UNSEEN, ...HOME],
    SHOP,
    { status: "exception", locationId: null, vehicleId: null },
  ],
  [
    "rides home, whatever the shop's gate says, when the reader aboard hears it all the way",
    [
      ...[created, readOnVehicle(5, "seen"), truck(20, "departed", HUB), AT_SHOP, pass(55, SHOP, "in")],
      ...[...HOME, readOnVehicle(95, "gone")],
    ],
    SHOP,
    ROAD,
  ],
  [
    "stays delivered when the reader aboard was switched off at the shop, and nothing is known of it",
    [created, readOnVehicle(5, "seen"), truck(20, "departed", HUB), AT_SHOP, pass(55, SHOP, "in"), ...HOME],
    SHOP,
    DELIVERED,
  ],
  [
    "stays delivered when the reader aboard has heard it last at the shop",
    [
      ...[created, readOnVehicle(5, "seen"), truck(20, "departed", HUB), AT_SHOP, pass(55, SHOP, "in")],
      ...[readOnVehicle(57, "gone"), ...HOME],
    ],
    SHOP,
    DELIVERED,
  ],
  [
    "stays delivered once it is signed for, when its empty pallet is heard all the way home",
    [
      created,
      readOnVehicle(5, "seen"),
      truck(20, "departed", HUB),
      AT_SHOP,
      proof(55),
      ...HOME,
      readOnVehicle(95, "gone"),
    ],
    SHOP,
    DELIVERED,
  ],
];
