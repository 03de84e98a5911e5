import type { MemoryStore } from "./memory-bounds.ts";

/**
 * What stock persistence gets wrong about the messages a session keeps: one that several of its filters match is kept
 * several times, wildcards take in topics that begin with "$", and a message or PUBREC that was never kept ends the
 * connection.
 */
export function mendQueues(store: MemoryStore): void {
  const outgoingEnqueueCombi = store.outgoingEnqueueCombi.bind(store);
  store.outgoingEnqueueCombi = (subscriptions, packet) => {
    const reached = new Map<string, (typeof subscriptions)[number]>();
    for (const subscription of subscriptions) {
      // [MQTT-4.7.2-1]
      if (packet.topic.startsWith("$") && /^[+#]/.test(subscription.topic ?? "")) continue;
      reached.set(subscription.clientId, subscription);
    }
    return outgoingEnqueueCombi([...reached.values()], packet);
  };

  const outgoingUpdate = store.outgoingUpdate.bind(store);
  store.outgoingUpdate = async (client, packet) => {
    // What leaves at QoS 0 is not kept.
    if (packet.cmd === "publish" && packet.qos === 0) return;
    try {
      await outgoingUpdate(client, packet);
    } catch (cause) {
      // Retained messages, as a new subscription gets them, are not kept; their PUBREC is answered all the same.
      if (packet.cmd !== "pubrel") throw cause;
    }
  };

  const outgoingClearMessageId = store.outgoingClearMessageId.bind(store);
  store.outgoingClearMessageId = async (client, acknowledgement) =>
    // A second copy of a message, not sent, has no packet id: the one it would clear is another message's.
    acknowledgement.messageId === undefined ? undefined : outgoingClearMessageId(client, acknowledgement);
}
