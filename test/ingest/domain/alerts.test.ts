import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Assessment,
  type Condition,
  highLevel,
  lowLevel,
  nextCondition,
} from "../../../ingest/domain/alert/condition.ts";
import { type AlertedDevice, assessDevice } from "../../../ingest/domain/alert/device.ts";
import { openings } from "../../../ingest/domain/alert/dry-run.ts";
import { type AlertedFact, nextEvents } from "../../../ingest/domain/alert/events.ts";
import { notifies } from "../../../ingest/domain/alert/notifies.ts";
import { type AlertRule, type AlertType, ALERT_TYPES, DEFAULT_PARAMS } from "../../../ingest/domain/alert/rule.ts";
import { type AlertedStock, assessStock } from "../../../ingest/domain/alert/stock.ts";
import { assessDwell, assessSpeed, crossingsOf, harshDrivingOf } from "../../../ingest/domain/alert/vehicle.ts";

const SECOND = 1_000;

function ruleOf(type: AlertType, params: object = {}, locations?: number[]): AlertRule {
  const locationIds = locations === undefined ? null : new Set(locations);
  const base = { id: 1, version: 1, severity: "warning", locationIds, createdAt: 0 };
  return { ...base, type, params: { ...DEFAULT_PARAMS[type], ...params } } as AlertRule;
}

function stockOf(quantity: number, more: Partial<AlertedStock> = {}): AlertedStock {
  const levels = { quantity, available: quantity, projected: quantity, reorderPoint: 10 };
  const times = { measuredAt: 0, changedAt: 0 };
  return { id: 7, locationId: 3, condition: "good", ...levels, ...times, late: false, count: null, ...more };
}

const assessed = (level: Assessment["level"], holdMs = 0): Assessment => ({
  ...{ level, holdMs, since: 0, knownSince: Number.POSITIVE_INFINITY },
  ...{ detail: {}, late: false },
});

test.each([
  // quantity, reorder point, low_stock, out_of_stock
  [11, 10, "between", "clear"],
  [12, 10, "clear", "clear"],
  [10, 10, "raised", "clear"],
  [0, 10, "raised", "raised"],
  [110, 100, "between", "clear"],
  [111, 100, "clear", "clear"],
  [0, 0, undefined, "raised"],
])(
  "of %i pieces with a reorder point of %i, low_stock says %s and out_of_stock %s",
  (quantity, reorderPoint, low, out) => {
    const stock = stockOf(quantity, { reorderPoint });
    expect(assessStock(ruleOf("low_stock"), stock)?.level).toBe(low);
    expect(assessStock(ruleOf("out_of_stock"), stock)?.level).toBe(out);
  },
);

test("what nobody has measured, or is on hold, is never low; what is elsewhere is none of a rule's", () => {
  for (const stock of [stockOf(0, { measuredAt: null }), stockOf(0, { condition: "hold" })])
    for (const type of ["low_stock", "out_of_stock", "overstock"] as const)
      expect(assessStock(ruleOf(type), stock)).toBeUndefined();
  expect(assessStock(ruleOf("low_stock", {}, [4]), stockOf(0))).toBeUndefined();
  expect(assessStock(ruleOf("low_stock", {}, [3]), stockOf(0))?.level).toBe("raised");
  // What is on its way counts for the reorder point, and is nothing that can be sold.
  const ordered = stockOf(0, { projected: 40 });
  expect(assessStock(ruleOf("low_stock"), ordered)?.level).toBe("clear");
  expect(assessStock(ruleOf("out_of_stock"), ordered)?.level).toBe("raised");
  expect(assessStock(ruleOf("overstock"), stockOf(101))?.level).toBe("raised");
  expect(assessStock(ruleOf("overstock"), stockOf(95))?.level).toBe("between");
});

const device: AlertedDevice = {
  ...{ id: "d", isActive: true, locationId: 3, vehicleId: null, intervalSeconds: 10, lastReceivedAt: 1_000_000 },
  ...{ silentMs: 0, battery: null, behindMs: null },
};

test("a device is silent after three of its intervals, its battery low, its clock ahead at once and behind after a while", () => {
  const silent = ruleOf("device_silent");
  expect(assessDevice(silent, { ...device, silentMs: 29_000 })).toMatchObject({ level: "clear", raisedInMs: 1_000 });
  expect(assessDevice(silent, { ...device, silentMs: 30_000 })).toMatchObject({ level: "raised", since: 1_030_000 });
  expect(assessDevice(silent, { ...device, silentMs: 99_000, intervalSeconds: null })).toBeUndefined();
  expect(assessDevice(silent, { ...device, silentMs: 99_000, isActive: false })).toBeUndefined();
  const battery = (level: number) => ({ ...device, battery: { level, at: 5, late: false } });
  const levels = [0.15, 0.18, 0.2, 0.21].map((level) => assessDevice(ruleOf("battery_low"), battery(level))?.level);
  expect(levels).toEqual(["raised", "between", "between", "clear"]);
  const clock = (behindMs: number) => assessDevice(ruleOf("clock_off"), { ...device, behindMs });
  expect(clock(-61 * SECOND)).toMatchObject({ level: "raised", holdMs: 0, detail: { direction: "ahead" } });
  expect(clock(61 * SECOND)).toMatchObject({ level: "raised", holdMs: 300 * SECOND, detail: { direction: "behind" } });
  expect([clock(45 * SECOND)?.level, clock(30 * SECOND)?.level]).toEqual(["between", "clear"]);
});

describe("hysteresis", () => {
  const level = fc.integer({ min: 0, max: 30 });

  test("any sequence of levels opens and resolves by turns, opens only at the limit, and resolves only beyond the margin", () => {
    fc.assert(
      fc.property(fc.array(level, { maxLength: 200 }), fc.integer({ min: 0, max: 5 }), (values, margin) => {
        let condition: Condition | undefined;
        let last: "open" | "resolve" = "resolve";
        for (const [at, value] of values.entries()) {
          const step = nextCondition(condition, assessed(lowLevel(value, 10, margin)), at);
          condition = step.condition;
          if (step.effect === undefined) continue;
          expect(step.effect).not.toBe(last);
          last = step.effect;
          if (step.effect === "open") expect(value).toBeLessThanOrEqual(10);
          else expect(value).toBeGreaterThan(10 + margin);
        }
      }),
    );
  });

  test("a level that moves about its limit by no more than the margin is one alert, however often it does", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: 1 }), { maxLength: 300 }), (noise) => {
        const moments = noise.map((by, at) => ({
          at: at * 60 * SECOND,
          assessment: { ...assessStock(ruleOf("low_stock"), stockOf(10 + by))!, knownSince: at * 60 * SECOND },
        }));
        expect(openings(moments, noise.length * 60 * SECOND).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("nothing opens before it has lasted for its hold without a break, and what has lasted does open", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 90 }), fc.boolean()), { minLength: 1 }), (steps) => {
        let at = 0;
        const moments = steps.map(([seconds, isLow]) => {
          at += seconds * SECOND;
          const level: Assessment["level"] = isLow ? "raised" : "clear";
          return { at, assessment: { ...assessed(level, 60 * SECOND), knownSince: at } };
        });
        const until = at + 1;
        const expected: number[] = [];
        for (let start = 0; start < moments.length; start += 1) {
          if (moments[start]!.assessment.level === "clear" || moments[start - 1]?.assessment.level === "raised")
            continue;
          const end = moments.slice(start).find(({ assessment }) => assessment.level === "clear")?.at ?? until;
          // At the very moment it is clear again, both readings are known.
          if (end - moments[start]!.at >= 60 * SECOND) expected.push(moments[start]!.at + 60 * SECOND);
        }
        expect(openings(moments, until)).toEqual(expected);
      }),
    );
  });

  test("a condition that a person has dealt with stays until it is clear; a clock that was set back makes no hold endless", () => {
    const raised = { since: 0, dueAt: null };
    expect(nextCondition(raised, assessed("raised"), 9)).toEqual({ condition: raised, effect: undefined });
    expect(nextCondition(raised, assessed("between"), 9)).toEqual({ condition: raised, effect: undefined });
    expect(nextCondition(raised, undefined, 9)).toEqual({ condition: undefined, effect: "resolve" });
    const held = nextCondition({ since: 0, dueAt: 3_600_000 }, assessed("raised", 60 * SECOND), 1_000);
    expect(held.condition?.dueAt).toBe(61_000);
    expect(highLevel(61, 60, 30)).toBe("raised");
  });
});

describe("what happens", () => {
  const rule = { createdAt: 100 };
  const fact = (id: number, more: Partial<AlertedFact> = {}): AlertedFact => ({
    ...{ id, at: id, recordedAt: 200, late: false, isWithdrawn: false, detail: {} },
    ...more,
  });

  test("each fact counts once, whatever is derived again, and one that was explained ends the alert", () => {
    expect(nextEvents(rule, undefined, [fact(1)])).toMatchObject({ effect: "open", lastFactId: 1 });
    const seen = { lastFactId: 1, isOpen: true };
    expect(nextEvents(rule, seen, [fact(1)])).toMatchObject({ effect: undefined, news: [] });
    expect(nextEvents(rule, seen, [fact(1), fact(2)])).toMatchObject({ effect: "again", lastFactId: 2 });
    expect(nextEvents(rule, seen, [fact(1, { isWithdrawn: true })]).effect).toBe("resolve");
    expect(nextEvents(rule, { ...seen, isOpen: false }, [fact(1), fact(2)]).effect).toBe("open");
    expect(nextEvents(rule, { ...seen, isOpen: false }, [fact(1, { isWithdrawn: true })]).effect).toBeUndefined();
    // What was recorded before there was the rule is no news.
    expect(nextEvents(rule, undefined, [fact(1, { recordedAt: 50 })]).effect).toBeUndefined();
  });

  test("a rule for geofences takes its places and its crossings; a dwell lasts from the last arrival", () => {
    const at = { ...fact(1), type: "arrived", locationId: 3 } as const;
    const left = { ...fact(2), type: "departed", locationId: 3 } as const;
    const truck = { id: 1, facts: [at, left], harsh: [], moving: null };
    expect(crossingsOf(ruleOf("geofence", { on: "departed" }), truck)).toEqual([left]);
    expect(crossingsOf(ruleOf("geofence", { on: "both" }, [4]), truck)).toEqual([]);
    expect(assessDwell(ruleOf("dwell"), truck)).toBeUndefined();
    expect(assessDwell(ruleOf("dwell"), { ...truck, facts: [at] })).toMatchObject({
      level: "raised",
      holdMs: 7_200_000,
    });
    expect(assessDwell(ruleOf("dwell"), { ...truck, facts: [at, { ...left, isWithdrawn: true }] })?.level).toBe(
      "raised",
    );
  });

  test("a vehicle is too fast above the rule's speed, and no longer below its margin; a rule of a yard is about the yard", () => {
    const at = { ...fact(1), type: "arrived", locationId: 3 } as const;
    const driving = (kmh: number, facts: readonly (typeof at)[] = []) => {
      const moving = { speed: kmh / 3.6, at: 5_000, receivedAt: 6_000, deviceId: "t1" };
      return { id: 1, facts, harsh: [], moving };
    };
    const rule = ruleOf("overspeed");
    expect([89, 91, 86, 85].map((kmh) => assessSpeed(rule, driving(kmh))?.level)).toEqual([
      "between",
      "raised",
      "between",
      "clear",
    ]);
    expect(assessSpeed(rule, driving(91))).toMatchObject({ since: 5_000, knownSince: 6_000, holdMs: 30_000 });
    expect(assessSpeed(rule, { ...driving(91), moving: null })).toBeUndefined();
    const yard = ruleOf("overspeed", { kmh: 15 }, [3]);
    expect(assessSpeed(yard, driving(20))).toBeUndefined();
    expect(assessSpeed(yard, driving(20, [at]))).toMatchObject({
      level: "raised",
      detail: { kmh: 20, location_id: 3 },
    });
  });

  test("a rule about harsh driving takes its manoeuvres, how hard they were, and its places", () => {
    const arrived = { ...fact(1, { at: 10 }), type: "arrived", locationId: 3 } as const;
    const harsh = [
      { ...fact(2, { at: 5 }), manoeuvre: "braking", g: 0.4 } as const,
      { ...fact(3, { at: 20 }), manoeuvre: "acceleration", g: null } as const,
    ];
    const truck = { id: 1, facts: [arrived], harsh, moving: null };
    const found = (params: object, places?: number[]) =>
      harshDrivingOf(ruleOf("harsh_driving", params, places), truck)?.map(({ id }) => id);
    expect(found({})).toEqual([2, 3]);
    expect(found({ on: "braking" })).toEqual([2]);
    // What the device did not measure counts whatever the limit.
    expect(found({ min_g: 0.5 })).toEqual([3]);
    expect(found({}, [3])).toEqual([3]);
    expect(harshDrivingOf(ruleOf("dwell"), truck)).toBeUndefined();
  });

  test("late data pages nobody for what is over, and pages for what is still true", () => {
    const quiet = ALERT_TYPES.filter((type) => !notifies(type, true));
    const risks = ["light", "off_route", "separation", "shipment_silent", "unscheduled_stop"];
    expect(quiet.toSorted()).toEqual(
      ["device_silent", "dwell", "geofence", "harsh_driving", "unexplained_removal", ...risks].toSorted(),
    );
    expect(ALERT_TYPES.every((type) => notifies(type, false))).toBe(true);
  });
});
