import { Problem } from "../http/problem.ts";

/** How many failed sign-ins are allowed within a time window. */
export interface AttemptLimit {
  count: number;
  windowMs: number;
}

/** Counts attempts by key within a sliding window, of a bounded number of keys. */
export interface AttemptCounter {
  /** @returns 0 while the key has fewer than `limit` attempts, else milliseconds until the oldest leaves the window */
  blockedForMs(key: string, limit: number, nowMs: number): number;
  record(key: string, nowMs: number): void;
  refund(key: string, recordedMs: number): void;
  reset(key: string): void;
}

export type CreateAttemptCounter = (windowMs: number, maxAttempts: number) => AttemptCounter;

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/**
 * Counts failed sign-ins per account and per IP address. When either has used up its attempts, every further sign-in is
 * refused until the window has passed, even with the right password. Loopback addresses are not counted: a reverse proxy
 * on this machine sends all users from there.
 */
export class LoginThrottle {
  readonly #count: number;
  readonly #attempts: AttemptCounter;

  constructor({ count, windowMs }: AttemptLimit, createCounter: CreateAttemptCounter) {
    this.#count = count;
    this.#attempts = createCounter(windowMs, count);
  }

  /** @throws Problem 429, with Retry-After, when the account or the address has used up its attempts */
  assertAllowed(email: string, address: string | undefined, nowMs: number): void {
    for (const key of keysOf(email, address)) {
      const blockedMs = this.#attempts.blockedForMs(key, this.#count, nowMs);
      if (blockedMs > 0) {
        const seconds = Math.max(1, Math.ceil(blockedMs / 1000));
        throw new Problem(429, "too many failed sign-ins", { headers: { "Retry-After": String(seconds) } });
      }
    }
  }

  /** Counts an attempt before its outcome is known, so that attempts sent in parallel are all counted. */
  countAttempt(email: string, address: string | undefined, nowMs: number): void {
    for (const key of keysOf(email, address)) this.#attempts.record(key, nowMs);
  }

  /** Takes back the count of an attempt that succeeded, and clears all failures of the account. */
  refund(email: string, address: string | undefined, attemptedAtMs: number): void {
    for (const key of keysOf(email, address)) {
      if (key.startsWith("account ")) this.#attempts.reset(key);
      else this.#attempts.refund(key, attemptedAtMs);
    }
  }
}

function keysOf(email: string, address: string | undefined): string[] {
  const account = `account ${email.toLowerCase()}`;
  return address === undefined || LOOPBACK.test(address) ? [account] : [account, `address ${address}`];
}
