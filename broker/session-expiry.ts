import type { Logger } from "pino";
import type { MemoryStore } from "./memory-bounds.ts";

/** between two looks at who has been away for too long: a tenth of that time */
const LOOKS_PER_EXPIRY = 10;

/**
 * Ends persistent sessions whose client has not come back in time: subscriptions, queue and QoS 2 state. MQTT 3.1.1
 * lets a server do so (section 4.1); nothing of readings is in a session.
 */
export class SessionExpiry {
  readonly #store: MemoryStore;
  readonly #expiryMs: number;
  readonly #log: Logger;
  readonly #awaySince = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #work: Promise<void> = Promise.resolve();

  constructor(store: MemoryStore, expiryMs: number, log: Logger) {
    this.#store = store;
    this.#expiryMs = expiryMs;
    this.#log = log;
    this.#timer = setInterval(() => this.#look(), Math.max(10, expiryMs / LOOKS_PER_EXPIRY));
  }

  /** The client is here: its session stays. */
  joined(clientId: string): void {
    this.#awaySince.delete(clientId);
  }

  /** @param isPersistent it asked for a session that outlives the connection (clean session 0) */
  left(clientId: string, isPersistent: boolean): void {
    if (isPersistent) this.#awaySince.set(clientId, Date.now());
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work;
  }

  #look(): void {
    const before = Date.now() - this.#expiryMs;
    const expired = [...this.#awaySince].filter(([, since]) => since < before).map(([clientId]) => clientId);
    for (const id of expired) this.#awaySince.delete(id);
    if (expired.length === 0) return;
    this.#log.info({ sessions: expired.length }, "broker: sessions end, their clients did not come back");
    this.#work = this.#work
      .then(async () => {
        for (const id of expired) await this.#end({ id });
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
  }
}
