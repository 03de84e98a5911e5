import {
  type AttemptCounter,
  type AttemptLimit,
  type CreateAttemptCounter,
  tooManyFailures,
} from "../login-throttle.ts";

/** One attempt at a code: the user, and where it comes from. */
export interface CodeAttempt {
  userId: number;
  /** the place that this account has signed in from before, if this is one (known-places.ts) */
  knownPlace: string | undefined;
}

/**
 * Counts wrong codes per account. A code has six digits only, so all unknown places of an account share one count; a place
 * the account is known from has its own, so that a stranger who has the password cannot lock its owner out.
 */
export class CodeThrottle {
  readonly #count: number;
  readonly #attempts: AttemptCounter;

  constructor({ count, windowMs }: AttemptLimit, createCounter: CreateAttemptCounter) {
    this.#count = count;
    this.#attempts = createCounter(windowMs, count);
  }

  /**
   * Counts an attempt before its outcome is known, so that attempts sent in parallel are all counted.
   * @throws Problem 429, with Retry-After, when the attempts are used up
   */
  begin(attempt: CodeAttempt, nowMs: number): void {
    const blockedMs = this.#attempts.blockedForMs(keyOf(attempt), this.#count, nowMs);
    if (blockedMs > 0) throw tooManyFailures(blockedMs);
    this.#attempts.record(keyOf(attempt), nowMs);
  }

  /** Takes back the failures of the account at this place. */
  succeeded(attempt: CodeAttempt): void {
    this.#attempts.reset(keyOf(attempt));
  }
}

const keyOf = ({ userId, knownPlace = "unknown places" }: CodeAttempt): string => `${userId} at ${knownPlace}`;
