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

/** One attempt to sign in: the account, and where it comes from. */
export interface SignInAttempt {
  email: string;
  /** where the sender is, as limits see it; undefined without a socket */
  address: string | undefined;
  /** the place that this account has signed in from before, if this is one (known-places.ts) */
  knownPlace: string | undefined;
}

/** Limit per account, and per address, as a multiple of the limit per account and address. */
const TOTAL_FACTOR = 20;
const LOOPBACK = /^(127\.|::1$)/;

/**
 * Counts failed sign-ins per account and place. When the attempts there are used up, the sender is refused until the window
 * has passed, even with the right password; others are not. Against guessing from many places, and of many accounts, the sum
 * per account and per address is limited too, but not for an account from a place it is known from: strangers cannot
 * lock anybody out. Loopback is no such address: a proxy on this machine sends all users from there.
 */
export class LoginThrottle {
  readonly #count: number;
  readonly #attempts: AttemptCounter;
  /** attempts whose outcome is not known yet, by what is counted */
  readonly #beingMade = new Map<string, Set<Promise<void>>>();

  constructor({ count, windowMs }: AttemptLimit, createCounter: CreateAttemptCounter) {
    this.#count = count;
    this.#attempts = createCounter(windowMs, count * TOTAL_FACTOR);
  }

  /**
   * Makes an attempt. It counts before its outcome is known, so that attempts sent in parallel are all counted; one that finds
   * them used up by others that are still being made waits for those, since they may be right.
   * @param isRight checks the password; when it rejects, the outcome is not known and the attempt does not count
   * @throws Problem 429, with Retry-After, when the attempts are used up
   */
  async attempt(who: SignInAttempt, isRight: () => Promise<boolean>): Promise<boolean> {
    const limits = this.#limitsOf(who);
    await this.#untilAllowed(limits);
    const begunMs = performance.now();
    for (const [key] of limits) this.#attempts.record(key, begunMs);
    const refund = () => {
      for (const [key] of limits) this.#attempts.refund(key, begunMs);
    };
    const outcome = isRight().then(
      (right) => {
        if (right) refund();
        // With the right password the failures of the account at this place are forgotten.
        if (right) this.#attempts.reset(limits[0]![0]);
        return right;
      },
      (error: unknown) => {
        refund();
        throw error;
      },
    );
    const made = outcome.then(
      () => undefined,
      () => undefined,
    );
    for (const [key] of limits) this.#beingMade.set(key, (this.#beingMade.get(key) ?? new Set()).add(made));
    try {
      return await outcome;
    } finally {
      for (const [key] of limits) this.#forget(key, made);
    }
  }

  /** @throws Problem 429 when the attempts are used up, and none of them may still turn out to be right */
  async #untilAllowed(limits: readonly [key: string, limit: number][]): Promise<void> {
    for (;;) {
      const now = performance.now();
      const used = limits.find(([key, limit]) => this.#attempts.blockedForMs(key, limit, now) > 0);
      if (used === undefined) return;
      const [key, limit] = used;
      const beingMade = this.#beingMade.get(key);
      if (beingMade === undefined) throw tooManyFailures(this.#attempts.blockedForMs(key, limit, now));
      await Promise.race(beingMade);
    }
  }

  #forget(key: string, made: Promise<void>): void {
    const beingMade = this.#beingMade.get(key);
    beingMade?.delete(made);
    if (beingMade?.size === 0) this.#beingMade.delete(key);
  }

  #limitsOf({ email, address, knownPlace }: SignInAttempt): [key: string, limit: number][] {
    const account = email.toLowerCase();
    if (knownPlace !== undefined) return [[`${account} at ${knownPlace}`, this.#count]];
    const total = this.#count * TOTAL_FACTOR;
    const limits: [string, number][] = [
      [`${account} from ${address}`, this.#count],
      [`account ${account}`, total],
    ];
    if (address !== undefined && !LOOPBACK.test(address)) limits.push([`address ${address}`, total]);
    return limits;
  }
}

/** Limits by address what a stranger may do about one-time links: try such as do not exist, and ask for one. */
export class LinkThrottle {
  readonly #count: number;
  readonly #failures: AttemptCounter;

  constructor({ count, windowMs }: AttemptLimit, createCounter: CreateAttemptCounter) {
    this.#count = count;
    this.#failures = createCounter(windowMs, count);
  }

  /** @throws Problem 429, with Retry-After, when this address has used its attempts up */
  assertAllowed(address: string | undefined, nowMs: number): void {
    if (address === undefined || LOOPBACK.test(address)) return;
    const blockedMs = this.#failures.blockedForMs(address, this.#count, nowMs);
    if (blockedMs > 0) throw tooManyFailures(blockedMs);
  }

  recordFailure(address: string | undefined, nowMs: number): void {
    if (address !== undefined) this.#failures.record(address, nowMs);
  }
}

export const tooManyFailures = (blockedMs: number): Problem =>
  new Problem(429, "too many failed sign-ins", {
    headers: { "Retry-After": String(Math.max(1, Math.ceil(blockedMs / 1000))) },
  });
