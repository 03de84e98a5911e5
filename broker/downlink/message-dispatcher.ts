import type { Pool } from "pg";
import type { Logger } from "pino";
import { commandTopic, errorsTopic } from "../contract/topics.ts";
import type { Subscriber } from "../postgres/listener.ts";

const ACK_TIMEOUT_MS = 10_000;
const BATCH = 100;

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

interface PendingMessage {
  id: number;
  channel: string;
  payload: Record<string, unknown>;
  expires_at: Date;
}

/**
 * Sends rows of `device_messages` (error reports, commands) to devices that are connected here: in order, one at a time,
 * at QoS 1, not retained. A row is marked as delivered when the device acknowledges it; otherwise it waits for the next
 * connection. A command is sent again on every new connection until the device acknowledges it (command-acks.ts) or it expires.
 */
export class MessageDispatcher implements Subscriber {
  readonly channel = "device_messages";
  readonly #pool: Pool;
  readonly #devices: DeviceConnections;
  readonly #log: Logger;
  /** devices whose rows are being sent; true: query again afterwards */
  readonly #serving = new Map<string, boolean>();
  readonly #work = new Set<Promise<void>>();
  /** id of the newest command sent on a connection */
  readonly #lastCommandSent = new WeakMap<object, number>();
  #closed = false;

  constructor(pool: Pool, devices: DeviceConnections, log: Logger) {
    this.#pool = pool;
    this.#devices = devices;
    this.#log = log;
  }

  onListening(): void {
    for (const deviceId of this.#devices.deviceIds()) this.onNotify(deviceId);
  }

  /** Sends what waits for this device. Called for a new row, and when the device has subscribed. */
  onNotify(deviceId: string): void {
    if (this.#closed || !this.#topics(deviceId).some(({ topic }) => this.#devices.isSubscribed(deviceId, topic)))
      return;
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
      const open = this.#topics(deviceId).filter(({ topic }) => this.#devices.isSubscribed(deviceId, topic));
      if (!connection) return;
      const { rows } = await this.#pool.query<PendingMessage>(
        `SELECT id, channel, payload, expires_at FROM device_messages
          WHERE device_id = $1 AND channel = ANY ($2) AND expires_at > now()
            AND ((channel = 'errors' AND delivered_at IS NULL) OR (channel = 'cmd' AND acknowledged_at IS NULL AND id > $4))
          ORDER BY id LIMIT $3`,
        [deviceId, open.map(({ channel }) => channel), BATCH, this.#lastCommandSent.get(connection) ?? 0],
      );
      for (const message of rows) {
        const { id, channel } = message;
        const topic = open.find((known) => known.channel === channel)?.topic;
        if (this.#closed || topic === undefined || this.#devices.connection(deviceId) !== connection) return;
        if (!(await this.#devices.send(deviceId, topic, payloadOf(message), ACK_TIMEOUT_MS))) return;
        if (channel === "cmd") this.#lastCommandSent.set(connection, id);
        await this.#markDelivered(message);
      }
      if (rows.length < BATCH || this.#closed) return;
    }
  }

  /** A command stays until its result is old; a delivered error report goes, unless errors have joined it meanwhile. */
  async #markDelivered({ id, channel, payload }: PendingMessage): Promise<void> {
    await (channel === "cmd"
      ? this.#pool.query("UPDATE device_messages SET delivered_at = now() WHERE id = $1", [id])
      : this.#pool.query("DELETE FROM device_messages WHERE id = $1 AND payload = $2", [id, JSON.stringify(payload)]));
  }

  #topics(deviceId: string): Array<{ channel: string; topic: string }> {
    return [
      { channel: "errors", topic: errorsTopic(deviceId) },
      { channel: "cmd", topic: commandTopic(deviceId) },
    ];
  }
}

function payloadOf({ id, channel, payload, expires_at }: PendingMessage): string {
  return JSON.stringify(channel === "cmd" ? { id, ...payload, expiresAt: expires_at } : payload);
}
