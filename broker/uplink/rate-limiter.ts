import type { Principal } from "../auth/authorize.ts";
import type { Rate } from "../settings.ts";

/** readings of one sender between two turns of the others; they share one flush of the journal */
const JOURNAL_TURN_PACKETS = 128;
/** ordinary messages cost a delivery to each subscriber, so fewer of them make a turn */
const FANOUT_TURN_PACKETS = 8;

/** How many packets of one sender are taken before others have their turn. */
export function packetsOfOneTurn({ type }: Principal): number {
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

/** Why nobody's publishes are read: too much waits for the disk, or the journal takes nothing. */
export type GateReason = "pending" | "journal";

/** Something that stopped at a closed gate. */
export interface Waiting {
  wake(): void;
}

/** Stops the reading of publishes while there is a reason to. Sockets that meet it closed are woken when it opens. */
export class Gate {
  readonly #reasons = new Set<GateReason>();
  #waiting = new Set<Waiting>();

  get closed(): boolean {
    return this.#reasons.size > 0;
  }

  close(reason: GateReason): void {
    this.#reasons.add(reason);
  }

  open(reason: GateReason): void {
    if (!this.#reasons.delete(reason) || this.closed) return;
    const woken = this.#waiting;
    this.#waiting = new Set();
    for (const one of woken) one.wake();
  }

  wait(one: Waiting): void {
    this.#waiting.add(one);
  }

  forget(one: Waiting): void {
    this.#waiting.delete(one);
  }
}

const MINUTE_MS = 60_000;
const REFUSED_MS = 5 * MINUTE_MS;

/** Notices a client id that connects over and over, and keeps it out for five minutes. Others are not touched. */
export class FlappingLimit {
  readonly #perMinute: number;
  readonly #seen = new Map<string, { accepted: number[]; refusedUntil: number }>();
  #sweptAt = 0;

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Counts a connection whose credentials were right; false: refuse it. */
  admit(clientId: string, nowMs: number): boolean {
    this.#sweep(nowMs);
    const known = this.#seen.get(clientId) ?? { accepted: [], refusedUntil: 0 };
    if (nowMs < known.refusedUntil) return false;
    known.accepted = known.accepted.filter((at) => at > nowMs - MINUTE_MS);
    if (known.accepted.length >= this.#perMinute) {
      known.accepted = [];
      known.refusedUntil = nowMs + REFUSED_MS;
    } else known.accepted.push(nowMs);
    this.#seen.set(clientId, known);
    return nowMs >= known.refusedUntil;
  }

  /** Takes back the newest count of a connection that the server itself ended. */
  forgive(clientId: string): void {
    this.#seen.get(clientId)?.accepted.pop();
  }

  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptAt < MINUTE_MS) return;
    this.#sweptAt = nowMs;
    for (const [clientId, { accepted, refusedUntil }] of this.#seen) {
      if (refusedUntil < nowMs && (accepted.at(-1) ?? 0) < nowMs - MINUTE_MS) this.#seen.delete(clientId);
    }
  }
}
