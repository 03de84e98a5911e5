import { LRUCache } from "lru-cache";

export interface Rate {
  perSecond: number;
  burst: number;
}

export interface TokenBucket {
  /** Takes one token if there is one. @returns milliseconds until there is one; 0 when it was taken */
  tryTake(nowMs: number): number;
}

/** Times are milliseconds of the monotonic clock. */
export type CreateTokenBucket = (rate: Rate, nowMs: number) => TokenBucket;

/** One token bucket per key. The 50,000 keys used last are kept; another key starts with a full bucket. */
export class RateLimiter {
  readonly #rate: Rate;
  readonly #createTokenBucket: CreateTokenBucket;
  readonly #buckets = new LRUCache<string, TokenBucket>({ max: 50_000 });

  /** @param rate 0 per second: no limit */
  constructor(rate: Rate, createTokenBucket: CreateTokenBucket) {
    this.#rate = rate;
    this.#createTokenBucket = createTokenBucket;
  }

  /** Takes one token of `key`. @returns seconds to wait when there is none, else 0 */
  take(key: string, nowMs: number): number {
    if (this.#rate.perSecond === 0) return 0;
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) this.#buckets.set(key, (bucket = this.#createTokenBucket(this.#rate, nowMs)));
    return Math.ceil(bucket.tryTake(nowMs) / 1000);
  }
}
