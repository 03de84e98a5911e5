import type { SessionOwner } from "./stored-packets.ts";

/** QoS 2 messages of one session that may wait for their PUBREL at a time */
export const MAX_INFLIGHT_INBOUND = 100;

interface Numbered {
  messageId: number;
}

/**
 * The packet ids of QoS 2 messages whose PUBREL has not come: a message that comes again with such an id is not
 * published again [MQTT-4.3.3-2]. The message itself is not kept, for it was published when it came (method A of
 * section 4.3.3). The limit holds for a session over all its connections; that of Aedes holds for each connection anew.
 */
export class ReceivedPacketIds {
  readonly #idsByClient = new Map<string, Set<number>>();

  /** @throws when too many messages of the session wait already: Aedes then closes the connection */
  add({ id }: SessionOwner, { messageId }: Numbered): void {
    const ids = this.#idsByClient.get(id) ?? new Set();
    if (ids.size >= MAX_INFLIGHT_INBOUND && !ids.has(messageId)) {
      throw new Error(`${MAX_INFLIGHT_INBOUND} QoS 2 messages wait for their PUBREL`);
    }
    ids.add(messageId);
    this.#idsByClient.set(id, ids);
  }

  has({ id }: SessionOwner, { messageId }: Numbered): boolean {
    return this.#idsByClient.get(id)?.has(messageId) ?? false;
  }

  /** @returns whether the id was there */
  delete({ id }: SessionOwner, { messageId }: Numbered): boolean {
    const ids = this.#idsByClient.get(id);
    if (!ids?.delete(messageId)) return false;
    if (ids.size === 0) this.#idsByClient.delete(id);
    return true;
  }

  clear({ id }: SessionOwner): void {
    this.#idsByClient.delete(id);
  }
}
