import type { MemoryLimits } from "./memory-limits.ts";
import type { Message, Payload, QueuedPacket, SentMessage } from "./stored-packets.ts";

/** roughly what a queued message takes beside its topic and payload */
const OVERHEAD_BYTES = 200;

const sizeOf = (packet: QueuedPacket): number =>
  packet.cmd === "publish" ? packet.topic.length + packet.payload.length : 0;

/** The size of the queues of all sessions together. */
export interface QueueTotal {
  bytes: number;
}

/** The bound that a message would have exceeded. */
export type ReachedBound = "the queue of a session" | "the queues of all sessions together";

/** The messages that one session still has to send, or whose acknowledgement it awaits, oldest first (section 4.1). */
export class OfflineQueue {
  readonly #limits: MemoryLimits;
  readonly #total: QueueTotal;
  readonly #packets: QueuedPacket[] = [];
  #bytes = 0;

  constructor(limits: MemoryLimits, total: QueueTotal) {
    this.#limits = limits;
    this.#total = total;
  }

  /** @returns the bound that leaves no room for the message; undefined: it is in the queue */
  add(
    { brokerId, brokerCounter = 0, topic, qos = 0, dup = false }: Message,
    payload: Payload,
  ): ReachedBound | undefined {
    const size = topic.length + payload.length;
    const { queuedMessages, queuedBytes, queuedBytesInAll } = this.#limits;
    if (this.#packets.length >= queuedMessages || this.#bytes + size > queuedBytes) return "the queue of a session";
    if (this.#total.bytes + OVERHEAD_BYTES + size > queuedBytesInAll) return "the queues of all sessions together";
    // RETAIN is set only on what a new subscription gets [MQTT-3.3.1-9].
    const fixed = { cmd: "publish", retain: false, messageId: undefined } as const;
    this.#packets.push({ ...fixed, brokerId, brokerCounter, topic, payload, qos, dup });
    this.#count(OVERHEAD_BYTES, size);
    return undefined;
  }

  /** Notes the packet id that a message is sent with. @returns whether the message is in the queue */
  setPacketId({ brokerId, brokerCounter, messageId }: SentMessage): boolean {
    // From the end, for a message is mostly sent as soon as it is queued.
    for (let index = this.#packets.length - 1; index >= 0; index--) {
      const packet = this.#packets[index]!;
      if (packet.cmd !== "publish" || packet.brokerCounter !== brokerCounter || packet.brokerId !== brokerId) continue;
      packet.messageId = messageId;
      return true;
    }
    return false;
  }

  /** The client has the QoS 2 message: only the PUBREL is sent from now on [MQTT-4.3.3-1]. */
  replaceByPubrel(messageId: number): void {
    const index = this.#indexOf(messageId);
    // Retained messages are not queued as a new subscription gets them. Their PUBREC is answered all the same.
    if (index < 0) return;
    this.#count(0, -sizeOf(this.#packets[index]!));
    this.#packets[index] = { cmd: "pubrel", messageId };
  }

  /** Removes what has been acknowledged. @returns the packet, if it was there */
  acknowledge(messageId: number): QueuedPacket | undefined {
    const index = this.#indexOf(messageId);
    if (index < 0) return undefined;
    const [packet] = this.#packets.splice(index, 1);
    this.#count(-OVERHEAD_BYTES, -sizeOf(packet!));
    return packet;
  }

  /** The packets as they are now, oldest first. */
  snapshot(): readonly QueuedPacket[] {
    return this.#packets.slice();
  }

  /** Empties the queue. */
  clear(): void {
    this.#count(-OVERHEAD_BYTES * this.#packets.length, -this.#bytes);
    this.#packets.length = 0;
  }

  #indexOf(messageId: number): number {
    return this.#packets.findIndex((packet) => packet.messageId === messageId);
  }

  #count(overhead: number, bytes: number): void {
    this.#bytes += bytes;
    this.#total.bytes += overhead + bytes;
  }
}
