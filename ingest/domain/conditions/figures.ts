import type { ConditionQuantity } from "../fact.ts";
import { type Band, beyond } from "./bands.ts";
import { KineticMean, type KineticTemperature, windowMsOf } from "./kinetic-temperature.ts";
import { type Measured, outsideOf, type Stretch } from "./stretches.ts";

/** A span of time, epoch milliseconds. */
export interface Span {
  from: number;
  to: number;
}

/** What one probe has measured of one quantity while it was with the goods. Fed in the order of time. */
export class ProbeFigures {
  readonly #band: Band;
  readonly #kinetic: KineticMean | undefined;
  readonly measured: Span[] = [];
  readonly outside: Span[] = [];
  readings = 0;
  beyondLimit = 0;
  lowest: Measured | undefined;
  highest: Measured | undefined;
  last: number | undefined;

  constructor(quantity: ConditionQuantity, band: Band) {
    this.#band = band;
    this.#kinetic = quantity === "celsius" ? new KineticMean(windowMsOf(band.max)) : undefined;
  }

  addReading(reading: Measured): void {
    const { value, ts } = reading;
    this.readings += 1;
    this.last = ts;
    if (beyond(value, this.#band) > 0) this.beyondLimit += 1;
    if (this.lowest === undefined || value < this.lowest.value) this.lowest = reading;
    if (this.highest === undefined || value > this.highest.value) this.highest = reading;
  }

  addStretch(stretch: Stretch): void {
    if (stretch.kind === "gap" || stretch.to <= stretch.from) return;
    join(this.measured, stretch);
    for (const piece of outsideOf(stretch, this.#band)) join(this.outside, piece);
    this.#kinetic?.add(stretch);
  }

  kineticTemperature(): KineticTemperature | undefined {
    return this.#kinetic?.result();
  }
}

/** Adds a span that begins no earlier than the last one. */
function join(spans: Span[], { from, to }: Span): void {
  const last = spans.at(-1);
  if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
  else if (to > from) spans.push({ from, to });
}

/** All times that at least one of the lists covers, in order. */
export function union(lists: readonly (readonly Span[])[]): Span[] {
  const joined: Span[] = [];
  for (const span of lists.flat().sort((a, b) => a.from - b.from)) join(joined, { ...span });
  return joined;
}

/** The times of `whole` that `parts` do not cover; both in order, without overlaps. */
export function complement(whole: readonly Span[], parts: readonly Span[]): Span[] {
  const left: Span[] = [];
  let index = 0;
  for (const { from, to } of whole) {
    let at = from;
    while (index < parts.length && parts[index]!.to <= from) index += 1;
    for (let each = index; each < parts.length && parts[each]!.from < to; each += 1) {
      if (parts[each]!.from > at) left.push({ from: at, to: parts[each]!.from });
      at = Math.max(at, parts[each]!.to);
    }
    if (at < to) left.push({ from: at, to });
  }
  return left;
}

export const lengthMs = (spans: readonly Span[]): number => spans.reduce((ms, { from, to }) => ms + to - from, 0);
