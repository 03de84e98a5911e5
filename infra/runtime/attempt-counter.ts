import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";

/** The keys used last; another one starts anew. */
const MAX_KEYS = 50_000;
/** Names are what clients say they are, up to 64 KB. */
const MAX_KEY_LENGTH = 256;

/** A long key is remembered by its hash, so that each takes little memory and none shares the count of another. */
const shorten = (key: string): string =>
  key.length <= MAX_KEY_LENGTH ? key : createHash("sha256").update(key).digest("base64url");

/**
 * Counts attempts by key within a sliding window. Times are milliseconds of the monotonic clock (`performance.now()`).
 * At most `maxAttempts` are remembered of a key.
 */
export class AttemptCounter {
  readonly #windowMs: number;
  readonly #maxAttempts: number;
  readonly #attempts = new LRUCache<string, number[]>({ max: MAX_KEYS });

  constructor(windowMs: number, maxAttempts: number) {
    this.#windowMs = windowMs;
    this.#maxAttempts = maxAttempts;
  }

  /** @returns 0 while the key has fewer than `limit` attempts, else milliseconds until the oldest leaves the window */
  blockedForMs(key: string, limit: number, nowMs: number): number {
    const recent = this.#recent(key, nowMs);
    return recent.length < limit ? 0 : (recent[0] ?? nowMs) + this.#windowMs - nowMs;
  }

  record(key: string, nowMs: number): void {
    this.#attempts.set(shorten(key), [...this.#recent(key, nowMs), nowMs].slice(-this.#maxAttempts));
  }

  /** Takes back the attempt recorded at `recordedMs`. */
  refund(key: string, recordedMs: number): void {
    const short = shorten(key);
    const left = (this.#attempts.get(short) ?? []).filter((at) => at !== recordedMs);
    if (left.length === 0) this.#attempts.delete(short);
    else this.#attempts.set(short, left);
  }

  reset(key: string): void {
    this.#attempts.delete(shorten(key));
  }

  #recent(key: string, nowMs: number): number[] {
    return (this.#attempts.get(shorten(key)) ?? []).filter((at) => at > nowMs - this.#windowMs);
  }
}

export const createAttemptCounter = (windowMs: number, maxAttempts: number): AttemptCounter =>
  new AttemptCounter(windowMs, maxAttempts);
