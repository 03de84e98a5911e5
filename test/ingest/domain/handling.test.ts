import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { foldShipment } from "../../../ingest/domain/shipment/shipment.ts";
import {
  readOnVehicle,
  at,
  created,
  HUB,
  loaded,
  pass,
  places,
  proof,
  seen,
  SHOP,
  truck,
  underWay,
  unloaded,
} from "./shipment-facts.ts";

/** A second shop and a second warehouse, with geofences. */
const SHOP_2 = 5;
const HUB_2 = 6;
const all = new Map([
  ...places,
  [SHOP_2, { id: SHOP_2, stage: "delivery" as const, hasGeofence: true }],
  [HUB_2, { id: HUB_2, stage: "storage" as const, hasGeofence: true }],
]);

const heard = (minute: number, locationId: number): NewFact =>
  at(minute, "heard", { locationId, portal: true, since: minute * 60_000, last: minute * 60_000, reads: 1 }, "tag:x");
const load = (minute: number, vehicleId = 9): NewFact => at(minute, "loaded", { vehicleId, locationId: null });
const startsTrip = (minute: number, locationIds: number[]): NewFact =>
  at(minute, "trip_started", { from: { lat: 48, lon: 11 }, locationIds }, "vehicle:9");
const scan = (
  minute: number,
  action: "load" | "unload" | "deliver" | "receive" | "count",
  where: { locationId?: number; vehicleId?: number },
): NewFact =>
  at(minute, "scanned", {
    action,
    code: "x",
    locationId: where.locationId ?? null,
    vehicleId: where.vehicleId ?? null,
  });
const by = (deviceId: string, fact: NewFact, lateSeconds = 0): NewFact => ({
  ...fact,
  deviceId,
  at: fact.at + lateSeconds * 1000,
  key: `${fact.key}:${deviceId}`,
});

function fold(facts: readonly NewFact[], destinationId: number | null = SHOP) {
  const folded = foldShipment(facts, { destinationId, places: all })!;
  const { status, stage, locationId, vehicleId } = folded.state;
  const events = folded.events.map(({ fact }) => fact);
  return { status, stage, locationId, vehicleId, events };
}

const AT_SHOP = truck(50, "arrived", SHOP);
const HOME = [truck(60, "departed", SHOP), truck(90, "arrived", HUB)];
const ROAD = { status: "out_for_delivery", stage: "transportation", locationId: null, vehicleId: 9 };
const DELIVERED = { status: "delivered", stage: "delivery", locationId: SHOP, vehicleId: null };

type Case = [title: string, facts: NewFact[], destinationId: number | null, expected: object];

const CASES: Case[] = [
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

describe("a shipment", () => {
  test.each(CASES)("%s", (_, facts, destinationId, expected) => {
    expect(fold(facts, destinationId)).toMatchObject(expected);
  });

  test.each(CASES)("%s, whatever the order its facts become known in", (_, facts, destinationId) => {
    const expected = fold(facts, destinationId);
    fc.assert(
      fc.property(fc.shuffledSubarray(facts, { minLength: facts.length }), (shuffled) => {
        expect(fold(shuffled, destinationId)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });
});

describe("several trackers on one vehicle", () => {
  const drive = [
    truck(20, "departed", HUB),
    truck(50, "arrived", SHOP),
    truck(60, "departed", SHOP),
    truck(90, "arrived", HUB),
  ];
  const both = [...drive.map((fact) => by("a", fact)), ...drive.map((fact) => by("b", fact, 7))];

  test("are one vehicle: each departure and arrival once", () => {
    const { events } = fold([created, loaded, ...both]);
    expect(events.filter(({ type }) => type === "departed" || type === "arrived").map(({ at }) => at / 60_000)).toEqual(
      [20, 50, 60, 90],
    );
  });

  test("fill each other's gaps", () => {
    const first = drive.slice(0, 2).map((fact) => by("a", fact));
    const second = drive.map((fact) => by("b", fact, 7));
    const { events } = fold([created, loaded, ...first, ...second]);
    expect(events.filter(({ type }) => type === "departed" || type === "arrived")).toHaveLength(4);
  });

  test("tell a passing that one of them saw as a stay as that stay", () => {
    const { events } = fold([created, loaded, ...both, by("b", truck(52, "passed", SHOP))]);
    expect(events.map(({ type }) => type)).not.toContain("passed");
  });
});

test("on adjoining fences the departure stands before the arrival", () => {
  const { events } = fold([created, loaded, truck(20.5, "departed", HUB), truck(20, "arrived", HUB_2)]);
  expect(events.map(({ type }) => type)).toEqual(["created", "loaded", "departed", "arrived"]);
});
