/** The offset between wall clock and monotonic clock changes by less than this unless the wall clock is set. */
const STEP_MS = 1_000;

interface Clocks {
  /** epoch milliseconds */
  wall(): number;
  /** milliseconds; never set */
  monotonic(): number;
}

const SYSTEM: Clocks = { wall: () => Date.now(), monotonic: () => performance.now() };

/**
 * Tells how long ago something was received. The stamps of receipt are the wall clock's, which may be set at any moment: an
 * hour forward must not make a silence of every pause, and an hour back must not hide a silence for an hour. Where a stamp
 * was made before the last step, the time since that step counts: less than has passed, never more.
 */
export class ReceiptClock {
  readonly #clocks: Clocks;
  #offsetMs: number;
  /** monotonic time at which the last step was noticed */
  #steppedAt: number | undefined;
  /** epoch milliseconds */
  #setBackFrom = Number.NEGATIVE_INFINITY;

  constructor(clocks: Clocks = SYSTEM) {
    this.#clocks = clocks;
    this.#offsetMs = clocks.wall() - clocks.monotonic();
  }

  /**
   * Looks whether the wall clock was set since the last call. Call it after a time was read and before `elapsedMs`.
   * @returns milliseconds by which it was set, negative when back; 0 when it was not
   */
  observe(): number {
    const monotonic = this.#clocks.monotonic();
    const offsetMs = this.#clocks.wall() - monotonic;
    const stepMs = offsetMs - this.#offsetMs;
    if (Math.abs(stepMs) < STEP_MS) {
      // The wall clock is slewed: small corrections add up.
      this.#offsetMs = offsetMs;
      return 0;
    }
    if (stepMs < 0) this.#setBackFrom = Math.max(this.#setBackFrom, monotonic + this.#offsetMs);
    this.#offsetMs = offsetMs;
    this.#steppedAt = monotonic;
    return Math.round(stepMs);
  }

  /** Milliseconds since the last step of the wall clock; Infinity when there was none since this process started. */
  sinceStepMs(): number {
    return this.#steppedAt === undefined ? Number.POSITIVE_INFINITY : this.#clocks.monotonic() - this.#steppedAt;
  }

  /** What the wall clock showed before it was set back, at most: a stamp up to that may be older than it looks. */
  setBackFrom(): number {
    return this.#setBackFrom;
  }

  /** Milliseconds from a stamp of receipt until `now`, as far as is certain. Both in epoch milliseconds. */
  elapsedMs(receivedAt: number, now: number): number {
    if (receivedAt <= now) return Math.min(now - receivedAt, this.sinceStepMs());
    // Stamped before the wall clock was set back; otherwise by another node, which is ahead of `now`.
    return receivedAt <= this.#setBackFrom ? this.sinceStepMs() : 0;
  }
}
