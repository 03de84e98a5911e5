import type { Sample } from "../../signals/signal-rule.ts";
import type { SignalWindow } from "../../signals/window.ts";
import { STATE_SHAPE } from "./state-version.ts";
import { type PackedNumbers, packNumbers, unpackNumbers } from "./packed-numbers.ts";

/**
 * A window as it is stored: its samples by column, times and counters as steps from the sample before. A third of the
 * size of a list of objects, so that the row of a device stays in its page (beyond 2 kB Postgres moves values out).
 */
export interface PackedWindow<State> {
  /** of `base`; see state-shape.ts */
  shape?: number;
  base: State;
  through: Sample | null;
  /** what times and counters are steps from; null while there are no samples */
  start: Sample | null;
  samples: Record<string, Column>;
}

/** Numbers that all samples have, or anything else as it is (null: unknown); none at all: no sample knows it. */
type Column = PackedNumbers | unknown[];

export function packWindow<S extends Sample, State>(window: SignalWindow<S, State>): PackedWindow<State> {
  const { base, newestInBase, samples } = window;
  const first = samples[0];
  const start = first ? { ts: first.ts, seq: first.seq } : null;
  const columns: Record<string, Column> = {};
  // Samples are made by one function, or here: the newest has every name that any of them has.
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
    if (areNumbers) columns[name] = packNumbers(steps(name, values as number[]));
    // Its name stays: the newest sample has it also after it was read back, and an older one may come that knows it.
    else columns[name] = isEmpty ? [] : values;
  }
  return { shape: STATE_SHAPE, base, through: newestInBase, start, samples: columns };
}

export function unpackWindow<S extends Sample, State>(packed: PackedWindow<State>): SignalWindow<S, State> {
  const { base, through: newestInBase, start, samples: columns } = packed;
  const samples: Record<string, unknown>[] = [];
  for (const [name, column] of Object.entries(columns)) {
    const values = Array.isArray(column) ? column : summedUp(name, unpackNumbers(column), start);
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

/** Every sample has these, and from one to the next they change little. */
function isStepped(name: string): name is keyof Sample {
  return name === "ts" || name === "seq";
}

function steps(name: string, values: readonly number[]): readonly number[] {
  return isStepped(name) ? values.map((value, row) => (row === 0 ? 0 : value - values[row - 1]!)) : values;
}

function summedUp(name: string, values: number[], start: Sample | null): number[] {
  if (!isStepped(name)) return values;
  let sum = start?.[name] ?? 0;
  return values.map((step) => (sum += step));
}
