/** Tokens per second in the long run, and how many there may be at once. */
interface Rate {
  perSecond: number;
  burst: number;
}

/** A token bucket. It starts full. Times are milliseconds of the monotonic clock (`performance.now()`). */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #filledAt: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAt = nowMs;
  }

  /** Takes tokens whether or not they are there. @returns milliseconds until the debt is paid; 0 without one */
  take(tokens: number, nowMs: number): number {
    this.#fill(nowMs);
    this.#tokens -= tokens;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / this.#rate.perSecond);
  }

  /** Takes one token if there is one. @returns milliseconds until there is one; 0 when it was taken */
  tryTake(nowMs: number): number {
    this.#fill(nowMs);
    if (this.#tokens < 1) return ((1 - this.#tokens) * 1000) / this.#rate.perSecond;
    this.#tokens -= 1;
    return 0;
  }

  #fill(nowMs: number): void {
    const { perSecond, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#filledAt) * perSecond) / 1000);
    this.#filledAt = nowMs;
  }
}

export const createTokenBucket = (rate: Rate, nowMs: number): TokenBucket => new TokenBucket(rate, nowMs);
