import { complement, joinSpan, type Span } from "../spans.ts";

/*
 * What the speeds of the fixes of one drive tell:
 *
 * 1. The top speed is the greatest of them. One of more than 250 km/h is wrong, and is passed over.
 * 2. The vehicle stands from one fix to the next while both tell less than 0.7 m/s, which is what a receiver at rest tells at times. After
 *    three minutes without a fix nobody knows.
 */
const IMPOSSIBLE_MPS = 250 / 3.6;
const STANDING_MPS = 0.7;
const MAX_GAP_MS = 180_000;

/** Fed with the fixes of one drive in the order of time. */
export class DriveSpeeds {
  /** metres per second; null: no fix has told a speed */
  topMps: number | null = null;
  readonly #standing: Span[] = [];
  /** when the fix before told that the vehicle stood; null: it did not */
  #stoodAt: number | null = null;

  /** @param mps NaN: the fix tells no speed */
  add(ts: number, mps: number): void {
    if (Number.isNaN(mps) || mps > IMPOSSIBLE_MPS) return;
    this.topMps = Math.max(this.topMps ?? 0, mps);
    const stands = mps < STANDING_MPS;
    if (stands && this.#stoodAt !== null && ts - this.#stoodAt <= MAX_GAP_MS)
      joinSpan(this.#standing, { from: this.#stoodAt, to: ts });
    this.#stoodAt = stands ? ts : null;
  }

  /** When the vehicle was not seen to stand. */
  movingIn(drive: Span): Span[] {
    return complement([drive], this.#standing);
  }
}
