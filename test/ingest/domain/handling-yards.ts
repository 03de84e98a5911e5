import { AT_SHOP, type Case, DELIVERED, HOME, HUB_2, load, ROAD, scan, SHOP_2, startsTrip } from "./handling-facts.ts";
import { at, created, HUB, pass, PLANT, proof, readOnVehicle, SHOP, truck, underWay } from "./shipment-facts.ts";

/** Heard by the reader on truck 9 for a minute, and on. */
const lasting = (minute: number, vehicleId = 9) => ({
  ...at(minute, "seen", { locationId: null, vehicleId, direction: "in" }, "tag:x"),
  confidence: 0.88,
});
const gone = (last: number, after: number, since = 5, vehicleId = 9) =>
  at(after, "gone", { locationId: null, vehicleId, since: since * 60_000, last: last * 60_000 }, "tag:x");
const stops = (minute: number, since: number) =>
  at(
    minute,
    "trip",
    {
      since: since * 60_000,
      from: { lat: 48, lon: 11 },
      to: { lat: 48, lon: 11.1 },
      distanceM: 7_000,
    },
    "vehicle:9",
  );

/** How goods are handed over in real yards, by clocks and papers that are a little off. */
export const YARD_CASES: Case[] = [
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
  // a reader aboard that heard it last at the stop, and says so on the road
  [
    "is delivered when the reader aboard heard it last just before its truck left the destination",
    [
      created,
      readOnVehicle(5, "seen"),
      truck(20, "departed", HUB),
      AT_SHOP,
      truck(60, "departed", SHOP),
      gone(59.5, 60.5),
    ],
    SHOP,
    DELIVERED,
  ],
  [
    "is left at a warehouse on the way when the reader heard it last just before its truck left",
    [
      created,
      readOnVehicle(5, "seen"),
      truck(20, "departed", HUB),
      truck(40, "arrived", HUB_2),
      truck(45, "departed", HUB_2),
      gone(44.8, 46),
      AT_SHOP,
      truck(60, "departed", SHOP),
    ],
    SHOP,
    { status: "in_storage", locationId: HUB_2, vehicleId: null },
  ],
  [
    "rides on when the reader heard it for longer than its truck stood",
    [created, readOnVehicle(5, "seen"), truck(20, "departed", HUB), AT_SHOP, truck(60, "departed", SHOP), gone(61, 62)],
    SHOP,
    ROAD,
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
  // a reader that wakes with the engine
  [
    "is under way when a reader that woke on the road has heard it for a minute of the drive",
    [created, startsTrip(20, [HUB]), truck(20, "departed", HUB), readOnVehicle(21, "seen"), lasting(22.1)],
    SHOP,
    ROAD,
  ],
  [
    "is where it was when a reader that drives by has heard it for seconds",
    [created, startsTrip(20, [HUB]), truck(20, "departed", HUB), readOnVehicle(21, "seen")],
    SHOP,
    { status: "in_storage", locationId: HUB, vehicleId: null },
  ],
  [
    "is where it was when the reader of a truck that is parked outside hears it for minutes",
    [created, startsTrip(1, []), truck(2, "departed", SHOP_2), stops(15, 1), readOnVehicle(21, "seen"), lasting(22.1)],
    SHOP,
    { status: "in_storage", locationId: HUB, vehicleId: null },
  ],
  [
    "stays on its truck when the reader of another one beside it in a jam hears it for minutes",
    [
      ...underWay,
      at(15, "trip_started", { from: { lat: 48, lon: 11 }, locationIds: [] }, "vehicle:10"),
      truck(16, "departed", HUB_2, 10),
      at(30, "seen", { locationId: null, vehicleId: 10, direction: "in" }, "tag:x"),
      lasting(31.1, 10),
    ],
    SHOP,
    ROAD,
  ],
  [
    "is on the truck that drove off with it, though it was booked on another one",
    [created, readOnVehicle(5, "seen"), load(8, 10), truck(20, "departed", HUB), AT_SHOP, gone(55, 56)],
    SHOP,
    DELIVERED,
  ],
  // places in places
  [
    "rides home from a shop in a retail park that it entered a minute after the park",
    [
      ...underWay,
      truck(49, "arrived", SHOP_2),
      AT_SHOP,
      truck(50.9, "departed", SHOP),
      truck(52, "departed", SHOP_2),
      truck(90, "arrived", HUB),
    ],
    SHOP,
    ROAD,
  ],
  [
    "has arrived in the yard though it passed the gatehouse in it",
    [
      ...underWay,
      AT_SHOP,
      truck(50.2, "arrived", SHOP_2),
      truck(50.7, "departed", SHOP_2),
      scan(55, "unload", { vehicleId: 9 }),
    ],
    SHOP,
    { status: "arrived", locationId: SHOP, vehicleId: null },
  ],
  [
    "arrives next door when its truck leaves the plant and stands in the warehouse around it already",
    [
      at(0, "created", { stage: "production", locationId: PLANT }),
      truck(1, "arrived", PLANT),
      truck(1, "arrived", HUB_2),
      load(5),
      truck(11, "departed", PLANT),
    ],
    HUB_2,
    { status: "arrived", locationId: HUB_2, vehicleId: 9 },
  ],
  [
    "is delivered next door by the gate",
    [
      at(0, "created", { stage: "production", locationId: PLANT }),
      truck(1, "arrived", PLANT),
      truck(1, "arrived", HUB_2),
      load(5),
      truck(11, "departed", PLANT),
      pass(15, HUB_2, "in"),
    ],
    HUB_2,
    { status: "delivered", locationId: HUB_2, vehicleId: null },
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
];
