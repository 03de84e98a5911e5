import { Semaphore } from "async-mutex";
import type { Logger } from "pino";
import type { Subscriber } from "../postgres/listener.ts";
import { AccountFeed } from "./account-feed.ts";
import type { MessageReceiver } from "./message-receiver.ts";
import type { QueuedMessages } from "./queued-messages.ts";
import type { AccountReplies } from "./reply-sender.ts";

/** queries for all accounts together, of the few connections that the broker has */
const QUERIES_AT_A_TIME = 2;

/** The devices that are connected to this broker themselves. */
interface DirectConnections {
  connection(deviceId: string): object | undefined;
}

/**
 * Sends rows of `device_messages` to the service accounts that are connected here and subscribed to their topics: gateways and bridges,
 * which pass them on to devices. A device that is connected itself gets them beside that (message-dispatcher.ts).
 */
export class AccountMessages implements Subscriber, AccountReplies {
  readonly channel = "device_messages";
  readonly #queued: QueuedMessages;
  readonly #devices: DirectConnections;
  readonly #log: Logger;
  readonly #queryLimit = new Semaphore(QUERIES_AT_A_TIME);
  /** by client: an account may have several connections */
  readonly #feeds = new Map<object, AccountFeed>();
  /** the work of connections that have ended */
  readonly #ending = new Set<Promise<void>>();

  constructor(queued: QueuedMessages, devices: DirectConnections, log: Logger) {
    this.#queued = queued;
    this.#devices = devices;
    this.#log = log;
  }

  /** An account has connected, perhaps with the subscriptions of its session. */
  add(receiver: MessageReceiver): void {
    const feed = new AccountFeed({
      receiver,
      queued: this.#queued,
      queryLimit: this.#queryLimit,
      isConnected: (deviceId) => this.#devices.connection(deviceId) !== undefined,
      log: this.#log,
    });
    this.#feeds.set(receiver.client, feed);
    feed.catchUp();
  }

  remove(client: object): void {
    const feed = this.#feeds.get(client);
    if (!feed) return;
    this.#feeds.delete(client);
    const ending = feed.close().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  /** Sends what waits. Called when the client has subscribed. */
  onSubscribed(client: object): void {
    this.#feeds.get(client)?.catchUp();
  }

  onListening(): void {
    for (const feed of this.#feeds.values()) feed.catchUp();
  }

  onNotify(deviceId: string): void {
    for (const feed of this.#feeds.values()) feed.onNotify(deviceId);
  }

  reply(topic: string, payload: Buffer): void {
    for (const { receiver } of this.#feeds.values()) receiver.reply(topic, payload);
  }

  async close(): Promise<void> {
    for (const client of this.#feeds.keys()) this.remove(client);
    await Promise.all(this.#ending);
  }
}
