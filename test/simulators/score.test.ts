import { describe, expect, test } from "vitest";
import { scoreShelfHistory } from "../../simulators/score/shelf-history.ts";
import { createShelfEvaluator } from "../../simulators/score/shelf-score.ts";
import {
  scoreCrossings,
  scoreShipments,
  type ReportedEvent,
  type ReportedShipment,
} from "../../simulators/score/shipment-score.ts";
import { createAlertEvaluator } from "../../simulators/score/alert-score.ts";
import { scoreConditions } from "../../simulators/score/conditions-score.ts";
import { scorePromises } from "../../simulators/score/eta-score.ts";
import { scoreBottlenecks } from "../../simulators/score/bottleneck-score.ts";
import { scoreRestock } from "../../simulators/score/restock-score.ts";
import { scoreVerification } from "../../simulators/score/verification-score.ts";
import { shortfalls } from "../../simulators/score/score.ts";
import { createGroundTruth, latestAt, type PalletTruth } from "../../simulators/score/ground-truth.ts";
import { scoreHandling } from "../../simulators/score/handling-score.ts";
import { HANDLING_KINDS } from "../../simulators/world/handling.ts";
import { SITES } from "../../simulators/world/sites.ts";
import { createWorld } from "../../simulators/world/world.ts";

const START = Date.UTC(2026, 4, 4, 6);
const END = START + 90 * 60_000;

const HANDLING_OPTIONS = {
  endMs: END,
  placeOf: (id: number) => SITES[id]?.name,
  shownDeliveredTooEarly: new Set<number>(),
};

/** The ground truth of a world, and the events of a platform that is correct but `lateS` seconds late. */
function reported(lateS = 0) {
  const world = createWorld({ seed: 3, startMs: START, trucks: 20, shelves: 4, probes: 0, gates: 13 });
  const truth = createGroundTruth(world.shelves, START);
  for (const event of world.advance(END)) truth.record(event);
  const vehicleIds = new Map(world.trucks.map(({ name }, index) => [name, index + 1]));
  const crossingIds = new Map(
    truth.crossings.map(({ truck, at, type, site }, index) => [`${truck} ${at} ${type} ${site}`, index + 1]),
  );
  const shown = [...truth.pallets.values()].map((known, index) => ({
    id: index + 1,
    truth: known,
    shown: endOf(known),
    events: [
      ...known.stageChanges.map(({ at, stage = "delivery", statuses, cause }, change): ReportedEvent => {
        return {
          id: 1_000_000 + index * 100 + change,
          at: new Date(at + lateS * 1000).toISOString(),
          type: { departed: "unknown", arrived: "unknown" }[cause as string] ?? cause,
          ...{ stage, status: statuses[0]!, rule: "test", vehicle_id: null, location_id: null },
        };
      }),
      ...known.crossings.map((crossing): ReportedEvent => {
        const { at, type, truck, site } = crossing;
        const { stage = "delivery", statuses = ["unknown"] } = latestAt(known.stageChanges, at) ?? {};
        return {
          id: crossingIds.get(`${truck} ${at} ${type} ${site}`)!,
          at: new Date(at + lateS * 1000).toISOString(),
          ...{ type, stage, status: statuses[0]!, rule: "test" },
          ...{ vehicle_id: vehicleIds.get(truck) ?? null, location_id: SITES.findIndex(({ name }) => name === site) },
        };
      }),
    ].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)),
  }));
  const truckOf = (id: number) => [...vehicleIds].find(([, known]) => known === id)?.[0];
  return { truth, shown, truckOf, world };
}

function endOf({ stageChanges }: PalletTruth): ReportedShipment["shown"] {
  const last = stageChanges.at(-1);
  return last && { stage: last.stage ?? "delivery", status: last.statuses[0]!, place: last.site };
}

function scoreOf({ truth, shown, truckOf }: ReturnType<typeof reported>) {
  const shelves = createShelfEvaluator(
    (number) => truth.shelf(number),
    () => 0,
  ).result([]);
  const shipments = scoreShipments(shown, END);
  return {
    seed: 3,
    shipments,
    shownDeliveredTooEarly: [],
    handling: scoreHandling(shown, HANDLING_OPTIONS),
    crossings: scoreCrossings(shown, truth, truckOf, END),
    shelves,
    shelfHistory: scoreShelfHistory([], END),
    alerts: createAlertEvaluator(
      () => [],
      () => 0,
      () => ({ pieces: 0, times: 0 }),
    ).result(0),
    restock: scoreRestock([], []),
    conditions: scoreConditions([], END),
    verification: scoreVerification([]),
    promises: scorePromises([], new Map()),
    bottleneck: scoreBottlenecks(undefined, [], () => undefined),
    waitedMs: 0,
    settled: true,
  };
}

test("a correct platform passes, also one minute late", () => {
  const right = scoreOf(reported());
  expect(right.shipments.shipments).toBeGreaterThan(20);
  expect(right.crossings.real).toBeGreaterThan(20);
  expect(right.shipments.stageShare).toBe(1);
  expect(shortfalls(right)).toEqual([]);
  expect(shortfalls(scoreOf(reported(60)))).toEqual([]);
});

test("a platform five minutes late fails in stages and crossings", () => {
  const late = scoreOf(reported(300));
  expect(late.shipments.stageShare).toBeLessThan(0.9);
  expect(shortfalls(late).join()).toMatch(/stage right.*reported crossings.*crossings that were reported/);
});

test("unreported departures are counted as missed, by cause", () => {
  const platform = reported();
  const mute = platform.shown.map((one) => ({
    ...one,
    events: one.events.filter(({ type, stage }) => type !== "departed" && stage !== "transportation"),
  }));
  const score = scoreOf({ ...platform, shown: mute });
  expect(score.shipments.stageChanges["departed"]?.right).toBe(0);
  expect(score.shipments.stageChanges["departed"]?.missed).toBeGreaterThan(20);
  expect(score.shipments.minutes["transportation"]?.["transportation"]).toBeUndefined();
  expect(score.crossings.recall).toBeLessThan(0.6);
});

describe("each way of handling is held to the truth", () => {
  const scoreHandlingOf = (change: (event: ReportedEvent) => ReportedEvent[]) => {
    const { shown } = reported();
    const changed = shown.map((one) => ({ ...one, events: one.events.flatMap(change) }));
    return scoreHandling(changed, HANDLING_OPTIONS);
  };
  const sums = ({ kinds }: ReturnType<typeof scoreHandling>) => {
    const sum = { crossings: 0, missing: 0, tooMany: 0, wrongPlace: 0 };
    for (const { crossings, missing, tooMany, wrongPlace } of Object.values(kinds)) {
      sum.crossings += crossings;
      sum.missing += missing;
      sum.tooMany += tooMany;
      sum.wrongPlace += wrongPlace;
    }
    return sum;
  };
  const isCrossing = ({ type }: ReportedEvent) => type === "departed" || type === "arrived";

  test("what is reported right is right, in every kind", () => {
    const score = scoreHandlingOf((event) => [event]);
    expect(new Set(Object.keys(score.kinds))).toEqual(new Set(HANDLING_KINDS));
    for (const kind of Object.values(score.kinds)) {
      expect(kind).toMatchObject({ right: kind.minutes, wrongAtEnd: 0, falselyDelivered: 0 });
      expect(kind.shipments).toBeGreaterThan(0);
    }
    expect(sums(score)).toMatchObject({ missing: 0, tooMany: 0, wrongPlace: 0 });
    expect(score.findings).toEqual([]);
  });

  test("departures and arrivals that are not reported, reported twice, or of another place", () => {
    const { crossings } = sums(scoreHandlingOf((event) => [event]));
    expect(crossings).toBeGreaterThan(100);
    expect(sums(scoreHandlingOf((event) => (isCrossing(event) ? [] : [event])))).toMatchObject({ missing: crossings });
    const twice = sums(scoreHandlingOf((event) => (isCrossing(event) ? [event, event] : [event])));
    expect(twice.tooMany).toBeGreaterThanOrEqual(crossings);
    const nowhere = sums(scoreHandlingOf((event) => [{ ...event, location_id: null }]));
    expect(nowhere.wrongPlace).toBeGreaterThanOrEqual(crossings);
    expect(nowhere).toMatchObject({ missing: 0, tooMany: 0 });
  });

  test("a status that does not fit the stage is wrong as well", () => {
    const { kinds } = scoreHandlingOf((event) => [{ ...event, status: "arrived" }]);
    for (const { minutes, right } of Object.values(kinds)) expect(right).toBeLessThan(minutes);
  });

  test("limits are missed by one kind alone", () => {
    const right = scoreOf(reported());
    const scanner = { ...right.handling.kinds.scanner!, right: 0, tooMany: 1 };
    const score = { ...right, handling: { ...right.handling, kinds: { ...right.handling.kinds, scanner } } };
    expect(shortfalls(score).join()).toMatch(/stage right, scanner: 0.000 %.*departures and arrivals too many: 1/);
  });
});

test("a delivery shown while the goods are on the road is a finding", () => {
  const platform = reported();
  const early = platform.shown.map((one) => ({
    ...one,
    events: one.events.map((event) => ({ ...event, status: event.type === "departed" ? "delivered" : event.status })),
  }));
  const { falselyDelivered, findings } = scoreShipments(early, END);
  expect(falselyDelivered).toBeGreaterThan(10);
  expect(findings.some(({ what }) => /^delivered by test .*, truly not$/.test(what))).toBe(true);
});

test("a shipment whose final stage contradicts its events is wrong at the end", () => {
  const { shown } = reported();
  const stale = shown.map((one, index) =>
    index === 3 ? { ...one, shown: { ...one.shown!, stage: "unknown" as never } } : one,
  );
  expect(scoreShipments(stale, END)).toMatchObject({ stageShare: 1, wrongAtEnd: 1 });
});

test("a score is not valid while the platform is still processing", () => {
  expect(shortfalls({ ...scoreOf(reported()), settled: false }).join()).toMatch(/still processing/);
});

test("a crossing reported for another truck counts as false", () => {
  const { shown, truth } = reported();
  const score = scoreCrossings(shown, truth, () => "Truck 99", END);
  expect(score.precision).toBe(0);
  expect(score.findings[0]).toMatch(/^Truck 99 \w+ .*: did not happen$/);
});

test("a late shipment counts when it is alerted before its promise passes, and one that is on time when it is not", () => {
  const promised = (shipment: number, isLate: boolean) => ({
    shipment,
    isLate,
    dueAt: END,
    arrivesAt: END + 3_600_000,
  });
  const told = (alertedAt: number | undefined) => ({
    ...{ alertedAt, p50: END + 1_800_000, basis: "lane_history", positionAt: END },
  });
  const score = scorePromises(
    [promised(1, true), promised(2, true), promised(3, true), promised(4, false), promised(5, false)],
    new Map([
      [1, told(END - 1)],
      [2, told(END)],
      [4, told(undefined)],
      [5, told(END - 1)],
    ]),
  );
  expect(score).toMatchObject({
    late: 3,
    alertedInTime: 1,
    missing: 2,
    falsely: 1,
    byHistory: 4,
    medianErrorShare: 0.5,
  });
  expect(score.findings).toHaveLength(3);
});
