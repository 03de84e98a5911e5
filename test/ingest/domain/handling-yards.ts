import {
  AT_SHOP,
  type Case,
  DELIVERED,
  gone,
  HUB_2,
  lasting,
  load,
  ROAD,
  scan,
  SHOP_2,
  startsTrip,
  stops,
} from "./handling-facts.ts";
import { at, created, HUB, pass, PLANT, readOnVehicle, SHOP, truck, underWay } from "./shipment-facts.ts";

/** How goods are handed over in real yards, by readers and places that tell a little less than all. */
export const YARD_CASES: Case[] = [
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
  // a reader that wakes with the engine
  [
    "is under way when a reader that woke on the road has heard it for a minute of the drive",
    [created, startsTrip(20, [HUB]), truck(20, "departed", HUB), readOnVehicle(21.02, "seen"), lasting(22)],
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
];
