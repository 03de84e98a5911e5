import type { NewFact } from "../domain/fact.ts";

/** The fields of every sample. Samples are ordered by time of measurement (epoch milliseconds), then by the device's counter. */
export interface Sample {
  ts: number;
  /** -1: the device sends none */
  seq: number;
  /** of an RFID read: several antennas may read one tag in one millisecond */
  antenna?: number | undefined;
}

/** A rule's assessment of a reading. Only `ok` and `approx` fixes move anything. */
export type Quality = "ok" | "approx" | "outlier" | "nofix";

export interface StepResult<State> {
  state: State;
  facts: NewFact[];
  /** of the sample; `ok` in rules that do not assess quality */
  quality: Quality;
}

/**
 * A signal rule turns the readings of one device into facts, one sample at a time. It is a pure function of state and
 * sample, and gets its samples in order (window.ts).
 */
export interface SignalRule<S extends Sample, State, Context> {
  initial: State;
  step(state: State, sample: S, context: Context): StepResult<State>;
}

/** Orders samples of one device and kind. */
export function compareSamples(a: Sample, b: Sample): number {
  return a.ts - b.ts || a.seq - b.seq || (a.antenna ?? 0) - (b.antenna ?? 0);
}

/** The part of a sample that orders it. */
export function orderOf({ ts, seq, antenna }: Sample): Sample {
  return antenna === undefined ? { ts, seq } : { ts, seq, antenna };
}
