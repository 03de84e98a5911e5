import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lanesOf } from "../../../ingest/domain/eta/lane-run.ts";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import "../../support/property-seed.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-03-02T06:00:00Z");

type Step = readonly [type: "arrived" | "departed", place: number, minute: number, between?: number];
const factsOf = (steps: readonly Step[]): NewFact[] =>
  steps.map(([type, locationId, minute, between]) => {
    const at = START + minute * MINUTE;
    return {
      ...{
        key: `${type} ${locationId} ${minute}`,
        subject: "vehicle:1",
        at,
        rule: "position",
        evidence: [],
        confidence: 1,
      },
      ...{
        type,
        deviceId: "tracker",
        data: { locationId, ...(between && { between: { from: at - between * MINUTE, to: at } }) },
      },
    };
  });
const drive = (from: number, to: number, distanceM: number): NewFact => ({
  ...{
    key: `trip ${from}`,
    subject: "vehicle:1",
    at: START + to * MINUTE,
    type: "trip",
    rule: "position",
    evidence: [],
  },
  ...{ confidence: 1, deviceId: "tracker" },
  data: { since: START + from * MINUTE, from: { lat: 48, lon: 11 }, to: { lat: 48.5, lon: 11 }, distanceM },
});
const told = (steps: readonly Step[]) =>
  lanesOf(factsOf(steps)).runs.map(({ originId, destinationId, departedAt, arrivedAt }) => [
    `${originId} ${destinationId}`,
    (arrivedAt - departedAt) / MINUTE,
  ]);

describe("runs of lanes", () => {
  test("a run goes from a departure to the next places, until the vehicle is back", () => {
    const tour: Step[] = [
      ...([
        ["departed", 1, 0],
        ["arrived", 2, 60],
        ["departed", 2, 80],
        ["arrived", 3, 140],
      ] as const),
      ...([
        ["departed", 3, 150],
        ["arrived", 1, 240],
        ["departed", 1, 300],
        ["arrived", 3, 400],
      ] as const),
    ];
    expect(told(tour)).toEqual([
      ...[
        ["1 2", 60],
        ["1 3", 140],
        ["2 3", 60],
        ["2 1", 160],
        ["2 3", 320],
      ].slice(0, 4),
      ["3 1", 90],
      ["1 3", 100],
    ]);
    const { dwells, leg } = lanesOf(factsOf(tour));
    expect(
      dwells.map(({ locationId, arrivedAt, departedAt }) => [locationId, (departedAt - arrivedAt) / MINUTE]),
    ).toEqual([
      [2, 20],
      [3, 10],
      [1, 60],
    ]);
    expect(leg).toMatchObject({ placeId: 3, since: START + 400 * MINUTE, departedFrom: null });
    expect(lanesOf(factsOf(tour.slice(0, 3))).leg).toMatchObject({
      placeId: null,
      departedFrom: 2,
      departure: "departed 2 80",
    });
  });

  test("what happened at some time or other tells no duration", () => {
    expect(
      told([
        ["departed", 1, 0, 30],
        ["arrived", 2, 60],
      ]),
    ).toEqual([]);
    expect(
      told([
        ["departed", 1, 0],
        ["arrived", 2, 60, 9],
      ]),
    ).toEqual([["1 2", 60]]);
    expect(
      told([
        ["departed", 1, 0],
        ["arrived", 2, 49 * 60],
      ]),
    ).toEqual([]);
  });

  test("a run tells how far it was driven, and how long the vehicle stood", () => {
    const facts = [
      ...factsOf([
        ["departed", 1, 0],
        ["arrived", 2, 120],
      ]),
      drive(-1, 50, 40_000),
      drive(70, 121, 41_000),
    ];
    expect(lanesOf(facts).runs).toMatchObject([{ distanceM: 81_000, stopsMs: 20 * MINUTE }]);
    expect(lanesOf(facts.slice(0, 2)).runs).toMatchObject([{ distanceM: null, stopsMs: 0 }]);
  });

  test("the order in which facts become known changes nothing", () => {
    const steps = fc.array(
      fc.tuple(
        fc.constantFrom("arrived", "departed"),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 3_000 }),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (some, order) => {
        const facts = factsOf(some);
        const shuffled = facts
          .map((fact) => ({ fact, at: order.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ fact }) => fact);
        expect(lanesOf(shuffled)).toEqual(lanesOf(facts));
      }),
    );
  });
});
