/**
 * A signal rule turns one device's readings into facts, one sample at a time: state in, state out, nothing else.
 * Rules never see a sample out of order; the window (window.ts) takes care of that.
 */
import type { NewFact } from "../domain/fact.ts";

/** What every sample carries: the time of measurement and the device's own counter (-1: none), which order it. */
export interface Sample {
  ts: number;
  seq: number;
  /** of an RFID read: one tag may be read by several antennas in one instant */
  antenna?: number | undefined;
}

/** What a rule thinks of a reading. Only `ok` and `approx` fixes move anything. */
export type Quality = "ok" | "approx" | "outlier" | "nofix";

export interface StepResult<State> {
  state: State;
  facts: NewFact[];
  /** of the sample; `ok` when the rule has no opinion */
  quality: Quality;
}

export interface SignalRule<S extends Sample, State, Context> {
  initial: State;
  step(state: State, sample: S, context: Context): StepResult<State>;
}

/** Orders samples of one device and kind. */
export function compareSamples(a: Sample, b: Sample): number {
  return a.ts - b.ts || a.seq - b.seq || (a.antenna ?? 0) - (b.antenna ?? 0);
}

/** Where a sample stands in that order. */
export function orderOf({ ts, seq, antenna }: Sample): Sample {
  return antenna === undefined ? { ts, seq } : { ts, seq, antenna };
}
