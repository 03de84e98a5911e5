import { LRUCache } from "lru-cache";
import { Problem } from "../http/problem.ts";

export interface AttemptLimit {
  count: number;
  windowMs: number;
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/**
 * Failed sign-ins per account and per address. Counted failures only: who signs in rightly is never slowed down. An
 * address on loopback is not counted, since a reverse proxy may stand there for everybody.
 */
export class LoginThrottle {
  readonly #tries: AttemptLimit;
  readonly #failures = new LRUCache<string, number[]>({ max: 50_000 });

  constructor(tries: AttemptLimit) {
    this.#tries = tries;
  }

  /** @throws Problem 429 when account or address has used up its tries */
  assertAllowed(email: string, address: string | undefined, nowMs: number): void {
    for (const key of keysOf(email, address)) {
      const recent = this.#recent(key, nowMs);
      if (recent.length >= this.#tries.count) {
        const seconds = Math.max(1, Math.ceil((recent[0]! + this.#tries.windowMs - nowMs) / 1000));
        throw new Problem(429, "too many failed sign-ins", { headers: { "Retry-After": String(seconds) } });
      }
    }
  }

  /** Counts a try before its outcome is known, so that tries sent at once cannot all slip through. */
  countAttempt(email: string, address: string | undefined, nowMs: number): void {
    for (const key of keysOf(email, address)) this.#failures.set(key, [...this.#recent(key, nowMs), nowMs]);
  }

  /** Takes back the count of a try that turned out right, and forgives the account. */
  refund(email: string, address: string | undefined, triedAtMs: number): void {
    for (const key of keysOf(email, address)) {
      const left = (this.#failures.get(key) ?? []).filter((at) => at !== triedAtMs);
      if (key.startsWith("account ") || left.length === 0) this.#failures.delete(key);
      else this.#failures.set(key, left);
    }
  }

  #recent(key: string, nowMs: number): number[] {
    return (this.#failures.get(key) ?? []).filter((at) => at > nowMs - this.#tries.windowMs);
  }
}

function keysOf(email: string, address: string | undefined): string[] {
  const account = `account ${email.toLowerCase()}`;
  return address === undefined || LOOPBACK.test(address) ? [account] : [account, `address ${address}`];
}
