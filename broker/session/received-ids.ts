import type { MemoryStore } from "./memory-bounds.ts";

/** A QoS 2 message on its way in, as far as it must be remembered. */
interface Received {
  messageId: number;
}

/**
 * Of a QoS 2 message that is ours already only its packet id is needed, to know it when it comes again (section 4.3.3,
 * method A, [MQTT-4.3.3-2]). Stock persistence keeps the whole of it, and counts per connection: a session that comes
 * back over and over could fill the memory.
 * @param limit of one session, over all its connections
 */
export function keepIdsOnly(store: MemoryStore, limit: number): void {
  const idsOf = new Map<string, Set<number>>();

  store.incomingStorePacket = async ({ id }, { messageId }) => {
    const ids = idsOf.get(id) ?? new Set();
    if (ids.size >= limit && !ids.has(messageId)) throw new Error(`${limit} QoS 2 messages wait for their PUBREL`);
    ids.add(messageId);
    idsOf.set(id, ids);
  };
  store.incomingGetPacket = async ({ id }, { messageId }): Promise<Received> => {
    if (!idsOf.get(id)?.has(messageId)) throw new Error("no such packet");
    return { messageId };
  };
  store.incomingDelPacket = async ({ id }, { messageId }) => {
    const ids = idsOf.get(id);
    if (!ids?.delete(messageId)) throw new Error("no such packet");
    if (ids.size === 0) idsOf.delete(id);
  };
  store.cleanIncoming = async ({ id }) => void idsOf.delete(id);
}
