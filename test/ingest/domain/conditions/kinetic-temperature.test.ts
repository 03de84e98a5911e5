import { expect, test } from "vitest";
import { KineticMean, windowMsOf } from "../../../../ingest/domain/conditions/kinetic-temperature.ts";

const HOUR = 3_600_000;

function meanOf(pieces: readonly (readonly [hours: number, celsius: number | null])[], windowMs: number) {
  const mean = new KineticMean(windowMs);
  let at = Date.UTC(2026, 10, 1);
  for (const [hours, celsius] of pieces) {
    // As readings come: a piece in ten minutes.
    for (const end = at + hours * HOUR; at < end; at += HOUR / 6)
      if (celsius !== null) mean.add({ kind: "line", from: at, to: at + HOUR / 6, start: celsius, end: celsius });
  }
  return mean.result();
}

/** By the formula, of equal parts: computed by hand as 10000 / -ln(mean of e^(-10000/T)). */
const byHand = (...celsius: number[]): number =>
  10_000 / -Math.log(celsius.reduce((sum, each) => sum + Math.exp(-10_000 / (each + 273.15)), 0) / celsius.length) -
  273.15;

test("a constant temperature is its own mean", () => {
  expect(meanOf([[48, 5]], windowMsOf(8))!.celsius).toBeCloseTo(5, 6);
});

test("two equal parts: the warmer weighs more than in a plain mean", () => {
  // e^(-35.9518) = 2.434e-16 and e^(-33.5402) = 2.714e-15; -ln of their mean, 1.479e-15, is 34.1475: 292.85 K.
  expect(byHand(5, 25)).toBeCloseTo(19.7, 2);
  expect(
    meanOf(
      [
        [6, 5],
        [6, 25],
      ],
      windowMsOf(8),
    )!.celsius,
  ).toBeCloseTo(byHand(5, 25), 6);
});

test("of a longer time it is that of the worst window, with the time of that", () => {
  const found = meanOf(
    [
      [24, 4],
      [12, 10],
      [12, 6],
      [24, 4],
    ],
    windowMsOf(8),
  )!;
  expect(found.celsius).toBeCloseTo(byHand(10, 6), 4);
  expect(new Date(found.from).toISOString()).toBe("2026-11-02T00:00:00.000Z");
  expect(found.to - found.from).toBe(24 * HOUR);
});

test("goods above 8 °C have a window of 30 days, and a shorter time is its own window", () => {
  expect(windowMsOf(8)).toBe(24 * HOUR);
  expect(windowMsOf(8.1)).toBe(30 * 24 * HOUR);
  expect(windowMsOf(null)).toBe(30 * 24 * HOUR);
  const found = meanOf(
    [
      [24, 20],
      [24, 24],
    ],
    windowMsOf(25),
  )!;
  expect(found.celsius).toBeCloseTo(byHand(20, 24), 6);
  expect(found.to - found.from).toBe(48 * HOUR);
});

test("a gap has no temperature: a window with less than half of it measured is left out", () => {
  const found = meanOf(
    [
      [24, 4],
      [40, null],
      [2, 30],
      [30, 4],
    ],
    windowMsOf(8),
  )!;
  // The two hours at 30 °C count in windows with ten hours and more beside them.
  expect(found.celsius).toBeLessThan(byHand(30, 4, 4, 4, 4));
  expect(found.celsius).toBeGreaterThan(byHand(30, ...Array<number>(11).fill(4)));
  expect(meanOf([], windowMsOf(8))).toBeUndefined();
});
