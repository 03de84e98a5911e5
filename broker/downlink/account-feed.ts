import type { Semaphore } from "async-mutex";
import type { Logger } from "pino";
import { DeviceTurns } from "./device-turns.ts";
import type { MessageReceiver } from "./message-receiver.ts";
import { ACK_TIMEOUT_MS, BATCH, channelsReceived, payloadOf, type QueuedMessages, topicOf } from "./queued-messages.ts";
import { SentMessages } from "./sent-messages.ts";
import { WaitingDevices } from "./waiting-devices.ts";

export interface AccountFeedParts {
  receiver: MessageReceiver;
  queued: QueuedMessages;
  /** queries that run at a time, for all accounts together */
  queryLimit: Semaphore;
  /** whether the device is connected here itself */
  isConnected: (deviceId: string) => boolean;
  log: Logger;
}

/**
 * Sends the messages of devices to one connection of a service account, as far as its filters match: of each device in order, one
 * at a time. One that is not acknowledged in time ends the turn of its device: the device's messages are sent again with the next
 * notice, or on the next connection.
 */
export class AccountFeed {
  readonly receiver: MessageReceiver;
  readonly #parts: AccountFeedParts;
  readonly #turns: DeviceTurns;
  readonly #sent = new SentMessages();
  #closed = false;

  constructor(parts: AccountFeedParts) {
    const { receiver, queued, queryLimit, log } = parts;
    this.receiver = receiver;
    this.#parts = parts;
    const waiting = new WaitingDevices(
      (afterId, limit) => queryLimit.runExclusive(() => queued.waitingDevices(afterId, limit)),
      () => receiver.filters,
    );
    this.#turns = new DeviceTurns((deviceId) => this.#serve(deviceId), waiting, log);
  }

  /** Sends what waits for all devices. */
  catchUp(): void {
    this.#turns.addWaiting();
  }

  /** Sends what waits for this device. */
  onNotify(deviceId: string): void {
    if (this.#channels(deviceId).length > 0) this.#turns.add(deviceId);
  }

  /** The connection has ended. Resolves when nothing is sent any longer. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#turns.close();
  }

  async #serve(deviceId: string): Promise<void> {
    const { queued, queryLimit, isConnected } = this.#parts;
    for (;;) {
      const channels = this.#channels(deviceId);
      if (channels.length === 0) return;
      const afterCommand = this.#sent.lastCommand(deviceId);
      const messages = await queryLimit.runExclusive(() => queued.pending(deviceId, channels, afterCommand));
      for (const message of messages) {
        if (this.#closed) return;
        if (this.#sent.has(deviceId, message)) continue;
        if (!(await this.receiver.send(topicOf(deviceId, message), payloadOf(message), ACK_TIMEOUT_MS))) return;
        this.#sent.add(deviceId, message);
        // A device that has just connected for the first time may not be in `device_connections` yet.
        if (isConnected(deviceId)) continue;
        await queryLimit.runExclusive(() => queued.markDeliveredToAccount(message));
      }
      if (messages.length < BATCH || this.#closed) return;
    }
  }

  #channels(deviceId: string): ReturnType<typeof channelsReceived> {
    return channelsReceived(deviceId, (topic) => this.receiver.qosOf(topic) !== undefined);
  }
}
