import type { Principal } from "../auth/authorize.ts";
import type { Rate } from "./rate.ts";

/** readings of one sender between two turns of the others; they share one flush of the journal */
const JOURNAL_TURN_PACKETS = 128;
/** ordinary messages cost a delivery to each subscriber, so fewer of them make a turn */
const FANOUT_TURN_PACKETS = 8;

/** How many packets of one sender are taken before others have their turn. */
export function packetsPerTurn({ type }: Principal): number {
  return type === "anonymous" ? FANOUT_TURN_PACKETS : JOURNAL_TURN_PACKETS;
}

/** How long a sender must wait so that its long-run rate stays within bounds. It is made to wait; nothing is dropped. */
export class Meter {
  readonly #rate: Rate;
  #tokens: number;
  #filledAt: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAt = nowMs;
  }

  /** Counts `messages` just read; returns the milliseconds to pause before reading more. */
  take(messages: number, nowMs: number): number {
    const { perSecond, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#filledAt) * perSecond) / 1000) - messages;
    this.#filledAt = nowMs;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / perSecond);
  }
}
