import { LRUCache } from "lru-cache";
import { Problem } from "../http/problem.ts";

/** How many failed sign-ins are allowed within a time window. */
export interface AttemptLimit {
  count: number;
  windowMs: number;
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/**
 * Counts failed sign-ins per account and per IP address. When either has used up its attempts, every further sign-in is
 * refused until the window has passed, even with the right password. Loopback addresses are not counted: a reverse proxy
 * on this machine sends all users from there.
 */
export class LoginThrottle {
  readonly #limit: AttemptLimit;
  readonly #failures = new LRUCache<string, number[]>({ max: 50_000 });

  constructor(limit: AttemptLimit) {
    this.#limit = limit;
  }

  /** @throws Problem 429, with Retry-After, when the account or the address has used up its attempts */
  assertAllowed(email: string, address: string | undefined, nowMs: number): void {
    for (const key of keysOf(email, address)) {
      const recent = this.#recent(key, nowMs);
      if (recent.length >= this.#limit.count) {
        const seconds = Math.max(1, Math.ceil((recent[0]! + this.#limit.windowMs - nowMs) / 1000));
        throw new Problem(429, "too many failed sign-ins", { headers: { "Retry-After": String(seconds) } });
      }
    }
  }

  /** Counts an attempt before its outcome is known, so that attempts sent in parallel are all counted. */
  countAttempt(email: string, address: string | undefined, nowMs: number): void {
    for (const key of keysOf(email, address)) this.#failures.set(key, [...this.#recent(key, nowMs), nowMs]);
  }

  /** Takes back the count of an attempt that succeeded, and clears all failures of the account. */
  refund(email: string, address: string | undefined, attemptedAtMs: number): void {
    for (const key of keysOf(email, address)) {
      const left = (this.#failures.get(key) ?? []).filter((at) => at !== attemptedAtMs);
      if (key.startsWith("account ") || left.length === 0) this.#failures.delete(key);
      else this.#failures.set(key, left);
    }
  }

  #recent(key: string, nowMs: number): number[] {
    return (this.#failures.get(key) ?? []).filter((at) => at > nowMs - this.#limit.windowMs);
  }
}

function keysOf(email: string, address: string | undefined): string[] {
  const account = `account ${email.toLowerCase()}`;
  return address === undefined || LOOPBACK.test(address) ? [account] : [account, `address ${address}`];
}
