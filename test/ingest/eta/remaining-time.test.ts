import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { curveOf, secondsLeft } from "../../../ingest/domain/eta/progress-curve.ts";
import { weightedQuantile } from "../../../ingest/domain/eta/quantile.ts";
import { remainingDwell, remainingTime } from "../../../ingest/domain/eta/remaining-time.ts";
import "../../support/property-seed.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse("2026-03-02T06:00:00Z");

describe("remaining time", () => {
  const destination = { shape: "circle", centre: { lat: 48, lon: 11 }, radiusM: 500 } as const;
  const fix = (km: number, minute: number) => ({
    at: START + minute * MINUTE,
    lat: 48 - (km * 1_000 + 500) / 111_195,
    lon: 11,
  });
  const run = (minutes: number, hour = 6) => ({
    departedAt: START + (hour - 6) * HOUR,
    totalS: minutes * 60,
    curve: [
      [60_000, minutes * 60],
      [30_000, minutes * 30],
      [0, 0],
    ] as [number, number][],
  });

  test("a curve is made of the fixes of the run; wild ones are left out", () => {
    const span = { departedAt: START, arrivedAt: START + 60 * MINUTE };
    const fixes = [fix(70, -1), fix(60, 0), fix(30, 20), fix(900, 21), fix(10, 50), fix(0, 61)];
    expect(curveOf(fixes, span, destination, undefined).map(([m, s]) => [Math.round(m / 1_000), s])).toEqual([
      [60, 3_600],
      [30, 2_400],
      [10, 600],
      [0, 0],
    ]);
    expect(curveOf([], span, destination, fix(60, 0))).toHaveLength(2);
    expect(curveOf([], span, destination, undefined)).toEqual([[0, 0]]);
  });

  test("of several passings of a distance the one about that time counts; farther away it takes longer in proportion", () => {
    const winding = [
      [10_000, 1_000],
      [12_000, 900],
      [8_000, 500],
      [12_000, 300],
      [0, 0],
    ] as const;
    expect(secondsLeft(winding, 1_000, 11_000, 50)).toBe(950);
    expect(Math.round(secondsLeft(winding, 1_000, 11_000, 655)!)).toBe(350);
    expect(secondsLeft(winding, 1_000, 11_000, null)).toBe(275);
    expect(secondsLeft(winding, 1_000, 24_000, null)).toBe(2_000);
    expect(secondsLeft([[0, 0]], 1_000, 5_000, null)).toBeUndefined();
  });

  test("runs of the same time of day count more, the own pace counts in part, and few runs are wide", () => {
    const lane = [...Array.from({ length: 6 }, () => run(60, 6)), ...Array.from({ length: 6 }, () => run(120, 16))];
    const at = (hour: number) => ({
      metres: 60_000,
      departedAt: START + (hour - 6) * HOUR,
      at: START + (hour - 6) * HOUR,
    });
    expect(remainingTime(lane, at(6))!.p50Ms).toBeLessThan(65 * MINUTE);
    expect(remainingTime(lane, at(16))!.p50Ms).toBeGreaterThan(110 * MINUTE);
    const slow = remainingTime([run(60)], { metres: 30_000, departedAt: START, at: START + 60 * MINUTE })!;
    expect(slow.p50Ms).toBeGreaterThan(35 * MINUTE);
    expect(slow.p50Ms).toBeLessThan(60 * MINUTE);
    const one = remainingTime([run(60)], at(6))!;
    const many = remainingTime(
      Array.from({ length: 20 }, () => run(60)),
      at(6),
    )!;
    expect(one.p90Ms / one.p50Ms).toBeGreaterThan(1.6);
    expect(many.p90Ms / many.p50Ms).toBeLessThan(1.1);
    expect(remainingTime([], at(6))).toBeUndefined();
  });

  test("how long a vehicle still stands follows from those that stood as long", () => {
    const dwells = [10, 20, 30, 40].map((minutes) => minutes * MINUTE);
    expect(remainingDwell(dwells, 0)!.p50Ms).toBe(25 * MINUTE);
    expect(remainingDwell(dwells, 25 * MINUTE)!.p50Ms).toBe(10 * MINUTE);
    expect(remainingDwell(dwells, 60 * MINUTE)).toMatchObject({ p50Ms: 0, p90Ms: 30 * MINUTE });
    expect(remainingDwell([], 0)).toBeUndefined();
  });

  test("p50 never lies after p90, and a nearer vehicle is not there later", () => {
    const runs = fc.array(fc.integer({ min: 20, max: 300 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: 60_000 }), (minutes, a, b) => {
        const lane = minutes.map((each) => run(each));
        const [near, far] = [Math.min(a, b), Math.max(a, b)].map((metres) =>
          remainingTime(lane, { metres, departedAt: null, at: START })!,
        ) as [NonNullable<ReturnType<typeof remainingTime>>, NonNullable<ReturnType<typeof remainingTime>>];
        expect(near.p50Ms).toBeLessThanOrEqual(near.p90Ms);
        expect(near.p50Ms).toBeLessThanOrEqual(far.p50Ms);
      }),
    );
  });

  test("a quantile lies between the neighbours, by their weights", () => {
    expect(weightedQuantile([{ value: 7, weight: 1 }], 0.9)).toBe(7);
    expect(
      weightedQuantile(
        [
          { value: 1, weight: 1 },
          { value: 3, weight: 1 },
        ],
        0.5,
      ),
    ).toBe(2);
    expect(
      weightedQuantile(
        [
          { value: 1, weight: 9 },
          { value: 3, weight: 1 },
        ],
        0.3,
      ),
    ).toBe(1);
  });
});
