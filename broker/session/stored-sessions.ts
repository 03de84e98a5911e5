import type { Logger } from "pino";
import type { MemoryLimits } from "./memory-limits.ts";
import type { QueueTotal } from "./offline-queue.ts";
import { StoredSession } from "./stored-session.ts";

/** sessions whose client is away: past this the one that is away for longest ends early */
const MAX_AWAY = 100_000;
/** how often expired sessions are looked for within the time that a session has */
const CHECKS_PER_EXPIRY = 10;

/**
 * The sessions that outlive their connection, empty ones included [MQTT-3.2.2-2]. One whose client stays away for longer
 * than `sessionExpiryMs` ends; MQTT 3.1.1 lets a server do so (section 4.1).
 */
export class StoredSessions {
  readonly #limits: MemoryLimits;
  readonly #log: Logger;
  readonly #onEnd: (session: StoredSession) => void;
  readonly #byClient = new Map<string, StoredSession>();
  /** when the client left, on the monotonic clock, milliseconds; the one that is away for longest is the first */
  readonly #awaySince = new Map<string, number>();
  readonly #queueTotal: QueueTotal = { bytes: 0 };
  #subscribed = 0;
  #expiryTimer: NodeJS.Timeout | undefined;

  /** @param onEnd called for each session that ends, after it has been removed */
  constructor(limits: MemoryLimits, log: Logger, onEnd: (session: StoredSession) => void) {
    this.#limits = limits;
    this.#log = log;
    this.#onEnd = onEnd;
  }

  get(clientId: string): StoredSession | undefined {
    return this.#byClient.get(clientId);
  }

  values(): Iterable<StoredSession> {
    return this.#byClient.values();
  }

  /** Without a client that opens it the session expires like one whose client has just left. */
  getOrCreate(clientId: string): StoredSession {
    const known = this.#byClient.get(clientId);
    if (known) return known;
    const session = new StoredSession(clientId, this.#limits, this.#queueTotal);
    this.#byClient.set(clientId, session);
    this.#awaySince.set(clientId, performance.now());
    return session;
  }

  /** The client is connected: its session does not expire. */
  open(clientId: string): StoredSession {
    const session = this.getOrCreate(clientId);
    session.isOpen = true;
    this.#awaySince.delete(clientId);
    return session;
  }

  /** The client has left. */
  close(clientId: string): void {
    const session = this.#byClient.get(clientId);
    if (!session?.isOpen) return;
    session.isOpen = false;
    this.#awaySince.set(clientId, performance.now());
    if (this.#awaySince.size > MAX_AWAY) this.end(this.#awaySince.keys().next().value!);
  }

  /** @throws when there are as many sessions with subscriptions as the bound allows */
  countSubscriber(session: StoredSession): void {
    if (session.hasSubscribed) return;
    if (this.#subscribed >= this.#limits.sessions) throw new Error("persistent sessions are at their bound");
    session.hasSubscribed = true;
    this.#subscribed++;
  }

  end(clientId: string): void {
    const session = this.#byClient.get(clientId);
    if (!session) return;
    this.#byClient.delete(clientId);
    this.#awaySince.delete(clientId);
    if (session.hasSubscribed) this.#subscribed--;
    session.queue.clear();
    this.#onEnd(session);
  }

  startExpiry(): void {
    const checkMs = Math.max(10, this.#limits.sessionExpiryMs / CHECKS_PER_EXPIRY);
    this.#expiryTimer = setInterval(() => this.#endExpired(), checkMs);
  }

  stopExpiry(): void {
    clearInterval(this.#expiryTimer);
  }

  #endExpired(): void {
    const leftBefore = performance.now() - this.#limits.sessionExpiryMs;
    let ended = 0;
    for (const [clientId, since] of this.#awaySince) {
      if (since >= leftBefore) break;
      this.end(clientId);
      ended++;
    }
    if (ended > 0) this.#log.info({ sessions: ended }, "broker: sessions expired, their clients did not reconnect");
  }
}
