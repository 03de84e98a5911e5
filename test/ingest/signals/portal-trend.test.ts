import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TagSample } from "../../../ingest/signals/tag-presence.ts";
import { backAndForth, parked, passage, reads, turnBack, wandering } from "./portal-reads.ts";
import { follow, portal } from "./tag-facts.ts";

/** A real pass inward, asked twice a second: of what the outside antenna should have read best, four reads are missing. */
const STRONGEST_MISSED = reads(
  ...([
    [0.02, 2, -59.8],
    [0.95, 1, -62],
    [0.96, 2, -55.4],
    [1.9, 1, -54.7],
    [2.37, 1, -49.5],
    [2.84, 1, -47.7],
    [3.31, 1, -48.1],
    [3.32, 2, -50.3],
    [3.79, 2, -49.2],
    [4.25, 1, -45.1],
    [4.72, 1, -48.4],
    [6.14, 1, -56.8],
  ] as [number, number, number][]),
);

/** The outside antenna read it first when it was falling already, and the inside antenna just after that. */
const OUTSIDE_HEARD_LATE = reads(
  ...([
    [0.84, 1, -64.5],
    [1.67, 1, -59.2],
    [2.09, 1, -56.1],
    [2.92, 1, -49.1],
    [2.93, 2, -48.1],
    [3.75, 1, -44.3],
    [4.17, 2, -55.5],
    [4.59, 2, -56.8],
    [5.41, 1, -54.5],
    [5.42, 2, -59.1],
    [5.82, 1, -55.3],
    [6.25, 2, -69],
  ] as [number, number, number][]),
);

/** What each pass of these reads leans to, if it has no direction: `in`, `out` or `no`. */
function leaning(list: readonly TagSample[]): string[] {
  return follow(list, portal).flatMap((fact) =>
    fact.type === "seen" && fact.data.direction === "unknown" ? [fact.data.likely ?? "no"] : [],
  );
}

/** The same reads with the two antennas exchanged. */
const mirrored = (list: readonly TagSample[]): TagSample[] =>
  list.map((sample) => ({ ...sample, antenna: 3 - sample.antenna }));

describe("a pass without a sure direction", () => {
  test.each<[string, TagSample[], string[]]>([
    ["leans inward when the strongest reads outside are missing", STRONGEST_MISSED, ["in"]],
    ["leans outward when the strongest reads inside are missing", mirrored(STRONGEST_MISSED), ["out"]],
    ["leans inward when the outside antenna has heard it late", OUTSIDE_HEARD_LATE, ["in"]],
    [
      "keeps that when the gate hears the tag once more, seconds later",
      [...STRONGEST_MISSED, ...reads([11, 2, -69])],
      ["in"],
    ],
    [
      "leans nowhere while both signals still rise",
      reads([-2.5, 1, -59.5], [-2.49, 2, -66.5], [-2.0, 1, -56], [-1.99, 2, -63], [-1.5, 1, -52.5]),
      ["no"],
    ],
    [
      "leans nowhere when both peak at once",
      reads([0, 2, -52], [0, 1, -52], [1, 2, -45], [1, 1, -45], [2, 2, -52], [2, 1, -52]),
      ["no"],
    ],
    [
      "leans nowhere by alternating reads",
      reads(...Array.from({ length: 12 }, (_, i): [number, number, number] => [i * 0.7, (i % 2) + 1, -60])),
      ["no"],
    ],
    ["leans nowhere when it is carried to the gate and back", reads(...backAndForth()), ["no"]],
    ["leans nowhere in the field for an hour", reads(...parked(3600)), ["no"]],
  ])("%s", (_, list, expected) => {
    expect(leaning(list)).toEqual(expected);
  });

  test("says the contrary with the antennas exchanged", () => {
    const opposite: Record<string, string> = { in: "out", out: "in" };
    const says = (list: readonly TagSample[]) =>
      follow(list, portal).flatMap((fact) =>
        fact.type === "seen" ? [{ at: fact.at, direction: fact.data.direction, likely: fact.data.likely }] : [],
      );
    const anyRead = fc.tuple(
      fc.integer({ min: 0, max: 80 }),
      fc.constantFrom(1, 2),
      fc.integer({ min: -70, max: -42 }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(anyRead, { maxLength: 30, selector: ([tenths]) => tenths }), (some) => {
        const list = reads(
          ...some.sort(([a], [b]) => a - b).map(([t, a, dbm]): [number, number, number] => [t / 10, a, dbm]),
        );
        const turned = says(list).map(({ at, direction, likely }) => ({
          at,
          direction: opposite[direction] ?? direction,
          likely: likely && opposite[likely],
        }));
        expect(says(mirrored(list))).toEqual(turned);
      }),
      { numRuns: 300 },
    );
  });

  test.each(["in", "out"] as const)("leans to where it went, if it leans: %s", (direction) => {
    const leanings = Array.from({ length: 1000 }, (_, seed) => leaning(passage(direction, seed + 1, 2, 0.5))).flat();
    expect(leanings.filter((way) => way === direction).length).toBeGreaterThan(0);
    expect(leanings.filter((way) => way !== direction && way !== "no")).toEqual([]);
  });

  test("has no direction and leans nowhere for one pass in 500 at most, asked twice a second", () => {
    const nowhere = Array.from({ length: 2500 }, (_, seed) => leaning(passage("in", seed + 1, 2)))
      .flat()
      .filter((way) => way === "no");
    expect(nowhere.length).toBeLessThanOrEqual(5);
  });

  test("leans somewhere for one pallet in 300 at most that is carried to the gate and back", () => {
    const leanings = Array.from({ length: 900 }, (_, seed) => leaning(turnBack(seed + 1, 3, 0.5))).flat();
    expect(leanings.length).toBeGreaterThan(800);
    expect(leanings.filter((way) => way !== "no").length).toBeLessThanOrEqual(3);
  });

  test("leans nowhere when somebody walks about with it before the gate", () => {
    const leanings = Array.from({ length: 500 }, (_, seed) => leaning(wandering(seed + 1, 2))).flat();
    expect(leanings.length).toBeGreaterThan(400);
    expect(leanings.filter((way) => way !== "no")).toEqual([]);
  });
});
