import type { Principal } from "../auth/authorize.ts";
import type { Rate } from "./rate.ts";

/** readings per turn of one client: they share a flush of the journal */
const READINGS_PER_TURN = 128;
/** ordinary messages per turn of one client: fewer, since each costs a delivery to every subscriber */
const ORDINARY_PER_TURN = 8;

/** How many packets of one client are handled before other clients have their turn. */
export function packetsPerTurn({ type }: Principal): number {
  return type === "anonymous" ? ORDINARY_PER_TURN : READINGS_PER_TURN;
}

/** A token bucket: computes how long reading from a client pauses, so that it keeps its rate. No message is dropped. */
export class Meter {
  readonly #rate: Rate;
  #tokens: number;
  #filledAt: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAt = nowMs;
  }

  /** Counts `messages` that were just read. @returns milliseconds to pause before reading more */
  take(messages: number, nowMs: number): number {
    const { perSecond, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#filledAt) * perSecond) / 1000) - messages;
    this.#filledAt = nowMs;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / perSecond);
  }
}
