import type { NewFact } from "../../../../ingest/domain/fact.ts";
import type { TripPlan } from "../../../../ingest/domain/trip/plan.ts";
import type { ActualTrip, Neighbours, StopState } from "../../../../ingest/domain/trip/trip.ts";
import { HUB, PLANT, SHOP, truck, VILLAGE } from "../shipment-facts.ts";
import { DOCK, MARKET, NEXT, plan, rest, ROUND, stay, reportedBy, YARD } from "./trip-facts.ts";

const minutes = (stop: [StopState, number | null, number | null]) => {
  const [state, arrived, departed] = stop;
  const ms = (minute: number | null) => (minute === null ? null : minute * 60_000);
  return { state, arrivedAt: ms(arrived), departedAt: ms(departed) };
};
const actual = (
  status: ActualTrip["status"],
  stops: [StopState, number | null, number | null][],
  unplanned: [number | null, number, number | null][] = [],
): object => ({
  status,
  stops: stops.map(minutes),
  unplanned: unplanned.map(([locationId, from, to]) => ({
    locationId,
    point: locationId === null ? { lat: 1, lon: 2 } : null,
    arrivedAt: from * 60_000,
    departedAt: to === null ? null : to * 60_000,
  })),
});

const onTime = [...stay(HUB, 700, 1010), ...stay(SHOP, 1065, 1075), ...stay(MARKET, 1105, 1115), ...stay(HUB, 1170)];
const expected = ["expected", null, null] as [StopState, null, null];
const skipped = ["skipped", null, null] as [StopState, null, null];

export type Scenario = [name: string, trip: TripPlan, neighbours: Neighbours, facts: NewFact[], expected: object];

export const TRIP_SCENARIOS: Scenario[] = [
  ["nothing is known", ROUND, {}, [], actual("planned", [expected, expected, expected, expected])],
  [
    "it stands at the first stop since long before",
    ROUND,
    {},
    stay(HUB, 700),
    actual("planned", [["there", 700, null], expected, expected, expected]),
  ],
  [
    "it has left the first stop",
    ROUND,
    {},
    stay(HUB, 700, 1010),
    actual("under_way", [["left", 700, 1010], expected, expected, expected]),
  ],
  [
    "it has come back to where it began",
    ROUND,
    {},
    onTime,
    actual("completed", [
      ["left", 700, 1010],
      ["left", 1065, 1075],
      ["left", 1105, 1115],
      ["there", 1170, null],
    ]),
  ],
  [
    "a stop is skipped once it is at a later one",
    ROUND,
    {},
    [...stay(HUB, 700, 1010), ...stay(MARKET, 1105)],
    actual("under_way", [["left", 700, 1010], skipped, ["there", 1105, null], expected]),
  ],
  [
    "it drives through a stop",
    ROUND,
    {},
    [...stay(HUB, 700, 1010), truck(1070, "passed", SHOP), ...stay(MARKET, 1105, 1110)],
    actual("under_way", [["left", 700, 1010], ["passed", 1070, 1070], ["left", 1105, 1110], expected]),
  ],
  [
    "it passes a later stop on the way to an earlier one",
    ROUND,
    {},
    [...stay(HUB, 700, 1010), truck(1040, "passed", MARKET), ...stay(SHOP, 1065, 1075), ...stay(MARKET, 1105, 1110)],
    actual("under_way", [["left", 700, 1010], ["left", 1065, 1075], ["left", 1105, 1110], expected]),
  ],
  [
    "of two stays at the first stop the later one counts",
    ROUND,
    {},
    [...stay(HUB, 700, 1001), ...stay(HUB, 1012, 1020), ...stay(SHOP, 1065)],
    actual("under_way", [["left", 1012, 1020], ["there", 1065, null], expected, expected]),
  ],
  [
    "an errand long before the window is not the beginning",
    ROUND,
    {},
    [...stay(HUB, 600, 800), ...stay(PLANT, 820, 860), ...stay(HUB, 900)],
    actual("planned", [["there", 900, null], expected, expected, expected]),
  ],
  [
    "a late trip runs into the time of the next one, and its last stops are its own",
    plan(1, [HUB, 1000, 1010], [SHOP, 1020, 1030], [HUB, 1040, 1050]),
    { next: plan(2, [HUB, 1060, 1070], [SHOP, 1080, 1090], [HUB, 1100, 1110]) },
    [...stay(HUB, 900, 1050), ...stay(SHOP, 1082, 1086), ...stay(HUB, 1098)],
    actual("completed", [
      ["left", 900, 1050],
      ["left", 1082, 1086],
      ["there", 1098, null],
    ]),
  ],
  [
    "the next trip is not begun by the late one before it",
    plan(2, [HUB, 1060, 1070], [SHOP, 1080, 1090], [HUB, 1100, 1110]),
    { previous: plan(1, [HUB, 1000, 1010], [SHOP, 1020, 1030], [HUB, 1040, 1050]) },
    [...stay(HUB, 900, 1050), ...stay(SHOP, 1082, 1086), ...stay(HUB, 1098)],
    actual("planned", [["there", 1098, null], expected, expected]),
  ],
  [
    "one stay ends a trip and begins the next one",
    NEXT,
    { previous: ROUND },
    [...onTime.slice(0, -1), ...stay(HUB, 1170, 1220), ...stay(SHOP, 1265)],
    actual("under_way", [["left", 1170, 1220], ["there", 1265, null], expected]),
  ],
  [
    "what it has not done is skipped once it is on its next trip",
    ROUND,
    { next: NEXT },
    [
      ...stay(HUB, 700, 1010),
      ...stay(SHOP, 1065, 1075),
      ...stay(PLANT, 1120, 1150),
      ...stay(HUB, 1205, 1225),
      ...stay(SHOP, 1265),
    ],
    actual(
      "completed",
      [["left", 700, 1010], ["left", 1065, 1075], skipped, ["left", 1205, 1225]],
      [[PLANT, 1120, 1150]],
    ),
  ],
  [
    "it stands for ten minutes at a place that nobody planned, and drives through another",
    ROUND,
    {},
    [...stay(HUB, 700, 1010), ...stay(PLANT, 1030, 1040), ...stay(YARD, 1050, 1052), ...stay(SHOP, 1065)],
    actual("under_way", [["left", 700, 1010], ["there", 1065, null], expected, expected], [[PLANT, 1030, 1040]]),
  ],
  [
    "it rests in the street, and in a traffic jam of three minutes",
    ROUND,
    {},
    [...stay(HUB, 700, 1010), ...rest(1020, 1040), ...rest(1050, 1053), ...stay(SHOP, 1065)],
    actual("under_way", [["left", 700, 1010], ["there", 1065, null], expected, expected], [[null, 1020, 1040]]),
  ],
  [
    "where it rests within a place is no stop in the street",
    ROUND,
    {},
    [...stay(HUB, 700, 1010), ...stay(SHOP, 1065, 1085), ...rest(1066, 1084)],
    actual("under_way", [["left", 700, 1010], ["left", 1065, 1085], expected, expected]),
  ],
  [
    "it stands at a place that nobody planned, and its drive has ended there",
    ROUND,
    {},
    [...stay(HUB, 700, 1010), ...stay(PLANT, 1030), ...rest(1031, undefined)],
    actual("under_way", [["left", 700, 1010], expected, expected, expected], [[PLANT, 1030, null]]),
  ],
  [
    "a dock without a geofence is seen in the geofence around it; the yard within it is no other place",
    plan(1, [DOCK, 1000, 1030], [SHOP, 1060, 1080]),
    {},
    [...stay(HUB, 990, 1010), ...stay(YARD, 992, 1008), ...stay(SHOP, 1065)],
    actual("completed", [
      ["left", 990, 1010],
      ["there", 1065, null],
    ]),
  ],
  [
    "two docks of one yard are one visit",
    plan(1, [DOCK, 1000, 1010], [HUB, 1010, 1020], [SHOP, 1060, 1080]),
    {},
    [...stay(HUB, 995, 1018), ...stay(SHOP, 1065, 1070)],
    actual("completed", [
      ["left", 995, 1018],
      ["left", 995, 1018],
      ["left", 1065, 1070],
    ]),
  ],
  [
    "of a place without a geofence nothing is seen",
    plan(1, [HUB, 1000, 1030], [VILLAGE, 1060, 1080], [SHOP, 1100, 1120]),
    {},
    [...stay(HUB, 995, 1018), ...stay(SHOP, 1105, 1120)],
    actual("completed", [
      ["left", 995, 1018],
      ["unseen", null, null],
      ["left", 1105, 1120],
    ]),
  ],
  [
    "a trip of one stop is completed when that is left",
    plan(1, [SHOP, 1000, 1030]),
    {},
    stay(SHOP, 1005, 1020),
    actual("completed", [["left", 1005, 1020]]),
  ],
  [
    "a trip of one stop, at it",
    plan(1, [SHOP, 1000, 1030]),
    {},
    stay(SHOP, 1005),
    actual("under_way", [["there", 1005, null]]),
  ],
  [
    "two trackers tell of it, some seconds apart",
    ROUND,
    {},
    [...reportedBy("a", onTime), ...reportedBy("b", onTime.slice(0, 5), 20_000)],
    actual("completed", [
      ["left", 700, 1010],
      ["left", 1065, 1075],
      ["left", 1105, 1115],
      ["there", 1170, null],
    ]),
  ],
];
