import type { NewFact } from "../domain/fact.ts";
import { nearestCount } from "../domain/stock/nearest-count.ts";
import { SETTLE_MS, SETTLE_READINGS, settledRangeGrams } from "../domain/stock/settled.ts";
import type { SignalRule, Sample } from "./signal-rule.ts";
import type { ShelfMount } from "./sample.ts";
import { type Doubt, extendDoubt, mayBeZeroed, problemOf, UNSETTLED_READINGS } from "./scale-doubt.ts";
import { countedFact, type CountedShelf, retaredFact, suspectFact, trustedFact, zeroedFact } from "./scale-facts.ts";
import { followDrift, NO_DRIFT, type ZeroDrift } from "./scale-zero.ts";

/**
 * How a scale reading becomes a stock count, in the order of `step` below:
 *
 * 1. The reading is of the shelf that its scale carried when it measured: one product, its unit weight, and the tare.
 * 2. Only a settled weight counts: the scale says it is stable, or its last readings agree (domain/stock/settled.ts).
 *    Spikes, leaning hands and swinging loads never reach stock.
 * 3. Pieces = (gross − tare) ÷ unit weight − what the scale's zero has drifted by (scale-zero.ts).
 * 4. The count is the nearest whole number, if the weight is near enough to one (domain/stock/nearest-count.ts); between two the
 *    last count stands.
 * 5. A count that differs from the last is a `counted` fact, with how many were put or taken. Where the scale governs the
 *    stock position, its quantity is that of its newest count.
 * 6. A weight that cannot be believed counts nothing; once it has lasted a person is asked to look (scale-doubt.ts). Where only the
 *    zero has drifted too far, the scale counts on.
 * 7. A new tare starts a new zero. Neither it nor a new unit weight puts or takes pieces: such a count has no `change`. If the
 *    tare changes the count of a shelf that was not empty, a person is asked to look; as one is when the count is another one
 *    after the scale showed less than the empty shelf.
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

/** The mean forgets readings older than so many, so that it follows a slow drift. */
const MEAN_OF = 32;

export interface ScaleState {
  /** readings in a row that agree, and their mean; null while the scale says it is moving */
  run: { since: number; readings: number; least: number; most: number; grams: number } | null;
  /** readings in a row without a settled weight */
  unsettled: { since: number; readings: number } | null;
  /** the count last concluded, and for which shelf */
  counted: (CountedShelf & { tareSince: number | undefined; unitWeightGrams: number }) | null;
  zero: ZeroDrift;
  doubt: Doubt | null;
}

export interface ScaleContext {
  deviceId: string;
  shelfAt(ts: number): ShelfMount | undefined;
}

export const scaleCountRule: SignalRule<ScaleSample, ScaleState, ScaleContext> = {
  initial: { run: null, unsettled: null, counted: null, zero: NO_DRIFT, doubt: null },
  step(state, sample, context) {
    const { deviceId } = context;
    const shelf = context.shelfAt(sample.ts);
    const before = onShelf(state, shelf);
    const facts: NewFact[] = [];
    if (shelf === undefined) {
      facts.push(...doubtFacts(state.doubt, null, sample, deviceId));
      return { state: before, facts, quality: "ok" };
    }
    const run = sample.stable === false ? null : extendRun(before.run, sample, shelf);
    const grams = sample.stable === true ? sample.grams : settledWeight(run, sample.ts);
    const after =
      grams === undefined
        ? withoutWeight({ ...before, run }, sample, shelf)
        : withWeight({ ...before, run, unsettled: null }, sample, shelf, grams, deviceId, facts);
    facts.push(...doubtFacts(state.doubt, after.doubt, sample, deviceId));
    return { state: after, facts, quality: "ok" };
  },
};

/** What still holds on the shelf that the scale carries now. The drift and the doubt belong to one shelf and one tare. */
function onShelf(state: ScaleState, shelf: ShelfMount | undefined): ScaleState {
  const isSame = (of: { stockId: number; tareSince: number | undefined } | null) =>
    of?.stockId === shelf?.stockId && of?.tareSince === shelf?.tareSince;
  return {
    ...state,
    zero: isSame(state.counted) ? state.zero : NO_DRIFT,
    doubt: isSame(state.doubt) ? state.doubt : null,
  };
}

function extendRun(
  run: ScaleState["run"],
  { ts, grams }: ScaleSample,
  { divisionGrams }: ShelfMount,
): NonNullable<ScaleState["run"]> {
  const least = Math.min(run?.least ?? grams, grams);
  const most = Math.max(run?.most ?? grams, grams);
  if (run === null || most - least > settledRangeGrams(grams, divisionGrams)) {
    return { since: ts, readings: 1, least: grams, most: grams, grams };
  }
  const readings = Math.min(MEAN_OF, run.readings + 1);
  return { since: run.since, readings, least, most, grams: run.grams + (grams - run.grams) / readings };
}

function settledWeight(run: ScaleState["run"], ts: number): number | undefined {
  if (run === null || run.readings < SETTLE_READINGS || ts - run.since < SETTLE_MS) return undefined;
  return run.grams;
}

function withoutWeight(state: ScaleState, { ts }: ScaleSample, shelf: ShelfMount): ScaleState {
  const unsettled = { since: state.unsettled?.since ?? ts, readings: (state.unsettled?.readings ?? 0) + 1 };
  // Another doubt stays: it is about the last weight that did settle.
  const isNew = state.doubt === null || state.doubt.problem === "unsettled";
  if (!isNew || unsettled.readings < UNSETTLED_READINGS) return { ...state, unsettled };
  const doubt = extendDoubt(state.doubt, "unsettled", shelf, { since: unsettled.since, ts, grams: null, units: null });
  return { ...state, unsettled, doubt };
}

/** Steps 3 to 7. Adds the count to `facts` if there is a new one. */
function withWeight(
  state: ScaleState,
  sample: ScaleSample,
  shelf: ShelfMount,
  grams: number,
  deviceId: string,
  facts: NewFact[],
): ScaleState {
  const { ts } = sample;
  const { stockId, tareGrams, tareSince, unitWeightGrams } = shelf;
  const before = state.counted?.stockId === stockId ? state.counted : undefined;
  const isSameTare = before?.tareSince === tareSince && before !== undefined;
  const shown = (grams - tareGrams) / unitWeightGrams;
  const zero = followDrift(state.zero, ts, shown, isSameTare ? before.quantity : undefined);
  const units = shown - zero.units;
  const count = nearestCount(units);
  const weight = { grams, units, quantity: count?.quantity, zeroUnits: zero.units };
  const problem = problemOf(weight, shelf, state.doubt, before?.quantity);
  const doubt = problem === undefined ? null : extendDoubt(state.doubt, problem, shelf, { since: ts, ts, ...weight });
  const isCount = problem === undefined || problem === "zero_off";
  if (!isCount || count === undefined || (isSameTare && count.quantity === before.quantity)) {
    return { ...state, zero, doubt };
  }
  const counted = { stockId, tareGrams, tareSince, unitWeightGrams, quantity: count.quantity };
  if (count.quantity !== before?.quantity) {
    const isComparable = isSameTare && before.unitWeightGrams === unitWeightGrams;
    const change = isComparable ? count.quantity - before.quantity : undefined;
    facts.push(countedFact(sample, stockId, { ...weight, ...count }, change, deviceId));
    if (before !== undefined && before.quantity > 0 && !isSameTare) {
      facts.push(retaredFact(sample, before, counted, deviceId));
    } else if (before !== undefined && mayBeZeroed(state.doubt, grams, shelf)) {
      const quantities = { before: before.quantity, after: count.quantity };
      facts.push(zeroedFact(sample, state.doubt, quantities, deviceId));
    }
  }
  return { ...state, counted, zero, doubt };
}

function doubtFacts(before: Doubt | null, after: Doubt | null, sample: ScaleSample, deviceId: string): NewFact[] {
  const isOver = before !== null && before.isReported && !isSameDoubt(before, after);
  const isNew = after !== null && after.isReported && !(isSameDoubt(before, after) && before?.isReported);
  return [
    ...(isOver ? [trustedFact(sample, before, deviceId)] : []),
    ...(isNew ? [suspectFact(sample, after, deviceId)] : []),
  ];
}

function isSameDoubt(a: Doubt | null, b: Doubt | null): boolean {
  return a?.problem === b?.problem && a?.since === b?.since && a?.stockId === b?.stockId;
}
