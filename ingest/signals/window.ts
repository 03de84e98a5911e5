import type { NewFact } from "../domain/fact.ts";
import { compareSamples, orderOf, type Quality, type SignalRule, type Sample } from "./signal-rule.ts";

/** Readings may arrive this much out of order and still act as if they had come in order, milliseconds. */
export const REORDER_WINDOW_MS = 30_000;
/** At most this many samples are kept to re-sense; older ones are absorbed into the base. */
export const MAX_WINDOW_SAMPLES = 32;

/**
 * The last stretch of a device's signal: the rule's state before it, and the samples in it, in order. A reading that
 * comes out of order is put in its place and the stretch is sensed again, so that the facts are those of the right order.
 */
export interface SignalWindow<S extends Sample, State> {
  base: State;
  /** the newest sample the base has absorbed: what is older can no longer be put in its place */
  newestInBase: Sample | null;
  samples: S[];
}

/** What the rule knew after the last sample of an hour: deriving again may start from here. */
export interface Checkpoint<State> extends Sample {
  state: State;
}

const CHECKPOINT_MS = 3_600_000;

export interface Detections<S extends Sample, State> {
  window: SignalWindow<S, State>;
  /** the rule's state after the newest sample; kept beside the window so that the usual reading costs one step */
  current: State;
  added: NewFact[];
  /** facts that were true of the wrong order only */
  withdrawn: NewFact[];
  /** what the rule thinks of the samples it looked at, where that is news */
  qualities: { sample: S; quality: Quality }[];
  /** samples older than the window: for the late lane */
  late: S[];
  /** of the hours that have left the window */
  checkpoints: Checkpoint<State>[];
}

export function emptyWindow<S extends Sample, State, Context>(
  rule: SignalRule<S, State, Context>,
): SignalWindow<S, State> {
  return { base: rule.initial, newestInBase: null, samples: [] };
}

/** The rule's state after the window's newest sample. */
export function currentState<S extends Sample, State, Context>(
  rule: SignalRule<S, State, Context>,
  window: SignalWindow<S, State>,
  context: Context,
): State {
  return window.samples.reduce((state, sample) => rule.step(state, sample, context).state, window.base);
}

/**
 * Senses `incoming` (new samples of one device, any order) on top of `window`.
 * @param current the state after `window`, from the call before or `headOf`
 */
export function detect<S extends Sample, State, Context>(
  rule: SignalRule<S, State, Context>,
  window: SignalWindow<S, State>,
  current: State,
  incoming: readonly S[],
  context: Context,
): Detections<S, State> {
  const sorted = isSorted(incoming) ? incoming : [...incoming].sort(compareSamples);
  const newest = window.samples.at(-1) ?? window.newestInBase;
  const first = sorted[0];
  const inOrder = first === undefined || newest === null || compareSamples(newest, first) < 0;
  const result: Detections<S, State> = inOrder
    ? { window, current, added: [], withdrawn: [], qualities: [], late: [], checkpoints: [] }
    : detectAgain(rule, window, sorted, context);
  if (inOrder && sorted.length > 0) {
    for (const sample of sorted) {
      const step = rule.step(result.current, sample, context);
      result.current = step.state;
      if (step.facts.length > 0) result.added.push(...concludedBy(sample, step.facts));
      result.qualities.push({ sample, quality: step.quality });
    }
    result.window = { ...window, samples: window.samples.concat(sorted) };
  }
  result.window = absorb(rule, result.window, context, result.checkpoints);
  return result;
}

function isSorted(samples: readonly Sample[]): boolean {
  for (let index = 1; index < samples.length; index += 1) {
    if (compareSamples(samples[index - 1]!, samples[index]!) > 0) return false;
  }
  return true;
}

/** Puts samples in their places and compares the facts of the stretch before and after. */
function detectAgain<S extends Sample, State, Context>(
  rule: SignalRule<S, State, Context>,
  window: SignalWindow<S, State>,
  incoming: readonly S[],
  context: Context,
): Detections<S, State> {
  const { newestInBase } = window;
  const fits = (sample: S) => newestInBase === null || compareSamples(sample, newestInBase) > 0;
  const before = run(rule, window.base, window.samples, context);
  const samples = [...window.samples, ...incoming.filter(fits)].sort(compareSamples);
  const after = run(rule, window.base, samples, context);
  const factsBefore = new Map(before.facts.map((fact) => [fact.key, JSON.stringify(fact)]));
  const keysAfter = new Set(after.facts.map((fact) => fact.key));
  const qualityBefore = new Map(before.qualities.map(({ sample, quality }) => [sample, quality]));
  return {
    window: { ...window, samples },
    current: after.state,
    // The same fact may be known in other words now: another mean, another residual.
    added: after.facts.filter((fact) => factsBefore.get(fact.key) !== JSON.stringify(fact)),
    withdrawn: before.facts.filter((fact) => !keysAfter.has(fact.key)),
    qualities: after.qualities.filter(({ sample, quality }) => qualityBefore.get(sample) !== quality),
    late: incoming.filter((sample) => !fits(sample)),
    checkpoints: [],
  };
}

function run<S extends Sample, State, Context>(
  rule: SignalRule<S, State, Context>,
  base: State,
  samples: readonly S[],
  context: Context,
): { state: State; facts: NewFact[]; qualities: { sample: S; quality: Quality }[] } {
  let state = base;
  const facts: NewFact[] = [];
  const qualities: { sample: S; quality: Quality }[] = [];
  for (const sample of samples) {
    const step = rule.step(state, sample, context);
    state = step.state;
    facts.push(...concludedBy(sample, step.facts));
    qualities.push({ sample, quality: step.quality });
  }
  return { state, facts, qualities };
}

function concludedBy({ ts }: Sample, facts: readonly NewFact[]): NewFact[] {
  return facts.map((fact) => ({ ...fact, concludedAt: ts }));
}

/** Moves samples that can no longer be overtaken into the base. The newest always stays: it orders what comes next. */
function absorb<S extends Sample, State, Context>(
  rule: SignalRule<S, State, Context>,
  window: SignalWindow<S, State>,
  context: Context,
  checkpoints: Checkpoint<State>[],
): SignalWindow<S, State> {
  const newest = window.samples.at(-1);
  if (newest === undefined) return window;
  const surplus = window.samples.length - MAX_WINDOW_SAMPLES;
  let keepFrom = Math.max(0, surplus);
  while (window.samples[keepFrom]!.ts < newest.ts - REORDER_WINDOW_MS) keepFrom += 1;
  if (keepFrom === 0) return window;
  let { base, newestInBase } = window;
  for (let index = 0; index < keepFrom; index += 1) {
    const sample = window.samples[index]!;
    if (newestInBase !== null && hourOf(newestInBase) !== hourOf(sample))
      checkpoints.push({ ...newestInBase, state: base });
    base = rule.step(base, sample, context).state;
    newestInBase = orderOf(sample);
  }
  return { base, newestInBase, samples: window.samples.slice(keepFrom) };
}

function hourOf({ ts }: Sample): number {
  return Math.floor(ts / CHECKPOINT_MS);
}
