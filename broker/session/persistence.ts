import { Readable } from "node:stream";
import type { Logger } from "pino";
import type { MemoryLimits } from "./memory-limits.ts";
import type { PacketIds } from "./packet-ids.ts";
import { ReceivedPacketIds } from "./received-packet-ids.ts";
import { RetainedMessages, type RetainedMessage } from "./retained-messages.ts";
import {
  copyPayload,
  type Message,
  type QueuedPacket,
  type QueuedPubrel,
  type SentMessage,
  type SessionOwner,
} from "./stored-packets.ts";
import type { StoredSession } from "./stored-session.ts";
import { StoredSessions } from "./stored-sessions.ts";
import { type MatchedSubscription, type StoredSubscription, SubscriptionIndex } from "./subscription-index.ts";
import { type BrokerIdentity, type Will, Wills } from "./wills.ts";

export interface PersistenceOptions {
  limits: MemoryLimits;
  /** whether this subscription of the client was granted: Aedes 1.2.0 hands over the refused ones of a SUBSCRIBE too */
  isGranted?: (client: SessionOwner, filter: string) => boolean;
  /** the client has acknowledged the message with this packet id, which need not be in the queue of a session */
  onAcknowledged?: (client: SessionOwner, packetId: number) => void;
  log: Logger;
}

/**
 * The persistence of Aedes, in memory: sessions with their subscriptions and queues, QoS 2 packet ids, retained messages
 * and wills, all within the bounds of `MemoryLimits`. A message that would exceed a bound is not kept, and the log says so once
 * for each bound. The methods up to `destroy` are the interface of aedes-persistence 11, whose own suite tests them.
 */
export class Persistence {
  readonly #isGranted: (client: SessionOwner, filter: string) => boolean;
  readonly #onAcknowledged: (client: SessionOwner, packetId: number) => void;
  readonly #log: Logger;
  readonly #sessions: StoredSessions;
  readonly #index = new SubscriptionIndex();
  readonly #retained: RetainedMessages;
  readonly #received = new ReceivedPacketIds();
  readonly #wills = new Wills();
  readonly #reported = new Set<string>();

  constructor({ limits, isGranted = () => true, onAcknowledged = () => undefined, log }: PersistenceOptions) {
    this.#isGranted = isGranted;
    this.#onAcknowledged = onAcknowledged;
    this.#log = log;
    this.#retained = new RetainedMessages(limits);
    this.#sessions = new StoredSessions(limits, log, (session) => this.#forget(session));
  }

  /** Whether the client has a session to go on with. */
  hasSession(clientId: string): boolean {
    return this.#sessions.get(clientId) !== undefined;
  }

  /**
   * A client has connected: its session stays, or ends when it is to be a clean one.
   * @returns the packet ids of a session that outlives the connection
   */
  clientConnected(clientId: string, isPersistent: boolean): PacketIds | undefined {
    if (isPersistent) return this.#sessions.open(clientId).packetIds;
    this.#sessions.end(clientId);
    return undefined;
  }

  /** From now on the session waits for its client, and expires in the end. */
  clientDisconnected(clientId: string): void {
    this.#sessions.close(clientId);
  }

  get broker(): BrokerIdentity | undefined {
    return this.#wills.broker;
  }

  async setup(broker: BrokerIdentity): Promise<void> {
    this.#wills.broker = broker;
    this.#sessions.startExpiry();
  }

  async storeRetained(message: RetainedMessage): Promise<void> {
    if (!this.#retained.store(message)) this.#reportOnce("retained messages");
  }

  createRetainedStream(filter: string): Readable {
    return this.createRetainedStreamCombi([filter]);
  }

  createRetainedStreamCombi(filters: string[]): Readable {
    return Readable.from(this.#retained.matching(filters));
  }

  /** @throws when there are too many sessions: Aedes then closes the connection, so that none is granted and not kept */
  async addSubscriptions(client: SessionOwner, subscriptions: StoredSubscription[]): Promise<void> {
    const session = this.#sessions.getOrCreate(client.id);
    this.#sessions.countSubscriber(session);
    for (const { topic, qos, rh, rap, nl, subscriptionIdentifier } of subscriptions) {
      if (!this.#isGranted(client, topic)) continue;
      const subscription = { topic, qos, rh, rap, nl, ...(subscriptionIdentifier && { subscriptionIdentifier }) };
      session.subscriptions.set(topic, subscription);
      // Nothing is queued for a subscription at QoS 0.
      if (qos > 0) this.#index.add(client.id, subscription);
      else this.#index.remove(client.id, topic);
    }
  }

  async removeSubscriptions({ id }: SessionOwner, filters: string[]): Promise<void> {
    for (const filter of filters) {
      this.#sessions.get(id)?.subscriptions.delete(filter);
      this.#index.remove(id, filter);
    }
  }

  async subscriptionsByClient({ id }: SessionOwner): Promise<StoredSubscription[]> {
    return [...(this.#sessions.get(id)?.subscriptions.values() ?? [])].map((subscription) => ({ ...subscription }));
  }

  async countOffline(): Promise<{ subsCount: number; clientsCount: number }> {
    let clientsCount = 0;
    for (const { subscriptions } of this.#sessions.values()) if (subscriptions.size > 0) clientsCount++;
    return { subsCount: this.#index.size, clientsCount };
  }

  async subscriptionsByTopic(topic: string): Promise<MatchedSubscription[]> {
    return this.#index.match(topic);
  }

  /** A CONNECT with clean session 1 ends the session [MQTT-3.1.2-6], with its queue. */
  async cleanSubscriptions({ id }: SessionOwner): Promise<void> {
    this.#sessions.end(id);
  }

  getClientList(filter: string): Readable {
    const sessions = [...this.#sessions.values()].filter(({ subscriptions }) => subscriptions.has(filter));
    return Readable.from(sessions.map(({ clientId }) => clientId));
  }

  async outgoingEnqueue(subscription: { clientId: string }, message: Message): Promise<void> {
    await this.outgoingEnqueueCombi([subscription], message);
  }

  /** A message that several subscriptions of one session match is queued once for it. */
  async outgoingEnqueueCombi(subscriptions: Array<{ clientId: string }>, message: Message): Promise<void> {
    if (subscriptions.length === 0) return;
    const payload = copyPayload(message.payload ?? Buffer.alloc(0));
    for (const clientId of new Set(subscriptions.map(({ clientId }) => clientId))) {
      const reached = this.#sessions.getOrCreate(clientId).queue.add(message, payload);
      if (reached) this.#reportOnce(reached);
    }
  }

  /** @throws when the message is not in the queue: Aedes then closes the connection */
  async outgoingUpdate({ id }: SessionOwner, packet: SentMessage | QueuedPubrel): Promise<void> {
    const queue = this.#sessions.get(id)?.queue;
    if (packet.cmd === "pubrel") queue?.replaceByPubrel(packet.messageId);
    // Messages sent at QoS 0 are not acknowledged, and were not queued.
    else if (packet.qos !== 0 && !queue?.setPacketId(packet))
      throw new Error("the message is not in the session's queue");
  }

  /** @returns the packet that is acknowledged; undefined: it was not in the queue */
  async outgoingClearMessageId(
    client: SessionOwner,
    { messageId }: { messageId?: number | undefined },
  ): Promise<QueuedPacket | undefined> {
    // A second copy of a message, which is not sent, has no packet id.
    if (messageId === undefined) return undefined;
    this.#onAcknowledged(client, messageId);
    return this.#sessions.get(client.id)?.queue.acknowledge(messageId);
  }

  outgoingStream({ id }: SessionOwner): Readable {
    return Readable.from(this.#sessions.get(id)?.packetsToSend() ?? []);
  }

  async incomingStorePacket(client: SessionOwner, packet: { messageId: number }): Promise<void> {
    this.#received.add(client, packet);
  }

  async incomingGetPacket(client: SessionOwner, { messageId }: { messageId: number }): Promise<{ messageId: number }> {
    if (!this.#received.has(client, { messageId })) throw new Error("no such packet");
    return { messageId };
  }

  async incomingDelPacket(client: SessionOwner, packet: { messageId: number }): Promise<void> {
    if (!this.#received.delete(client, packet)) throw new Error("no such packet");
  }

  async cleanIncoming(client: SessionOwner): Promise<void> {
    this.#received.clear(client);
  }

  async putWill({ id }: SessionOwner, will: Will): Promise<void> {
    this.#wills.put(id, will);
  }

  async getWill({ id }: SessionOwner): Promise<Will | undefined> {
    return this.#wills.get(id);
  }

  /**
   * Aedes calls this last before it registers a client. One that has closed meanwhile must not be registered, for nothing
   * would remove it again: its CONNECT goes no further.
   */
  async delWill({ id, closed }: SessionOwner & { closed?: boolean }): Promise<Will | undefined> {
    return closed ? new Promise(() => undefined) : this.#wills.take(id);
  }

  streamWill(brokers: Record<string, unknown> = {}): Readable {
    return Readable.from(this.#wills.ofOtherBrokers(brokers));
  }

  async destroy(): Promise<void> {
    this.#sessions.stopExpiry();
  }

  #forget({ clientId, subscriptions }: StoredSession): void {
    for (const filter of subscriptions.keys()) this.#index.remove(clientId, filter);
    this.#received.clear({ id: clientId });
  }

  #reportOnce(bound: string): void {
    if (this.#reported.has(bound)) return;
    this.#reported.add(bound);
    this.#log.warn({ bound }, "broker: limit on memory reached, messages beyond it are not kept");
  }
}
