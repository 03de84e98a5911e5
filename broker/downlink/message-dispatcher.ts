import type { Logger } from "pino";
import type { Subscriber } from "../postgres/listener.ts";
import { ACK_TIMEOUT_MS, BATCH, channelsReceived, payloadOf, type QueuedMessages, topicOf } from "./queued-messages.ts";

/** Devices connected to this broker. */
export interface DeviceConnections {
  /** whether the device is connected and subscribed to the topic */
  isSubscribed(deviceId: string, topic: string): boolean;
  /** resolves with true once the device has acknowledged; false where it disconnects or does not do so in time */
  send(deviceId: string, topic: string, payload: string, timeoutMs: number): Promise<boolean>;
  deviceIds(): Iterable<string>;
  /** identifies the device's current connection */
  connection(deviceId: string): object | undefined;
}

/**
 * Sends rows of `device_messages` (error reports, commands) to devices that are connected here: in order, one at a time,
 * at QoS 1, not retained. A row is marked as delivered when the device acknowledges it; otherwise it waits for the next
 * connection. A command is sent again on every new connection until the device acknowledges it (command-acks.ts) or it expires.
 */
export class MessageDispatcher implements Subscriber {
  readonly channel = "device_messages";
  readonly #queued: QueuedMessages;
  readonly #devices: DeviceConnections;
  readonly #log: Logger;
  /** devices whose rows are being sent; true: query again afterwards */
  readonly #serving = new Map<string, boolean>();
  readonly #work = new Set<Promise<void>>();
  /** id of the newest command sent on a connection */
  readonly #lastCommandSent = new WeakMap<object, number>();
  #closed = false;

  constructor(queued: QueuedMessages, devices: DeviceConnections, log: Logger) {
    this.#queued = queued;
    this.#devices = devices;
    this.#log = log;
  }

  onListening(): void {
    for (const deviceId of this.#devices.deviceIds()) this.onNotify(deviceId);
  }

  /** Sends what waits for this device. Called for a new row, and when the device has subscribed. */
  onNotify(deviceId: string): void {
    if (this.#closed || this.#channels(deviceId).length === 0) return;
    if (this.#serving.has(deviceId)) {
      this.#serving.set(deviceId, true);
      return;
    }
    this.#serving.set(deviceId, false);
    const work = this.#serve(deviceId)
      .catch((cause: unknown) =>
        this.#log.warn(
          { err: cause, device: deviceId },
          "broker: sending queued messages to a device failed; they stay queued",
        ),
      )
      .finally(() => {
        this.#work.delete(work);
        const repeat = this.#serving.get(deviceId);
        this.#serving.delete(deviceId);
        if (repeat) this.onNotify(deviceId);
      });
    this.#work.add(work);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#work);
  }

  async #serve(deviceId: string): Promise<void> {
    for (;;) {
      const connection = this.#devices.connection(deviceId);
      if (!connection) return;
      const afterCommand = this.#lastCommandSent.get(connection) ?? 0;
      const messages = await this.#queued.pending(deviceId, this.#channels(deviceId), afterCommand);
      for (const message of messages) {
        if (this.#closed || this.#devices.connection(deviceId) !== connection) return;
        const topic = topicOf(deviceId, message);
        if (!(await this.#devices.send(deviceId, topic, payloadOf(message), ACK_TIMEOUT_MS))) return;
        if (message.channel === "cmd") this.#lastCommandSent.set(connection, message.id);
        await this.#queued.markDelivered(message);
      }
      if (messages.length < BATCH || this.#closed) return;
    }
  }

  #channels(deviceId: string): ReturnType<typeof channelsReceived> {
    return channelsReceived(deviceId, (topic) => this.#devices.isSubscribed(deviceId, topic));
  }
}
