type Settle = (acknowledged: boolean) => void;

interface AwaitedAck {
  payload: string;
  /** known once the message leaves */
  packetId: number | undefined;
  settle: Settle;
}

/** A message that is on its way to a subscriber. */
interface SentMessage {
  topic: string;
  payload: unknown;
  messageId?: number | undefined;
}

/**
 * The platform's own messages that one connection has not acknowledged yet, one of each topic at most. A PUBACK names nothing but a
 * packet id, and of a clean session Aedes 1.2.0 does not tell which message had it: so the id is noted when the message leaves.
 */
export class AwaitedAcks {
  readonly #byTopic = new Map<string, AwaitedAck>();

  /**
   * To be called before the message is published.
   * @param onSettled called once: with true when the client has acknowledged it, with false when it has not done so in time
   * @returns a function that settles it early
   */
  add(topic: string, payload: string, timeoutMs: number, onSettled: Settle): Settle {
    this.#byTopic.get(topic)?.settle(false);
    const settle = (acknowledged: boolean): void => {
      if (this.#byTopic.get(topic) !== awaited) return;
      this.#byTopic.delete(topic);
      clearTimeout(timer);
      onSettled(acknowledged);
    };
    const timer = setTimeout(() => settle(false), timeoutMs);
    const awaited: AwaitedAck = { payload, packetId: undefined, settle };
    this.#byTopic.set(topic, awaited);
    return settle;
  }

  /** A message leaves with a packet id. Others than the platform's may have the same topic, but not the same string as payload. */
  recordSent({ topic, payload, messageId }: SentMessage): void {
    const awaited = this.#byTopic.get(topic);
    if (awaited && awaited.payload === payload) awaited.packetId = messageId;
  }

  recordAck(packetId: number): void {
    for (const awaited of this.#byTopic.values()) if (awaited.packetId === packetId) awaited.settle(true);
  }

  /** The connection has ended. */
  cancel(): void {
    for (const { settle } of this.#byTopic.values()) settle(false);
  }
}
