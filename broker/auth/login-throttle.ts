import { isLoopback, type Peer } from "../transport/peer.ts";

/** How many attempts may fail within a sliding window. */
export interface AttemptLimit {
  count: number;
  windowMs: number;
}

/** An address may fail this many times as often as a name: one misconfigured device must not lock out a whole site. */
const ADDRESS_FACTOR = 20;

/** Counts attempts by key within a sliding window, of a bounded number of keys. */
export interface AttemptCounter {
  /** @returns 0 while the key has fewer than `limit` attempts */
  blockedForMs(key: string, limit: number, nowMs: number): number;
  record(key: string, nowMs: number): void;
  reset(key: string): void;
}

export type CreateAttemptCounter = (windowMs: number, maxAttempts: number) => AttemptCounter;

/**
 * Counts failed logins by address block, and by name and address block. Loopback is exempt, since all clients of a local balancer
 * share it. Names alone are not counted: anyone could lock a device out, and a secret of 256 random bits cannot be guessed.
 */
export class LoginThrottle {
  readonly #count: number;
  readonly #failures: AttemptCounter;

  constructor({ count, windowMs }: AttemptLimit, createCounter: CreateAttemptCounter) {
    this.#count = count;
    this.#failures = createCounter(windowMs, count * ADDRESS_FACTOR);
  }

  /** @returns 0 while another attempt is allowed, else for how many milliseconds none is */
  blockedForMs({ address, addressBlock }: Peer, name: string, nowMs: number): number {
    if (isLoopback(address)) return 0;
    return Math.max(
      this.#failures.blockedForMs(`${addressBlock} ${name}`, this.#count, nowMs),
      this.#failures.blockedForMs(addressBlock, this.#count * ADDRESS_FACTOR, nowMs),
    );
  }

  recordFailure({ address, addressBlock }: Peer, name: string, nowMs: number): void {
    if (isLoopback(address)) return;
    for (const key of [`${addressBlock} ${name}`, addressBlock]) this.#failures.record(key, nowMs);
  }

  reset({ addressBlock }: Peer, name: string): void {
    this.#failures.reset(`${addressBlock} ${name}`);
  }
}
