const MINUTE_MS = 60_000;
const BLOCKED_MS = 5 * MINUTE_MS;

/** Blocks a client id that connects too often for five minutes. Other client ids are not affected. */
export class ConnectRateLimiter {
  readonly #perMinute: number;
  readonly #byClientId = new Map<string, { accepted: number[]; blockedUntil: number }>();
  #sweptAt = 0;

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Counts a connection with valid credentials. @returns whether it may connect */
  tryConnect(clientId: string, nowMs: number): boolean {
    this.#sweep(nowMs);
    const record = this.#byClientId.get(clientId) ?? { accepted: [], blockedUntil: 0 };
    if (nowMs < record.blockedUntil) return false;
    record.accepted = record.accepted.filter((at) => at > nowMs - MINUTE_MS);
    if (record.accepted.length >= this.#perMinute) {
      record.accepted = [];
      record.blockedUntil = nowMs + BLOCKED_MS;
    } else record.accepted.push(nowMs);
    this.#byClientId.set(clientId, record);
    return nowMs >= record.blockedUntil;
  }

  /** Takes back the newest connection of a client id: the server ended it, so the reconnect is not the client's doing. */
  refund(clientId: string): void {
    this.#byClientId.get(clientId)?.accepted.pop();
  }

  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptAt < MINUTE_MS) return;
    this.#sweptAt = nowMs;
    for (const [clientId, { accepted, blockedUntil }] of this.#byClientId) {
      if (blockedUntil < nowMs && (accepted.at(-1) ?? 0) < nowMs - MINUTE_MS) this.#byClientId.delete(clientId);
    }
  }
}
