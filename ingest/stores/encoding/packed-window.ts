import type { Sample } from "../../signals/signal-rule.ts";
import type { SignalWindow } from "../../signals/window.ts";
import { STATE_VERSION } from "./state-version.ts";
import { type PackedNumbers, packNumbers, unpackNumbers } from "./packed-numbers.ts";

/**
 * A signal window as it is stored: its samples by column, times and counters as differences from the sample before. That
 * is a third of the size of a list of objects, so that the row of a device fits its page (Postgres moves values of larger
 * rows out of it).
 */
export interface PackedWindow<State> {
  /** of `base` (state-version.ts) */
  version: number;
  base: State;
  newestInBase: Sample | null;
  /** the first sample, which the first differences start from; null without samples */
  start: Sample | null;
  samples: Record<string, Column>;
}

/** Packed where every sample has a number; otherwise the values as they are, null where one is missing. Empty: none has any. */
type Column = PackedNumbers | unknown[];

export function packWindow<S extends Sample, State>(window: SignalWindow<S, State>): PackedWindow<State> {
  const { base, newestInBase, samples } = window;
  const first = samples[0];
  const start = first ? { ts: first.ts, seq: first.seq } : null;
  const columns: Record<string, Column> = {};
  // All samples of a kind come from one function or from unpackWindow: the newest has every name that any of them has.
  for (const name in samples.at(-1)) {
    const values: unknown[] = [];
    let areNumbers = true;
    let isEmpty = true;
    for (const sample of samples as readonly object[] as readonly Readonly<Record<string, unknown>>[]) {
      const value = sample[name];
      values.push(value);
      if (typeof value !== "number") areNumbers = false;
      if (value !== undefined) isEmpty = false;
    }
    if (areNumbers) columns[name] = packNumbers(differences(name, values as number[]));
    // An empty column keeps its name, so that the newest sample has it also after reading it back.
    else columns[name] = isEmpty ? [] : values;
  }
  return { version: STATE_VERSION, base, newestInBase, start, samples: columns };
}

export function unpackWindow<S extends Sample, State>(packed: PackedWindow<State>): SignalWindow<S, State> {
  const { base, newestInBase, start, samples: columns } = packed;
  const samples: Record<string, unknown>[] = [];
  for (const [name, column] of Object.entries(columns)) {
    const values = Array.isArray(column) ? column : runningSums(name, unpackNumbers(column), start);
    values.forEach((value, row) => {
      const sample = (samples[row] ??= {});
      sample[name] = value ?? undefined;
    });
  }
  for (const [name, column] of Object.entries(columns)) {
    if (Array.isArray(column) && column.length === 0) for (const sample of samples) sample[name] = undefined;
  }
  return { base, newestInBase, samples: samples as unknown as S[] };
}

/** Every sample has these, and they change little from one to the next. */
function isStoredAsDifferences(name: string): name is keyof Sample {
  return name === "ts" || name === "seq";
}

function differences(name: string, values: readonly number[]): readonly number[] {
  return isStoredAsDifferences(name) ? values.map((value, row) => (row === 0 ? 0 : value - values[row - 1]!)) : values;
}

function runningSums(name: string, values: number[], start: Sample | null): number[] {
  if (!isStoredAsDifferences(name)) return values;
  let sum = start?.[name] ?? 0;
  return values.map((difference) => (sum += difference));
}
