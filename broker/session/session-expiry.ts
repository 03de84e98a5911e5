import type { Logger } from "pino";
import type { MemoryStore } from "./memory-bounds.ts";

/** between two looks at who has been away for too long: a tenth of that time */
const LOOKS_PER_EXPIRY = 10;
/** sessions of clients that are away: past this the one away for longest ends early */
const MAX_AWAY = 100_000;

/**
 * Knows which sessions there are, also those that are empty, and ends persistent ones whose client has not come back in time: subscriptions, queue and QoS 2 state. MQTT 3.1.1
 * lets a server do so (section 4.1); nothing of readings is in a session.
 */
export class SessionExpiry {
  readonly #store: MemoryStore;
  readonly #expiryMs: number;
  readonly #log: Logger;
  readonly #awaySince = new Map<string, number>();
  /** persistent sessions whose client is connected */
  readonly #here = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #work: Promise<void> = Promise.resolve();

  constructor(store: MemoryStore, expiryMs: number, log: Logger) {
    this.#store = store;
    this.#expiryMs = expiryMs;
    this.#log = log;
    this.#timer = setInterval(() => this.#look(), Math.max(10, expiryMs / LOOKS_PER_EXPIRY));
  }

  /** Whether there is a session to go on with [MQTT-3.2.2-2]; it may be empty (section 4.1). */
  has(clientId: string): boolean {
    return this.#here.has(clientId) || this.#awaySince.has(clientId);
  }

  /** The client is here: its session stays. @param isPersistent clean session 0; else what there was has ended */
  joined(clientId: string, isPersistent: boolean): void {
    this.#awaySince.delete(clientId);
    if (isPersistent) this.#here.add(clientId);
    else this.#here.delete(clientId);
  }

  /** The newest connection of this client is over. */
  left(clientId: string): void {
    if (!this.#here.delete(clientId)) return;
    this.#awaySince.set(clientId, Date.now());
    if (this.#awaySince.size > MAX_AWAY) this.#endSoon([this.#awaySince.keys().next().value!]);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work;
  }

  #look(): void {
    const before = Date.now() - this.#expiryMs;
    const expired = [...this.#awaySince].filter(([, since]) => since < before).map(([clientId]) => clientId);
    if (expired.length === 0) return;
    this.#log.info({ sessions: expired.length }, "broker: sessions end, their clients did not come back");
    this.#endSoon(expired);
  }

  #endSoon(expired: readonly string[]): void {
    for (const id of expired) this.#awaySince.delete(id);
    this.#work = this.#work
      .then(async () => {
        // Somebody may have come back meanwhile.
        for (const id of expired) if (!this.has(id)) await this.#end({ id });
      })
      .catch((cause: unknown) => this.#log.error({ err: cause }, "broker: a session could not be ended"));
  }

  async #end(client: { id: string }): Promise<void> {
    await this.#store.cleanSubscriptions(client);
    await this.#store.cleanIncoming(client);
    // A message in the queue is found by its packet id only, which it gets when it is sent: here it gets one to go by.
    let messageId = 0;
    for await (const packet of this.#store.outgoingStream(client)) {
      packet.messageId = ++messageId;
      await this.#store.outgoingUpdate(client, packet);
      await this.#store.outgoingClearMessageId(client, packet);
    }
    // What was remembered of those packet ids goes as well.
    await this.#store.cleanSubscriptions(client);
  }
}
