import { LRUCache } from "lru-cache";
import { isLoopback } from "../transport/peer.ts";

/** How often something may fail within a time. */
export interface AttemptLimit {
  count: number;
  windowMs: number;
}

/** Devices behind one address (a site's router) must not be locked out by one of them that is set up wrongly. */
const TRIES_OF_AN_ADDRESS = 20;
const MAX_KEPT = 50_000;

/**
 * Counts failed logins, by address and by name tried from that address. Never on loopback, where a balancer may stand
 * for everybody; and not by name alone: that would let anyone lock a device out, and 256 random bits cannot be guessed.
 */
export class LoginThrottle {
  readonly #tries: AttemptLimit;
  readonly #failures = new LRUCache<string, number[]>({ max: MAX_KEPT });

  constructor(tries: AttemptLimit) {
    this.#tries = tries;
  }

  isAllowed(address: string, name: string, nowMs: number): boolean {
    if (isLoopback(address)) return true;
    const { count: recordFailure } = this.#tries;
    return (
      this.#recent(`${address} ${name}`, nowMs).length < recordFailure &&
      this.#recent(address, nowMs).length < recordFailure * TRIES_OF_AN_ADDRESS
    );
  }

  count(address: string, name: string, nowMs: number): void {
    if (isLoopback(address)) return;
    for (const key of [`${address} ${name}`, address])
      this.#failures.set(key, [...this.#recent(key, nowMs), nowMs].slice(-this.#tries.count * TRIES_OF_AN_ADDRESS));
  }

  reset(address: string, name: string): void {
    this.#failures.delete(`${address} ${name}`);
  }

  #recent(key: string, nowMs: number): number[] {
    return (this.#failures.get(key) ?? []).filter((at) => at > nowMs - this.#tries.windowMs);
  }
}
