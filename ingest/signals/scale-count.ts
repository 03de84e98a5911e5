import type { NewFact } from "../domain/fact.ts";
import type { SignalRule, Sample } from "./signal-rule.ts";
import type { ShelfMount } from "./sample.ts";
import { followDrift, NO_DRIFT, type ZeroDrift } from "./scale-zero.ts";

/**
 * How a scale reading becomes a stock count, in the order of `step` below:
 *
 * 1. The reading is of the shelf that its scale carried when it measured: one product, its unit weight, and the tare.
 * 2. Only a settled weight counts: the scale says it is stable, or the last readings agree for two seconds. Spikes and
 *    leaning hands never reach stock.
 * 3. Pieces = (gross − tare) ÷ unit weight − what the scale's zero has drifted by (followed slowly while nothing changes).
 * 4. The count is the nearest whole number, if the weight is near enough to one; between two the last count stands.
 * 5. A count that differs from the last is a `counted` fact, with how many were put or taken. Where the scale governs the
 *    stock position, its quantity is that of its newest count.
 *
 * 12,388 g gross, 2,000 g tare, 106 g a piece, no drift: 10,388 ÷ 106 = 98.00, so 98 pieces. 12,345 g would be 97.59: no
 * count, more likely something else lies there.
 */

/** One reading of a scale. */
export interface ScaleSample extends Sample {
  /** gross */
  grams: number;
  /** whether the scale itself says that the weight is stable; undefined: it does not say */
  stable?: boolean | undefined;
}

/** Settled: so many readings in a row, over at least so long, … */
const SETTLE_SAMPLES = 3;
const SETTLE_MS = 2_000;
/** … each this near their mean: the largest of a weight, a share of the load, and a share of one piece. */
const SETTLE_GRAMS = 1;
const SETTLE_SHARE = 0.001;
const SETTLE_UNITS = 0.3;
/** The mean forgets readings older than so many, so that it follows a slow drift. */
const MEAN_OF = 32;
/** Further than this from a whole number of pieces, the weight is not a count, units. */
const MAX_RESIDUAL_UNITS = 0.35;
const MAX_COUNT = 1_000_000_000;

export interface ScaleState {
  /** readings in a row that agree; null while the scale says it is moving */
  run: { since: number; readings: number; grams: number } | null;
  /** the count last concluded, and for which shelf */
  counted: { stockId: number; quantity: number } | null;
  zero: ZeroDrift;
}

export interface ScaleContext {
  deviceId: string;
  shelfAt(ts: number): ShelfMount | undefined;
}

export const scaleCountRule: SignalRule<ScaleSample, ScaleState, ScaleContext> = {
  initial: { run: null, counted: null, zero: NO_DRIFT },
  step(state, sample, context) {
    const shelf = context.shelfAt(sample.ts);
    if (shelf === undefined) return { state, facts: [], quality: "ok" };
    const run = sample.stable === false ? null : extendRun(state.run, sample, shelf);
    const known = state.counted?.stockId === shelf.stockId ? state.counted.quantity : undefined;
    // The drift was learnt with the load of another shelf, and does not hold for this one.
    const before = { ...state, run, ...(known === undefined && { zero: NO_DRIFT }) };
    const grams = sample.stable === true ? sample.grams : settledWeight(run, sample.ts);
    if (grams === undefined) return { state: before, facts: [], quality: "ok" };
    const units = (grams - shelf.tareGrams) / shelf.unitWeightGrams;
    const zero = followDrift(before.zero, sample.ts, units, known);
    const count = nearestCount(units - zero.units);
    if (count === undefined || count.quantity === known) {
      return { state: { ...before, zero }, facts: [], quality: "ok" };
    }
    const counted = { stockId: shelf.stockId, quantity: count.quantity };
    const change = known === undefined ? undefined : count.quantity - known;
    const weighed = { grams, zeroUnits: zero.units, ...count };
    return { state: { run, counted, zero }, facts: [fact(sample, shelf, weighed, change, context)], quality: "ok" };
  },
};

function extendRun(
  run: ScaleState["run"],
  { ts, grams }: ScaleSample,
  { unitWeightGrams }: ShelfMount,
): ScaleState["run"] {
  const tolerance = Math.max(SETTLE_GRAMS, SETTLE_SHARE * Math.abs(grams), SETTLE_UNITS * unitWeightGrams);
  if (run === null || Math.abs(grams - run.grams) > tolerance) return { since: ts, readings: 1, grams };
  const readings = Math.min(MEAN_OF, run.readings + 1);
  return { since: run.since, readings, grams: run.grams + (grams - run.grams) / readings };
}

function settledWeight(run: ScaleState["run"], ts: number): number | undefined {
  if (run === null || run.readings < SETTLE_SAMPLES || ts - run.since < SETTLE_MS) return undefined;
  return run.grams;
}

interface Count {
  quantity: number;
  /** distance from a whole number, units */
  residual: number;
}

/** The whole number of pieces; undefined when the weight is not near any. */
function nearestCount(units: number): Count | undefined {
  const quantity = Math.max(0, Math.round(units));
  const residual = Math.abs(units - quantity);
  return residual <= MAX_RESIDUAL_UNITS && quantity <= MAX_COUNT ? { quantity, residual } : undefined;
}

function fact(
  { ts, seq }: ScaleSample,
  { stockId }: ShelfMount,
  { quantity, residual, grams, zeroUnits }: Count & { grams: number; zeroUnits: number },
  change: number | undefined,
  { deviceId }: ScaleContext,
): NewFact {
  const note = `${grams.toFixed(1)} g, ${residual.toFixed(2)} pieces off a whole number, zero off by ${zeroUnits.toFixed(2)}`;
  return {
    key: `counted:${stockId}:${deviceId}:${ts}:${seq}`,
    subject: `stock:${stockId}`,
    at: ts,
    type: "counted",
    data: { quantity, source: "scale", ...(change !== undefined && { change }) },
    rule: "scale-count",
    evidence: [{ device_id: deviceId, kind: "scale", ts: new Date(ts).toISOString(), note }],
    confidence: Math.round((1 - residual) * 100) / 100,
    deviceId,
  };
}
