import { Readable } from "node:stream";
import type { MemoryStore, StoredPacket } from "./memory-bounds.ts";

const LAST_PACKET_ID = 65_535;

/**
 * What stock persistence forgets of a session that outlives its connection: where its packet ids were, so that a new
 * message does not take the number of one that is still unanswered [MQTT-2.3.1-2], that a message sent before comes with
 * DUP [MQTT-3.3.1-1], and that RETAIN is for new subscriptions only [MQTT-3.3.1-9].
 */
export class SessionNumbers {
  readonly #lastOf = new Map<string, number>();

  /** Where a connection goes on counting. Stock Aedes begins anywhere, also at a number that is in use. */
  begin(client: { _nextId: number }, { clientId, clean }: { clientId: string; clean?: boolean | undefined }): void {
    const last = clean ? 0 : (this.#lastOf.get(clientId) ?? 0);
    client._nextId = last >= LAST_PACKET_ID ? 1 : last + 1;
  }

  watch(store: MemoryStore): void {
    const outgoingUpdate = store.outgoingUpdate.bind(store);
    store.outgoingUpdate = (client, packet) => {
      // One that is sent again keeps its number; QoS 0 has none.
      if (packet.cmd === "publish" && packet.qos !== 0 && !packet.dup && packet.messageId !== undefined)
        this.#lastOf.set(client.id, packet.messageId);
      return outgoingUpdate(client, packet);
    };
    const outgoingEnqueueCombi = store.outgoingEnqueueCombi.bind(store);
    store.outgoingEnqueueCombi = (subscriptions, packet) =>
      outgoingEnqueueCombi(subscriptions, { ...packet, retain: false });
    const outgoingStream = store.outgoingStream.bind(store);
    store.outgoingStream = (client) => Readable.from(sentBeforeMarked(outgoingStream(client)));
    const cleanSubscriptions = store.cleanSubscriptions.bind(store);
    store.cleanSubscriptions = (client) => {
      this.#lastOf.delete(client.id);
      return cleanSubscriptions(client);
    };
  }
}

/** A queued message has a packet id once it was sent. */
async function* sentBeforeMarked(packets: AsyncIterable<StoredPacket>): AsyncIterable<StoredPacket> {
  for await (const packet of packets) {
    if (packet.cmd === "publish" && packet.messageId !== undefined) packet.dup = true;
    yield packet;
  }
}
