import { LRUCache } from "lru-cache";

export interface Rate {
  perSecond: number;
  burst: number;
}

/** One token bucket per key. The 50,000 keys used last are kept; another key starts with a full bucket. */
export class RateLimiter {
  readonly #rate: Rate;
  readonly #buckets = new LRUCache<string, { tokens: number; at: number }>({ max: 50_000 });

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Takes one token of `key`. @returns seconds to wait when there is none, else 0 */
  take(key: string, nowMs: number): number {
    const { perSecond, burst } = this.#rate;
    if (perSecond === 0) return 0;
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: nowMs };
    const tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.at) / 1000) * perSecond);
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: nowMs });
    return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / perSecond);
  }
}
