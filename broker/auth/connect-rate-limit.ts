import { LRUCache } from "lru-cache";

const MINUTE_MS = 60_000;
const BLOCKED_MS = 5 * MINUTE_MS;
/** The client ids that connected last; another one starts anew. Service accounts may use any number of them. */
const MAX_CLIENTS = 100_000;

interface ClientRecord {
  accepted: number[];
  blockedUntil: number;
}

/** Blocks a client id that connects too often for five minutes. Other client ids are not affected. */
export class ConnectRateLimiter {
  readonly #perMinute: number;
  readonly #byClientId = new LRUCache<string, ClientRecord>({ max: MAX_CLIENTS });

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /**
   * Counts a connection with valid credentials. Times are milliseconds of the monotonic clock.
   * @returns whether it may connect; "blocked": not for five minutes, from this connection on
   */
  tryConnect(clientId: string, nowMs: number): "accepted" | "blocked" | "still blocked" {
    const record = this.#byClientId.get(clientId) ?? { accepted: [], blockedUntil: 0 };
    if (nowMs < record.blockedUntil) return "still blocked";
    this.#byClientId.set(clientId, record);
    record.accepted = record.accepted.filter((at) => at > nowMs - MINUTE_MS);
    if (record.accepted.length < this.#perMinute) {
      record.accepted.push(nowMs);
      return "accepted";
    }
    record.accepted = [];
    record.blockedUntil = nowMs + BLOCKED_MS;
    return "blocked";
  }

  /** Takes back the newest connection of a client id: the server ended it, so the reconnect is not the client's doing. */
  refund(clientId: string): void {
    this.#byClientId.get(clientId)?.accepted.pop();
  }
}
