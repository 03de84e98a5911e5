import { Readable } from "node:stream";
import type { MemoryStore, StoredPacket } from "./memory-bounds.ts";

/** stands for a level of no characters; no client can send it [MQTT-1.5.3-2] */
const EMPTY = "\0";
const HAS_EMPTY = /^\/|\/\/|\/$/;

/** The same topic or filter without empty levels. */
const filled = (text: string): string =>
  HAS_EMPTY.test(text)
    ? text
        .split("/")
        .map((level) => level || EMPTY)
        .join("/")
    : text;
const emptied = (text: string): string => text.replaceAll(EMPTY, "");

/**
 * A level may be empty, and `+` matches it (section 4.7.1.3: "/finance" matches "+/+" and "/+"). Stock persistence does
 * not think so of retained messages and of queues, unlike the emitter: here it never meets an empty level.
 */
export function keepEmptyLevels(store: MemoryStore): void {
  const storeRetained = store.storeRetained.bind(store);
  store.storeRetained = (packet) => storeRetained({ ...packet, topic: filled(packet.topic) });

  const createRetainedStreamCombi = store.createRetainedStreamCombi.bind(store);
  store.createRetainedStreamCombi = (filters) =>
    Readable.from(withTopicsAsSent(createRetainedStreamCombi(filters.map(filled))));

  const addSubscriptions = store.addSubscriptions.bind(store);
  store.addSubscriptions = (client, subscriptions) =>
    addSubscriptions(
      client,
      subscriptions.map((subscription) => ({ ...subscription, topic: filled(subscription.topic) })),
    );

  const removeSubscriptions = store.removeSubscriptions.bind(store);
  store.removeSubscriptions = (client, filters) => removeSubscriptions(client, filters.map(filled));

  const subscriptionsByTopic = store.subscriptionsByTopic.bind(store);
  store.subscriptionsByTopic = (topic) => subscriptionsByTopic(filled(topic));

  const subscriptionsByClient = store.subscriptionsByClient.bind(store);
  store.subscriptionsByClient = async (client) => {
    const subscriptions = await subscriptionsByClient(client);
    return subscriptions.map((subscription) => ({ ...subscription, topic: emptied(subscription.topic) }));
  };
}

async function* withTopicsAsSent(packets: AsyncIterable<StoredPacket>): AsyncIterable<StoredPacket> {
  for await (const packet of packets) yield { ...packet, topic: emptied(packet.topic) };
}
