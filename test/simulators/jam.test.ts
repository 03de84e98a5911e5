import { describe, expect, test } from "vitest";
import { missedJam, scoreBottlenecks } from "../../simulators/score/bottleneck-score.ts";
import { planJam } from "../../simulators/world/jam.ts";
import { lastStop } from "../../simulators/world/truck.ts";
import { createWorld } from "../../simulators/world/world.ts";

const START = Date.UTC(2026, 4, 4, 6);
const HOUR = 3_600_000;
const jam = planJam(START, START + HOUR)!;

test("from its begin no truck leaves the jammed gate with goods, and others do", () => {
  const world = createWorld({ seed: 3, startMs: START, trucks: 60, shelves: 0, probes: 0, jam });
  const left = world.advance(START + HOUR).filter((event) => event.type === "truck-left");
  const ofJam = left.filter(({ site }) => site === jam.site);
  expect(ofJam.some(({ at }) => at < jam.fromMs)).toBe(true);
  const late = ofJam.filter(({ at }) => at > jam.fromMs + 120_000);
  // Trucks that come to be unloaded there drive home.
  const outbound = new Set(world.trucks.filter(({ ends }) => ends[0] === jam.site).map(({ name }) => name));
  expect(late.filter(({ truck }) => outbound.has(truck))).toEqual([]);
  expect(left.some(({ at, site }) => at > jam.fromMs + 120_000 && site !== jam.site)).toBe(true);
  const held = world.trucks.filter(
    (truck) => truck.dockedUntil !== null && lastStop(truck) === jam.site && truck.direction === 0,
  );
  expect(held.length).toBeGreaterThan(0);
});

describe("the score of the ranking", () => {
  const placeOf = (id: number) => (id === 7 ? jam.site.name : "elsewhere");
  const place = (rank: number, location: number) => ({ rank, location_id: location, reason: "why" });
  test.each([
    ["first", [place(1, 7), place(2, 8)], []],
    ["second", [place(1, 8), place(2, 7)], [/rank 2, the first wanted/]],
    ["not told of", [place(1, 8)], [/rank none/]],
  ] as const)("%s", (_, ranked, problems) => {
    const missed = missedJam(scoreBottlenecks(jam, ranked, placeOf));
    expect(missed).toEqual(problems.map((words) => expect.stringMatching(words)));
  });
  test("a world that is too short has no jam, and misses none", () => {
    expect(planJam(START, START + 20 * 60_000)).toBeUndefined();
    expect(planJam(START, Infinity)).toBeUndefined();
    expect(missedJam(scoreBottlenecks(undefined, [place(1, 8)], placeOf))).toEqual([]);
  });
});
