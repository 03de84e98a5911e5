import fc from "fast-check";
import { expect, test } from "vitest";
import { pointAt } from "../../../../ingest/domain/geo/geofence.ts";
import {
  endRisks,
  NO_RISK,
  type RiskContext,
  type RiskReading,
  type RiskState,
  silenceOf,
  stepRisks,
} from "../../../../ingest/domain/risks/risk-rule.ts";

const MINUTE = 60_000;
const START = { lat: 48.1, lon: 11.5 };
/** A road of 60 km to the east; within 500 m of its begin lies a geofence. */
const END = pointAt(START, 60_000, 0);
const ROUTE = {
  line: [
    [START.lon, START.lat],
    [END.lon, END.lat],
  ] as [number, number][],
  widthM: 1_000,
};

const contextOf = (more: Partial<RiskContext> = {}): RiskContext => ({
  corridor: ROUTE,
  hasOwnTracker: true,
  isAway: ({ lon }) => lon > pointAt(START, 500, 0).lon,
  ...more,
});
/** metres east and north of the begin */
const fix = (minute: number, east: number, north = 0, of: RiskReading["of"] = "goods"): RiskReading => ({
  ...{ ts: minute * MINUTE, seq: -1, deviceId: of, of },
  position: pointAt(START, east, north),
});
const lux = (minute: number, value: number): RiskReading => ({
  ...{ ts: minute * MINUTE, seq: -1, deviceId: "goods", of: "goods", lux: value },
});

function follow(readings: readonly RiskReading[], context = contextOf()): { told: string[]; state: RiskState } {
  let state = NO_RISK;
  const told: string[] = [];
  for (const reading of readings) {
    const step = stepRisks(state, reading, context);
    state = step.state;
    for (const { type, kind, since, at } of step.found)
      told.push(`${type} ${kind} ${at / MINUTE} since ${since / MINUTE}`);
  }
  return { told, state };
}

/** A drive with a fix in every two minutes, 1.5 km each. */
const drive = (from: number, to: number, north: (minute: number) => number = () => 0) =>
  Array.from({ length: (to - from) / 2 + 1 }, (_, at) =>
    fix(from + 2 * at, (from + 2 * at) * 750, north(from + 2 * at)),
  );

test.each<[string, RiskReading[], string[]]>([
  ["a drive along the route", drive(0, 60), []],
  [
    "off the route with the second fix in a row; back on it only well within its width",
    drive(0, 40, (minute) => (minute < 10 || minute > 30 ? 0 : minute > 20 ? 900 : 1_500)),
    ["risk off_route 12 since 10", "risk_over off_route 32 since 10"],
  ],
  ["one fix off the route is noise", drive(0, 40, (minute) => (minute === 10 ? 5_000 : 0)), []],
  [
    "a stop of more than 10 min away from every geofence",
    [...drive(0, 10), ...[12, 14, 16, 18, 20, 22].map((minute) => fix(minute, 9_000 + minute)), ...drive(24, 30)],
    ["risk unscheduled_stop 22 since 12", "risk_over unscheduled_stop 24 since 12"],
  ],
  ["a stop within a geofence is none", [0, 5, 10, 14, 20, 30].map((minute) => fix(minute, 100)), []],
  [
    "one fix away from a stop does not end it",
    [0, 5, 10, 12, 14, 16, 18].map((minute) => fix(minute, minute === 12 ? 9_400 : 9_000)),
    ["risk unscheduled_stop 10 since 0"],
  ],
  [
    "silence on the way, told by the next reading",
    [...drive(0, 10), ...drive(32, 40)],
    ["risk shipment_silent 25 since 10", "risk_over shipment_silent 32 since 10"],
  ],
  ["silence within a geofence is none", [fix(0, 100), fix(40, 100)], []],
  [
    "light on the way; none at a geofence",
    [
      lux(0, 900),
      fix(1, 100),
      lux(2, 900),
      lux(3, 0),
      ...drive(4, 10),
      lux(11, 25),
      lux(12, 15),
      lux(13, 5),
      fix(14, 9_500),
    ],
    ["risk light 11 since 11", "risk_over light 13 since 11"],
  ],
])("%s", (_, readings, told) => {
  expect(follow(readings).told).toEqual(told);
});

test("goods and vehicle are compared where both were at the same time, between the vehicle's fixes", () => {
  const both = (minute: number, apartM: number) => [
    fix(minute, minute * 1_000 - apartM),
    fix(minute + 0.5, (minute + 0.5) * 1_000, 0, "vehicle"),
  ];
  const together = Array.from({ length: 10 }, (_, minute) => both(minute, 0)).flat();
  expect(follow(together, contextOf({ corridor: undefined })).told).toEqual([]);
  const apart = Array.from({ length: 12 }, (_, minute) => both(minute, minute < 4 ? 0 : minute < 8 ? 700 : 100)).flat();
  expect(follow(apart, contextOf({ corridor: undefined })).told).toEqual([
    "risk separation 5 since 4",
    "risk_over separation 8 since 4",
  ]);
  // The vehicle is not heard for three minutes: nobody knows how far it is.
  const unheard = [fix(0, 0, 0, "vehicle"), fix(1, 0), fix(2, 0), fix(3, 9_000, 0, "vehicle")];
  expect(follow(unheard, contextOf({ corridor: undefined })).told).toEqual([]);
});

test("without a tracker of its own the vehicle's fixes are those of the goods", () => {
  const readings = drive(0, 40, (minute) => (minute < 10 ? 0 : 1_500)).map((each) => ({
    ...each,
    of: "vehicle" as const,
  }));
  expect(follow(readings, contextOf({ hasOwnTracker: false })).told).toEqual(["risk off_route 12 since 10"]);
  expect(follow(readings, contextOf()).told).toEqual([]);
});

test("a silence that goes on is told once it is long enough, and what goes on ends when the goods leave the vehicle", () => {
  const { state } = follow(drive(0, 10));
  expect(silenceOf(state, 14 * MINUTE)).toBeUndefined();
  expect(silenceOf(state, 16 * MINUTE)).toMatchObject({ kind: "shipment_silent", since: 10 * MINUTE, at: 25 * MINUTE });
  expect(silenceOf(follow([fix(0, 100)]).state, 16 * MINUTE)).toBeUndefined();
  const off = follow(drive(0, 20, () => 2_000)).state;
  expect(endRisks(off, 21 * MINUTE)).toMatchObject([
    { type: "risk_over", kind: "off_route", since: 0, at: 21 * MINUTE },
  ]);
});

test("risks of one kind begin and end by turns, whatever is read", () => {
  const any = fc
    .array(
      fc.record({
        minutes: fc.integer({ min: 0, max: 30 }),
        east: fc.integer({ min: 0, max: 3_000 }),
        north: fc.constantFrom(0, 900, 1_500),
        of: fc.constantFrom("goods" as const, "vehicle" as const),
        lux: fc.option(fc.constantFrom(0, 15, 500), { nil: undefined }),
      }),
      { maxLength: 80 },
    )
    .map((steps) => {
      let minute = 0;
      return steps.map(({ minutes, east, north, of, lux: value }) => ({
        ...fix((minute += minutes), east, north, of),
        lux: value,
      }));
    });
  fc.assert(
    fc.property(any, (readings) => {
      const open = new Set<string>();
      for (const line of follow(readings as RiskReading[]).told) {
        const [type, kind] = line.split(" ") as [string, string];
        expect(open.has(kind)).toBe(type === "risk_over");
        if (type === "risk") open.add(kind);
        else open.delete(kind);
      }
    }),
  );
});
