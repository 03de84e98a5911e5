const MINUTE_MS = 60_000;
const REFUSED_MS = 5 * MINUTE_MS;

/** Notices a client id that connects over and over, and keeps it out for five minutes. Others are not touched. */
export class ConnectRateLimiter {
  readonly #perMinute: number;
  readonly #seen = new Map<string, { accepted: number[]; refusedUntil: number }>();
  #sweptAt = 0;

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Counts a connection whose credentials were right; false: refuse it. */
  tryConnect(clientId: string, nowMs: number): boolean {
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
  refund(clientId: string): void {
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
