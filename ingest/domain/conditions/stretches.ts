import type { Band } from "./bands.ts";

/*
 * What readings say of the time between them:
 *
 * 1. Between two readings the value went straight from one to the other: a temperature does not jump, and the minutes outside a
 *    limit would otherwise be wrong by up to half an interval each time it is crossed.
 * 2. Between two readings that are further apart than `gapMs` nobody knows it: a gap, neither inside nor outside.
 * 3. Before the first reading and after the last one of a stay with a probe its value is held, for `gapMs` at most; longer is a gap.
 *
 * Example, a limit of 8 °C and readings of 6 °C at 12:00 and 10 °C at 12:10: outside from 12:05 on.
 */
export interface Measured {
  ts: number;
  value: number;
}

/** A piece of time in which the value went straight from `start` to `end`, or a gap. Epoch milliseconds. */
export type Stretch = Gap | Line;
export interface Gap {
  kind: "gap";
  from: number;
  to: number;
}
export interface Line {
  kind: "line";
  from: number;
  to: number;
  start: number;
  end: number;
}

/** The time up to the next reading. @param last the reading before it; null: there was none since `since` */
export function stretchTo(last: Measured | null, next: Measured, since: number, gapMs: number): Stretch {
  const { ts: from, value: start } = last ?? { ts: since, value: next.value };
  if (next.ts - from > gapMs) return { kind: "gap", from, to: next.ts };
  return { kind: "line", from, to: next.ts, start, end: next.value };
}

/** The time from the last reading to the end of the stay. @param last null: there was none */
export function stretchAfter(
  last: Measured | null,
  { from, to }: { from: number; to: number },
  gapMs: number,
): Stretch {
  if (last === null) return { kind: "gap", from, to };
  if (to - last.ts > gapMs) return { kind: "gap", from: last.ts, to };
  return { kind: "line", from: last.ts, to, start: last.value, end: last.value };
}

/** A piece of a line outside of what is allowed; `worst`: its value furthest outside. */
export interface Outside {
  from: number;
  to: number;
  worst: number;
}

/** The pieces of a line outside a band, in order: two when it goes through the band. Ends are rounded to the millisecond. */
export function outsideOf(line: Line, { min, max }: Pick<Band, "min" | "max">): Outside[] {
  const { start, end } = line;
  const above = max === null ? [] : side(line, (value) => value - max);
  const below = min === null ? [] : side(line, (value) => min - value);
  return start <= end ? [...below, ...above] : [...above, ...below];
}

/** @param excess how far a value is outside on this side */
function side({ from, to, start, end }: Line, excess: (value: number) => number): Outside[] {
  const [a, b] = [excess(start), excess(end)];
  if (a <= 0 && b <= 0) return [];
  const crossing = Math.round(from + ((to - from) * a) / (a - b));
  const piece = { from: a > 0 ? from : crossing, to: b > 0 ? to : crossing, worst: a >= b ? start : end };
  return piece.to >= piece.from ? [piece] : [];
}
