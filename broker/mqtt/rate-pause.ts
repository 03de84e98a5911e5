import type { TokenBucket } from "../uplink/rate.ts";

/** Counts the packets of one client in its rate. Beyond it, the client is not read for a while; nothing is dropped. */
export class RatePause {
  /** undefined: no limit */
  meter: TokenBucket | undefined;
  readonly #onEnd: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  get isActive(): boolean {
    return this.#timer !== undefined;
  }

  /** @param cost of packets of any type; see packet-cost.ts */
  count(cost: number): void {
    const pauseMs = this.meter && cost > 0 ? this.meter.take(cost, performance.now()) : 0;
    if (pauseMs <= 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#onEnd();
    }, pauseMs);
  }

  /** Ends the pause without a word. */
  cancel(): void {
    clearTimeout(this.#timer);
  }
}
