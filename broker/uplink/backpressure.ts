/** Why publishes are not read: too many wait for the disk, or the journal is full or failing. */
export type BackpressureReason = "pending" | "journal";

/** A connection that has paused reading. */
export interface BackpressureWaiter {
  resumeReading(): void;
}

/** Stops all connections from reading publishes while there is a reason to, and resumes those that paused. */
export class Backpressure {
  readonly #reasons = new Set<BackpressureReason>();
  #waiters = new Set<BackpressureWaiter>();

  get isActive(): boolean {
    return this.#reasons.size > 0;
  }

  apply(reason: BackpressureReason): void {
    this.#reasons.add(reason);
  }

  release(reason: BackpressureReason): void {
    if (!this.#reasons.delete(reason) || this.isActive) return;
    const waiters = this.#waiters;
    this.#waiters = new Set();
    for (const waiter of waiters) waiter.resumeReading();
  }

  /** `waiter.resumeReading` is called once, when the last reason is gone. */
  addWaiter(waiter: BackpressureWaiter): void {
    this.#waiters.add(waiter);
  }

  removeWaiter(waiter: BackpressureWaiter): void {
    this.#waiters.delete(waiter);
  }
}
