import type { Line } from "./stretches.ts";

/*
 * Mean kinetic temperature: the one constant temperature that would have harmed the goods as much as the temperatures that they had.
 * By the formula of USP <1079.2>, with ΔH/R = 10,000 K, weighted by time:
 *
 *   MKT = 10,000 K / -ln( mean of exp(-10,000 K / T) )
 *
 * It is that of the worst window: of the time with the highest one. Windows begin and end at steps (a 1440th of the window), so that
 * memory is the same for a day and for a year. A window that was measured for less than half of it is left out; without any whole
 * window it is that of the whole time.
 */
const KELVIN = 273.15;
const ACTIVATION_KELVIN = 10_000;
const STEPS = 1_440;
const HOUR_MS = 3_600_000;

/** How long the window is: 24 h for goods that must stay at or below 8 °C, 30 days for others. */
export const windowMsOf = (maxCelsius: number | null): number =>
  maxCelsius !== null && maxCelsius <= 8 ? 24 * HOUR_MS : 30 * 24 * HOUR_MS;

export interface KineticTemperature {
  celsius: number;
  /** epoch milliseconds */
  from: number;
  to: number;
}

/** Gathers the lines of one probe, in the order of time. */
export class KineticMean {
  readonly #windowMs: number;
  readonly #stepMs: number;
  /** of the last steps, by number modulo STEPS: effect × milliseconds, and milliseconds that were measured */
  readonly #effect = new Float64Array(STEPS);
  readonly #measured = new Float64Array(STEPS);
  #first: number | undefined;
  #last = 0;
  #step = 0;
  #whole = { effect: 0, measured: 0 };
  #worst: { mean: number; to: number } | undefined;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
    this.#stepMs = windowMs / STEPS;
  }

  add({ from, to, start, end }: Line): void {
    if (to <= from) return;
    if (this.#first === undefined) [this.#first, this.#step] = [from, Math.floor(from / this.#stepMs)];
    this.#last = to;
    const valueAt = (ts: number) => start + ((end - start) * (ts - from)) / (to - from);
    for (let at = from; at < to;) {
      const step = Math.floor(at / this.#stepMs);
      const until = Math.min(to, (step + 1) * this.#stepMs);
      this.#advanceTo(step);
      // Simpson's rule: a piece is a few minutes long, in which the effect bends little.
      const [a, middle, b] = [at, (at + until) / 2, until].map((ts) => effectOf(valueAt(ts))) as [
        number,
        number,
        number,
      ];
      const effect = ((a + 4 * middle + b) / 6) * (until - at);
      this.#effect[step % STEPS]! += effect;
      this.#measured[step % STEPS]! += until - at;
      this.#whole.effect += effect;
      this.#whole.measured += until - at;
      at = until;
    }
  }

  result(): KineticTemperature | undefined {
    if (this.#first === undefined) return undefined;
    this.#assess();
    if (this.#worst === undefined) {
      return { celsius: celsiusOf(this.#whole.effect / this.#whole.measured), from: this.#first, to: this.#last };
    }
    const { mean, to } = this.#worst;
    return { celsius: celsiusOf(mean), from: to - this.#windowMs, to };
  }

  /** Ends the steps before this one. */
  #advanceTo(step: number): void {
    if (step === this.#step) return;
    this.#assess();
    const gone = Math.min(STEPS, step - this.#step);
    for (let each = step - gone + 1; each <= step; each += 1) {
      this.#step = each;
      this.#effect[each % STEPS] = 0;
      this.#measured[each % STEPS] = 0;
    }
    this.#step = step;
  }

  /** The window that ends with the present step. */
  #assess(): void {
    const to = (this.#step + 1) * this.#stepMs;
    if (this.#first === undefined || to - this.#windowMs < this.#first - this.#stepMs) return;
    if (Math.ceil(this.#last / this.#stepMs) * this.#stepMs < to) return;
    const measured = sum(this.#measured);
    if (measured < this.#windowMs / 2) return;
    const mean = sum(this.#effect) / measured;
    if (this.#worst === undefined || mean > this.#worst.mean) this.#worst = { mean, to };
  }
}

const effectOf = (celsius: number): number => Math.exp(-ACTIVATION_KELVIN / (celsius + KELVIN));
const celsiusOf = (meanEffect: number): number => ACTIVATION_KELVIN / -Math.log(meanEffect) - KELVIN;

/** All of them again: a running sum would gather rounding errors over a year. */
function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
