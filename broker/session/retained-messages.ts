import { filterMatches } from "../mqtt/topic-filter.ts";
import type { MemoryLimits } from "./memory-limits.ts";
import { copyPayload, type Payload } from "./stored-packets.ts";

export interface RetainedMessage {
  topic: string;
  payload: Payload;
}

const sizeOf = ({ topic, payload }: RetainedMessage): number => topic.length + payload.length;
const hasWildcard = (filter: string): boolean => /[+#]/.test(filter);

/** The last retained message of each topic (section 3.3.1.3), within the bounds. */
export class RetainedMessages {
  readonly #limits: MemoryLimits;
  readonly #byTopic = new Map<string, RetainedMessage>();
  #bytes = 0;

  constructor(limits: MemoryLimits) {
    this.#limits = limits;
  }

  /**
   * Replaces the message of the topic; an empty payload removes it [MQTT-3.3.1-10].
   * @returns false when a bound was reached: the message is not kept, and the older one of the topic stays
   */
  store(message: RetainedMessage): boolean {
    const { topic } = message;
    const older = this.#byTopic.get(topic);
    const bytesWithoutOlder = this.#bytes - (older ? sizeOf(older) : 0);
    if (message.payload.length === 0) {
      this.#byTopic.delete(topic);
      this.#bytes = bytesWithoutOlder;
      return true;
    }
    const bytes = bytesWithoutOlder + sizeOf(message);
    if (bytes > this.#limits.retainedBytes) return false;
    if (!older && this.#byTopic.size >= this.#limits.retainedTopics) return false;
    this.#byTopic.set(topic, { ...message, payload: copyPayload(message.payload) });
    this.#bytes = bytes;
    return true;
  }

  /** A message comes once for each filter that matches its topic, as each is a subscription of its own [MQTT-3.3.1-6]. */
  *matching(filters: readonly string[]): Generator<RetainedMessage> {
    for (const filter of filters) {
      if (hasWildcard(filter)) {
        for (const [topic, message] of this.#byTopic) if (filterMatches(filter, topic)) yield message;
      } else {
        const message = this.#byTopic.get(filter);
        if (message) yield message;
      }
    }
  }
}
