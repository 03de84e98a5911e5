import { writeToStream } from "mqtt-packet";
import type { Logger } from "pino";

/** The part of Aedes' memory persistence that grows with what clients ask of it. */
export interface MemoryStore {
  storeRetained(packet: StoredPacket): Promise<void>;
  createRetainedStreamCombi(filters: string[]): AsyncIterable<StoredPacket>;
  addSubscriptions(client: Owner, subscriptions: Subscribed[]): Promise<void>;
  removeSubscriptions(client: Owner, filters: string[]): Promise<void>;
  cleanSubscriptions(client: Owner): Promise<void>;
  subscriptionsByClient(client: Owner): Promise<Subscribed[]>;
  subscriptionsByTopic(topic: string): Promise<Array<{ clientId: string; topic?: string }>>;
  /** @param subscriptions without `topic`: for this client whatever it subscribed to */
  outgoingEnqueue(subscription: { clientId: string }, packet: StoredPacket): Promise<void>;
  outgoingEnqueueCombi(subscriptions: Array<{ clientId: string; topic?: string }>, packet: StoredPacket): Promise<void>;
  outgoingClearMessageId(client: Owner, packet: { messageId?: number | undefined }): Promise<StoredPacket | undefined>;
  outgoingStream(client: Owner): AsyncIterable<StoredPacket>;
  outgoingUpdate(client: Owner, packet: StoredPacket): Promise<void>;
  incomingStorePacket(client: Owner, packet: { messageId: number }): Promise<void>;
  incomingGetPacket(client: Owner, packet: { messageId: number }): Promise<object>;
  incomingDelPacket(client: Owner, packet: { messageId: number }): Promise<void>;
  cleanIncoming(client: Owner): Promise<void>;
}

/** Whose session it is. */
interface Owner {
  id: string;
}

export interface Subscribed {
  /** the filter */
  topic: string;
}

export interface StoredPacket {
  cmd?: "publish" | "pubrel";
  topic: string;
  payload: Buffer | string;
  qos?: number;
  /** a message has one from the first time it is sent */
  messageId?: number | undefined;
  dup?: boolean;
  retain?: boolean;
}

export interface MemoryLimits {
  /** topics with a retained message */
  retainedTopics: number;
  /** bytes of all retained messages */
  retainedBytes: number;
  /** sessions that outlive their connection */
  sessions: number;
  /** how long such a session waits for its client, milliseconds */
  sessionExpiryMs: number;
  /** messages one session keeps for later */
  queuedMessages: number;
  /** bytes one session keeps for later */
  queuedBytes: number;
  /** bytes all sessions together keep for later */
  queuedBytesInAll: number;
}

/** what a message that is kept takes beside its own bytes, roughly */
const OVERHEAD_BYTES = 200;

const sizeOf = ({ topic, payload }: StoredPacket): number => topic.length + payload.length;

/**
 * Bounds the memory that ordinary topics may take: stock persistence keeps whatever it is given. What is over a bound
 * is not kept, and the log says so once for each kind. Readings are not in here at all.
 */
export function boundMemory(store: MemoryStore, limits: MemoryLimits, log: Logger): void {
  // Two bytes for each number up to 65,535, made beforehand: 8 MB that hardly any answer needs.
  writeToStream.cacheNumbers = false;
  const retained = new Map<string, number>();
  let retainedBytes = 0;
  const sessions = new Set<string>();
  const queues = new Map<string, { messages: number; bytes: number }>();
  const told = new Set<string>();
  const tell = (what: string): void => {
    if (told.has(what)) return;
    told.add(what);
    log.warn(`broker: ${what}: no more are kept`);
  };

  const storeRetained = store.storeRetained.bind(store);
  store.storeRetained = async (packet) => {
    const before = retained.get(packet.topic);
    const size = packet.payload.length === 0 ? 0 : sizeOf(packet);
    const bytes = retainedBytes - (before ?? 0) + size;
    if (
      size > 0 &&
      (bytes > limits.retainedBytes || (before === undefined && retained.size >= limits.retainedTopics))
    ) {
      tell("retained messages are at their bound");
      return;
    }
    retainedBytes = bytes;
    if (size === 0) retained.delete(packet.topic);
    else retained.set(packet.topic, size);
    await storeRetained(packet);
  };

  const addSubscriptions = store.addSubscriptions.bind(store);
  store.addSubscriptions = async (client, subscriptions) => {
    if (!sessions.has(client.id) && sessions.size >= limits.sessions) {
      // An error ends the connection: better than a session that is granted and then not kept.
      throw new Error("persistent sessions are at their bound");
    }
    sessions.add(client.id);
    await addSubscriptions(client, subscriptions);
  };
  const cleanSubscriptions = store.cleanSubscriptions.bind(store);
  store.cleanSubscriptions = async (client) => {
    sessions.delete(client.id);
    await cleanSubscriptions(client);
  };

  let queuedInAll = 0;
  const count = (queue: { messages: number; bytes: number }, messages: number, bytes: number): void => {
    queue.messages += messages;
    queue.bytes += bytes;
    queuedInAll += messages * OVERHEAD_BYTES + bytes;
  };
  /** Counts the packet in, if its session has room for it. */
  const admit = (clientId: string, packet: StoredPacket): boolean => {
    const queue = queues.get(clientId) ?? { messages: 0, bytes: 0 };
    const size = sizeOf(packet);
    if (queue.messages >= limits.queuedMessages || queue.bytes + size > limits.queuedBytes) {
      tell("a session's queue is at its bound");
      return false;
    }
    if (queuedInAll + OVERHEAD_BYTES + size > limits.queuedBytesInAll) {
      tell("the queues of all sessions together are at their bound");
      return false;
    }
    count(queue, 1, size);
    queues.set(clientId, queue);
    return true;
  };
  const outgoingEnqueueCombi = store.outgoingEnqueueCombi.bind(store);
  store.outgoingEnqueueCombi = (subscriptions, packet) =>
    outgoingEnqueueCombi(
      subscriptions.filter(({ clientId }) => admit(clientId, packet)),
      packet,
    );
  store.outgoingEnqueue = (subscription, packet) => store.outgoingEnqueueCombi([subscription], packet);
  const outgoingClearMessageId = store.outgoingClearMessageId.bind(store);
  store.outgoingClearMessageId = async (client, acknowledgement) => {
    const packet = await outgoingClearMessageId(client, acknowledgement);
    const queue = queues.get(client.id);
    if (!packet || !queue) return packet;
    // A PUBREL stands in for its PUBLISH by now, without topic and payload: its bytes are counted to the last.
    count(queue, -1, queue.messages === 1 ? -queue.bytes : packet.payload === undefined ? 0 : -sizeOf(packet));
    if (queue.messages === 0) queues.delete(client.id);
    return packet;
  };
}
