import type { NewFact } from "../domain/fact.ts";
import { compareSamples, orderOf, type Quality, type SignalRule, type Sample } from "./signal-rule.ts";

/** Readings that come up to this much out of order have the same effect as if they had come in order, milliseconds. */
export const REORDER_WINDOW_MS = 30_000;
/** At most this many samples are kept to run the rule over again; older ones are absorbed into the base. */
export const MAX_WINDOW_SAMPLES = 32;

/**
 * The newest samples of a device's signal, in order, and the rule's state before them. When a reading comes out of order,
 * it is put in its place and the rule runs over the window again, so that the facts are those of the right order.
 */
export interface SignalWindow<S extends Sample, State> {
  base: State;
  /** the newest sample that the base contains: older ones can no longer be put in their place */
  newestInBase: Sample | null;
  samples: S[];
}

/** The rule's state after the last sample of an hour. Deriving the signal again may start from here. */
export interface Checkpoint<State> extends Sample {
  state: State;
}

const CHECKPOINT_MS = 3_600_000;

export interface Detections<S extends Sample, State> {
  window: SignalWindow<S, State>;
  /** the rule's state after the newest sample; kept beside the window so that a reading in order costs one step */
  current: State;
  added: NewFact[];
  /** facts that followed from the wrong order only */
  withdrawn: NewFact[];
  /** of new samples, and of those whose quality has changed */
  qualities: { sample: S; quality: Quality }[];
  /** samples older than the window: late data */
  late: S[];
  /** one for each hour that has left the window */
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
 * Runs the rule over `incoming` (new samples of one signal, any order) on top of `window`.
 * @param current the state after `window`, from the call before or `currentState`
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
      if (step.facts.length > 0) result.added.push(...withConcludedAt(sample, step.facts));
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

/** Puts the samples in their places, and compares the facts of the window before and after. */
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
    // The same fact may have other data now: another mean, another residual.
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
    facts.push(...withConcludedAt(sample, step.facts));
    qualities.push({ sample, quality: step.quality });
  }
  return { state, facts, qualities };
}

function withConcludedAt({ ts }: Sample, facts: readonly NewFact[]): NewFact[] {
  return facts.map((fact) => ({ ...fact, concludedAt: ts }));
}

/** Moves old samples into the base. The newest always stays: later samples are ordered by it. */
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
