import { LRUCache } from "lru-cache";
import { isLoopback } from "../transport/peer.ts";

/** How many attempts may fail within a sliding window. */
export interface AttemptLimit {
  count: number;
  windowMs: number;
}

/** An address may fail this many times as often as a name: one misconfigured device must not lock out a whole site. */
const ADDRESS_FACTOR = 20;
const MAX_KEYS = 50_000;

/**
 * Counts failed logins by address, and by name and address. Loopback is exempt, since all clients of a local balancer
 * share it. Names alone are not counted: anyone could lock a device out, and a secret of 256 random bits cannot be guessed.
 */
export class LoginThrottle {
  readonly #limit: AttemptLimit;
  readonly #failures = new LRUCache<string, number[]>({ max: MAX_KEYS });

  constructor(limit: AttemptLimit) {
    this.#limit = limit;
  }

  isAllowed(address: string, name: string, nowMs: number): boolean {
    if (isLoopback(address)) return true;
    const { count } = this.#limit;
    return (
      this.#recent(`${address} ${name}`, nowMs).length < count &&
      this.#recent(address, nowMs).length < count * ADDRESS_FACTOR
    );
  }

  recordFailure(address: string, name: string, nowMs: number): void {
    if (isLoopback(address)) return;
    for (const key of [`${address} ${name}`, address])
      this.#failures.set(key, [...this.#recent(key, nowMs), nowMs].slice(-this.#limit.count * ADDRESS_FACTOR));
  }

  reset(address: string, name: string): void {
    this.#failures.delete(`${address} ${name}`);
  }

  #recent(key: string, nowMs: number): number[] {
    return (this.#failures.get(key) ?? []).filter((at) => at > nowMs - this.#limit.windowMs);
  }
}
