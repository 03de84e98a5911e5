/** Why nobody's publishes are read: too much waits for the disk, or the journal takes nothing. */
export type BackpressureReason = "pending" | "journal";

/** Something that stopped at a closed gate. */
export interface BackpressureWaiter {
  resumeReading(): void;
}

/** Stops the reading of publishes while there is a reason to. Sockets that meet it closed are woken when it opens. */
export class Backpressure {
  readonly #reasons = new Set<BackpressureReason>();
  #waiting = new Set<BackpressureWaiter>();

  get isActive(): boolean {
    return this.#reasons.size > 0;
  }

  apply(reason: BackpressureReason): void {
    this.#reasons.add(reason);
  }

  release(reason: BackpressureReason): void {
    if (!this.#reasons.delete(reason) || this.isActive) return;
    const woken = this.#waiting;
    this.#waiting = new Set();
    for (const one of woken) one.resumeReading();
  }

  addWaiter(one: BackpressureWaiter): void {
    this.#waiting.add(one);
  }

  removeWaiter(one: BackpressureWaiter): void {
    this.#waiting.delete(one);
  }
}
