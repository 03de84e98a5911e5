import { expect, test } from "vitest";
import { estimateEta } from "../../../ingest/domain/eta/estimate.ts";
import { NO_LEG } from "../../../ingest/domain/eta/lane-run.ts";
import { lateLevel, nextLateness, type Lateness } from "../../../ingest/domain/eta/lateness.ts";
import { simulateRun, type SimulatedRun } from "../../../simulators/world/lane-runs.ts";
import { sampleOf, type SimulatedLane, simulatedLane } from "./simulated-lane.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const START = Date.parse("2026-03-02T00:00:00Z");
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const HISTORY = 20;
const [ORIGIN, DESTINATION] = [1, 2];

/** Departs between four and twenty o'clock. */
const departure = ({ random }: SimulatedLane, day: number): number =>
  START + day * DAY + random.between(4, 20) * 60 * MINUTE;

function historyOf(lane: SimulatedLane) {
  return Array.from({ length: HISTORY }, (_, day) => sampleOf(lane, simulateRun(lane, departure(lane, day))));
}

/** The estimates of a run as they were made on its way, a few minutes after each position. */
function estimatesOf(lane: SimulatedLane, run: SimulatedRun, runs: ReturnType<typeof historyOf>) {
  const { departedAt } = run;
  const leg = { ...NO_LEG, departure: "d", departedFrom: ORIGIN, departedAt };
  return run.fixes
    .filter((_, index) => index % 5 === 0)
    .flatMap((position) => {
      const eta = estimateEta({
        ...{ now: position.at + 2_000, destinationId: DESTINATION, destination: lane.destination, position, trail: [] },
        ...{ leg, lanes: [{ originId: ORIGIN, runs }], dwellsMs: [] },
      });
      return eta.basis === "lane_history" ? [{ ...eta, p50: eta.p50!, p90: eta.p90!, at: position.at }] : [];
    });
}

const scoreOf = (told: readonly { error: number; isCovered: boolean }[]) => ({
  median: medianOf(told.map(({ error }) => error)),
  coverage: told.filter(({ isCovered }) => isCovered).length / told.length,
});

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

test("with 20 runs of history half of the estimates are wrong by less than 15 % of the time left, and 85 % at least arrive by p90", () => {
  const of = SEEDS.map((seed) => {
    const lane = simulatedLane(seed, 25 + seed * 18);
    const runs = historyOf(lane);
    const told = Array.from({ length: 20 }, (_, day) => simulateRun(lane, departure(lane, 40 + day))).flatMap((run) =>
      estimatesOf(lane, run, runs).map(({ p50, p90, at }) => ({
        error: Math.abs(run.arrivedAt - p50) / (run.arrivedAt - at),
        isCovered: run.arrivedAt <= p90,
      })),
    );
    return { seed, told, ...scoreOf(told) };
  });
  for (const { seed, median, coverage, told } of of) {
    expect(told.length, `seed ${seed}`).toBeGreaterThan(100);
    expect(median, `seed ${seed}: median error`).toBeLessThan(0.15);
    // Of one lane twenty runs and twenty others are few.
    expect(coverage, `seed ${seed}: coverage`).toBeGreaterThanOrEqual(0.8);
  }
  const all = scoreOf(of.flatMap(({ told }) => told));
  expect(all.median).toBeLessThan(0.15);
  expect(all.coverage).toBeGreaterThanOrEqual(0.85);
});

test("a delay that shows a quarter of an hour before the promise is told before the promise passes", () => {
  for (const seed of SEEDS) {
    const lane = simulatedLane(seed, 25 + seed * 18);
    const runs = historyOf(lane);
    const usual = medianOf(runs.map(({ totalS }) => totalS)) * 1_000;
    for (const delay of [45, 60, 90, 120]) {
      const departedAt = departure(lane, 60);
      const dueAt = departedAt + usual + 20 * MINUTE;
      const run = simulateRun(lane, departedAt, delay * MINUTE);
      if (run.arrivedAt <= dueAt) continue;
      // The delay shows once an estimate has passed the promise.
      let state: Lateness | null = null;
      let toldAt: number | undefined;
      let showsAt: number | undefined;
      for (const { p50, p90, positionAt, at } of estimatesOf(lane, run, runs)) {
        state = nextLateness(state, { dueAt, p50, p90, positionAt });
        if (state.isLate) toldAt ??= at;
        if (p50 > dueAt) showsAt ??= at;
      }
      if (showsAt === undefined || dueAt - showsAt < 15 * MINUTE) continue;
      expect(toldAt, `seed ${seed}, ${delay} min`).toBeLessThan(dueAt);
    }
  }
});

test("an estimate that moves about the promise is late or on time, and not by turns", () => {
  const dueAt = START;
  const at = (over: number, minute: number) => ({
    ...{ dueAt, p50: dueAt + over * MINUTE, p90: dueAt + (over + 10) * MINUTE, positionAt: START + minute * MINUTE },
  });
  const told = (estimates: readonly (readonly [over: number, minute: number])[]) => {
    let state: Lateness | null = null;
    return estimates.map(([over, minute]) => (state = nextLateness(state, at(over, minute))).isLate);
  };
  expect(
    told([
      [5, 0],
      [5, 9],
      [5, 10],
    ]),
  ).toEqual([false, false, true]);
  expect(
    told([
      [5, 0],
      [-1, 5],
      [5, 10],
      [5, 19],
      [5, 20],
    ]),
  ).toEqual([false, false, false, false, true]);
  expect(
    told([
      [30, 0],
      [31, 1],
      [5, 2],
      [-14, 3],
      [-15, 4],
      [5, 5],
    ]),
  ).toEqual([false, true, true, true, false, false]);
  expect(lateLevel({ dueAt, p50: dueAt, positionAt: START, pastDueSince: null })).toBe("between");
  // Nothing known changes nothing; another promise begins anew.
  const late = nextLateness(null, at(40, 0));
  expect(nextLateness(late, { dueAt, p50: null, p90: null, positionAt: null }).isLate).toBe(true);
  expect(nextLateness(late, { ...at(5, 1), dueAt: dueAt - 1 }).isLate).toBe(false);
  expect(nextLateness(null, at(-5, 0))).toMatchObject({ isLate: false, isAtRisk: true });
});
