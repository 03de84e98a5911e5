import type { SensorProblem } from "../domain/fact.ts";
import { MAX_BELOW_UNITS, MAX_RESIDUAL_UNITS } from "../domain/stock/nearest-count.ts";
import type { ShelfMount } from "./sample.ts";
import { MAX_DRIFT_UNITS } from "./scale-zero.ts";

/*
 * When a scale cannot be believed. Once the problem has lasted, a person is asked to look. Until it ends the last count stands, except
 * with `zero_off`:
 *
 * - `below_tare`, for 60 s: it shows less than the empty shelf weighs. The shelf was taken off, or a person has zeroed the
 *   scale, so that everything it shows from then on is too little.
 * - `odd_weight`, for 10 min: the weight is not near a whole number of pieces. Something else lies there.
 * - `unsettled`, for 15 min and 10 readings: the weight has not settled.
 * - `zero_off`: the zero has drifted as far as it is followed. A weight near a whole number still counts.
 *
 * A problem ends with the first settled weight that is a whole number of pieces, with two exceptions. After `below_tare`
 * such a weight may also be that of a zeroed scale with goods put on it:
 *
 * - If the shelf was empty before, as it is when a person zeroes a scale, and the weight is whole pieces by either zero, it
 *   proves nothing: the count waits for a person.
 * - If there were goods on the shelf, and now there are others, it was taken off and filled, or zeroed. The weight counts, and a
 *   person is asked to look (`retared`).
 */
export interface Doubt {
  problem: SensorProblem;
  /** time of the first reading that shows it, epoch milliseconds */
  since: number;
  /** gross weight then, and the same in pieces; null while it does not settle */
  grams: number | null;
  units: number | null;
  stockId: number;
  tareGrams: number;
  tareSince: number | undefined;
  /** whether a `sensor_suspect` fact was derived */
  isReported: boolean;
}

const LASTS_MS: Record<SensorProblem, number> = {
  below_tare: 60_000,
  odd_weight: 10 * 60_000,
  unsettled: 15 * 60_000,
  zero_off: 0,
  retared: 0,
};
export const UNSETTLED_READINGS = 10;

export interface SettledWeight {
  grams: number;
  /** net weight without drift, units */
  units: number;
  /** the whole number of pieces; undefined when the weight is not near any */
  quantity: number | undefined;
  zeroUnits: number;
}

/** What is wrong with a settled weight, after the doubt that there was before; undefined when it can be believed. */
export function problemOf(
  weight: SettledWeight,
  shelf: ShelfMount,
  doubt: Doubt | null,
  known: number | undefined,
): SensorProblem | undefined {
  if (weight.units < -MAX_BELOW_UNITS) return "below_tare";
  const wasBelow = doubt?.problem === "below_tare";
  if (weight.quantity === undefined) return wasBelow ? "below_tare" : "odd_weight";
  if (wasBelow && known === 0 && weight.quantity > 0 && isWholeAfterZeroing(weight.grams, shelf, doubt)) {
    return "below_tare";
  }
  return Math.abs(weight.zeroUnits) >= MAX_DRIFT_UNITS ? "zero_off" : undefined;
}

/** Whether a count that differs from the one before the weight fell below the tare may be that of a zeroed scale. */
export function mayBeZeroed(doubt: Doubt | null, grams: number, shelf: ShelfMount): doubt is Doubt {
  return (
    doubt !== null && doubt.problem === "below_tare" && doubt.isReported && isWholeAfterZeroing(grams, shelf, doubt)
  );
}

/** Whether what was put on since the weight fell below the tare is a whole number of pieces too. */
function isWholeAfterZeroing(grams: number, { unitWeightGrams }: ShelfMount, doubt: Doubt): boolean {
  const units = (grams - (doubt.grams ?? 0)) / unitWeightGrams;
  return Math.abs(units - Math.round(units)) <= MAX_RESIDUAL_UNITS;
}

/** The doubt after a reading at `ts`. Reports it once it has lasted. */
export function extendDoubt(
  before: Doubt | null,
  problem: SensorProblem,
  shelf: ShelfMount,
  { since, ts, grams, units }: { since: number; ts: number; grams: number | null; units: number | null },
): Doubt {
  const { stockId, tareGrams, tareSince } = shelf;
  const doubt =
    before?.problem === problem
      ? before
      : { problem, since, grams, units, stockId, tareGrams, tareSince, isReported: false };
  return doubt.isReported || ts - doubt.since < LASTS_MS[problem] ? doubt : { ...doubt, isReported: true };
}

/** What a person at the shelf needs to know. */
export function describeDoubt({ problem, grams, units, tareGrams }: Doubt): string {
  switch (problem) {
    case "below_tare":
      return (
        `the scale shows ${(grams ?? 0).toFixed(1)} g, less than the empty shelf of ${tareGrams.toFixed(1)} g: ` +
        "the shelf was taken off, or the scale was zeroed by hand. Put the shelf back, or tare the empty shelf by command"
      );
    case "odd_weight":
      return `the weight is that of ${(units ?? 0).toFixed(2)} pieces: something else lies on the shelf, or the unit weight is wrong`;
    case "unsettled":
      return "the weight does not settle: something touches the shelf, or the scale is faulty";
    case "zero_off":
      return `the zero of the scale is off by ${MAX_DRIFT_UNITS} pieces: tare the empty shelf`;
    case "retared":
      return "the count changed with the tare";
  }
}
