import type { MemoryLimits } from "./memory-limits.ts";
import { OfflineQueue, type QueueTotal } from "./offline-queue.ts";
import { PacketIds } from "./packet-ids.ts";
import type { QueuedPacket } from "./stored-packets.ts";
import type { StoredSubscription } from "./subscription-index.ts";

/** The state kept for a client that connects with clean session 0 (section 4.1). */
export class StoredSession {
  readonly clientId: string;
  /** by filter */
  readonly subscriptions = new Map<string, StoredSubscription>();
  readonly queue: OfflineQueue;
  readonly packetIds = new PacketIds();
  /** whether the client is connected */
  isOpen = false;
  /** whether the session has ever had a subscription, and counts towards the bound on sessions */
  hasSubscribed = false;

  constructor(clientId: string, limits: MemoryLimits, total: QueueTotal) {
    this.clientId = clientId;
    this.queue = new OfflineQueue(limits, total);
  }

  /** The queue as it is sent to a client that has reconnected; as it is stored while there is no client. */
  *packetsToSend(): Generator<QueuedPacket> {
    const { isOpen } = this;
    for (const packet of this.queue.snapshot()) {
      if (!isOpen || packet.cmd === "pubrel") yield { ...packet };
      // Sent before: the same packet id, with DUP [MQTT-4.4.0-1] [MQTT-3.3.1-1].
      else if (packet.messageId !== undefined) yield { ...packet, dup: true };
      else yield { ...packet, messageId: this.packetIds.next() };
    }
  }
}
