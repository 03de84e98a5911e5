import { expect, test } from "vitest";
import { createShelfScore } from "../../simulators/score/shelf-score.ts";
import { scoreCrossings, scoreShipments, type ShownEvent } from "../../simulators/score/shipment-score.ts";
import { shortfalls } from "../../simulators/score/score.ts";
import { createTruth, type Truth } from "../../simulators/score/truth.ts";
import { createWorld } from "../../simulators/world/world.ts";

const START = Date.UTC(2026, 4, 4, 6);
const END = START + 90 * 60_000;

/** A world's truth, and the story a platform would tell of it that is right in everything, so many seconds late. */
function told(lateS = 0) {
  const world = createWorld({ seed: 3, startMs: START, trucks: 8, shelves: 4, probes: 0 });
  const truth = createTruth(world.shelves, START);
  for (const event of world.advance(END)) truth.note(event);
  const vehicleIds = new Map(world.trucks.map(({ name }, index) => [name, index + 1]));
  const crossingIds = new Map(truth.crossings.map((crossing, index) => [crossing, index + 1]));
  const shown = [...truth.pallets.values()].map((known, index) => ({
    id: index + 1,
    truth: known,
    events: known.turns.map(({ at, stage, cause }): ShownEvent => {
      const crossing = truth.crossings.find((one) => one.at === at && one.type === cause);
      return {
        id: (crossing && crossingIds.get(crossing)) ?? 1_000 + index,
        at: new Date(at + lateS * 1000).toISOString(),
        type: cause,
        stage,
        status: "in_transit",
        rule: "test",
        vehicle_id: crossing ? (vehicleIds.get(crossing.truck) ?? null) : null,
      };
    }),
  }));
  const truckOf = (id: number) => [...vehicleIds].find(([, known]) => known === id)?.[0];
  return { truth, shown, truckOf, world };
}

function scoreOf({ truth, shown, truckOf }: ReturnType<typeof told>) {
  const shelves = createShelfScore(
    (number) => truth.shelf(number),
    () => 0,
  ).result([]);
  const shipments = scoreShipments(shown, END);
  return {
    seed: 3,
    shipments,
    shownDeliveredTooEarly: [],
    crossings: scoreCrossings(shown, truth, truckOf, END),
    shelves,
  };
}

test("a story that is right, or a minute late, falls short of nothing", () => {
  const right = scoreOf(told());
  expect(right.shipments.shipments).toBeGreaterThan(20);
  expect(right.crossings.real).toBeGreaterThan(20);
  expect(right.shipments.stageShare).toBe(1);
  expect(shortfalls(right)).toEqual([]);
  expect(shortfalls(scoreOf(told(60)))).toEqual([]);
});

test("a story five minutes late falls short in stages and crossings", () => {
  const late = scoreOf(told(300));
  expect(late.shipments.stageShare).toBeLessThan(0.9);
  expect(shortfalls(late).join()).toMatch(/stage right.*crossings told.*crossings that were told/);
});

test("departures that are not told are missed, by cause", () => {
  const story = told();
  const mute = story.shown.map((one) => ({ ...one, events: one.events.filter(({ type }) => type !== "departed") }));
  const score = scoreOf({ ...story, shown: mute });
  expect(score.shipments.turns["departed"]?.right).toBe(0);
  expect(score.shipments.turns["departed"]?.missed).toBeGreaterThan(20);
  expect(score.shipments.minutes["transportation"]?.["transportation"]).toBeUndefined();
  expect(score.crossings.recall).toBeLessThan(0.6);
});

test("a delivery shown while the goods are on the road is found out", () => {
  const story = told();
  const early = story.shown.map((one) => ({
    ...one,
    events: one.events.map((event) => ({ ...event, status: event.type === "departed" ? "delivered" : event.status })),
  }));
  const { falselyDelivered, findings } = scoreShipments(early, END);
  expect(falselyDelivered).toBeGreaterThan(10);
  expect(findings.some(({ what }) => /^delivered by test .*, truly not$/.test(what))).toBe(true);
});

test("a crossing told of another truck did not happen", () => {
  const { shown, truth } = told();
  const score = scoreCrossings(shown, truth, () => "Truck 99", END);
  expect(score.precision).toBe(0);
  expect(score.findings[0]).toMatch(/^Truck 99 \w+ .*: did not happen$/);
});

test("shelves are held to their counts once they have rested, and low stock to the truth", () => {
  const truth: Truth = createTruth([{ number: 1, quantity: 50 }], START);
  truth.note({ at: START + 100_000, type: "shelf-changed", shelf: 1, quantity: 47 });
  const score = createShelfScore(
    (number) => truth.shelf(number),
    () => 20,
  );
  const ask = (quantity: number, secondsIn: number) =>
    score.take({ shelf: 1, quantity, heard: [START + secondsIn * 1000, START + secondsIn * 1000 + 500] });
  ask(50, 60); // right
  ask(50, 110); // the hand is hardly out
  ask(47, 140); // right
  ask(46, 150); // one off
  ask(12, 160); // off, and low
  expect(score.result([{ shelf: 1, quantity: 46, heard: [START + 200_000, START + 200_000] }])).toMatchObject({
    settled: 4,
    exact: 2,
    share: 0.5,
    falselyLow: 1,
    wrongAtEnd: 1,
  });
});
