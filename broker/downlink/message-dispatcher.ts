import type { Pool } from "pg";
import type { Logger } from "pino";
import { commandTopic, errorsTopic } from "../contract/topics.ts";
import type { Subscriber } from "../postgres-listener.ts";

const ACK_TIMEOUT_MS = 10_000;
const BATCH = 100;

/** What this broker can do with a device that is connected here. */
export interface DeviceConnections {
  /** whether the device is connected here and subscribed to the topic */
  isSubscribed(deviceId: string, topic: string): boolean;
  /** resolves with true when the device has acknowledged; false when it did not in time, or left */
  send(deviceId: string, topic: string, payload: string, timeoutMs: number): Promise<boolean>;
  deviceIds(): Iterable<string>;
  /** stands for the device's present connection */
  connection(deviceId: string): object | undefined;
}

interface PendingMessage {
  id: number;
  channel: string;
  payload: Record<string, unknown>;
  expires_at: Date;
}

/**
 * Brings rows of `device_messages` (error reports, commands) to devices that are connected here: in order, one at a
 * time, QoS 1, never retained, and marked delivered when acknowledged. What is not stays for the next connection; a
 * command stays until the device has answered it (command-answers.ts) or its time is over, and is sent again on every
 * new connection until then.
 */
export class MessageDispatcher implements Subscriber {
  readonly channel = "device_messages";
  readonly #pool: Pool;
  readonly #line: DeviceConnections;
  readonly #log: Logger;
  /** devices being served; true: look again afterwards */
  readonly #serving = new Map<string, boolean>();
  readonly #work = new Set<Promise<void>>();
  /** the newest command sent on a connection */
  readonly #sentOn = new WeakMap<object, number>();
  #closed = false;

  constructor(pool: Pool, line: DeviceConnections, log: Logger) {
    this.#pool = pool;
    this.#line = line;
    this.#log = log;
  }

  onListening(): void {
    for (const deviceId of this.#line.deviceIds()) this.onNotify(deviceId);
  }

  /** Something may be waiting for this device: a row came, or the device has just subscribed. */
  onNotify(deviceId: string): void {
    if (this.#closed || !this.#topicsOf(deviceId).some(({ topic }) => this.#line.isSubscribed(deviceId, topic))) return;
    if (this.#serving.has(deviceId)) {
      this.#serving.set(deviceId, true);
      return;
    }
    this.#serving.set(deviceId, false);
    const work = this.#serve(deviceId)
      .catch((cause: unknown) => this.#log.warn({ err: cause, device: deviceId }, "broker: messages for a device wait"))
      .finally(() => {
        this.#work.delete(work);
        const again = this.#serving.get(deviceId);
        this.#serving.delete(deviceId);
        if (again) this.onNotify(deviceId);
      });
    this.#work.add(work);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#work);
  }

  async #serve(deviceId: string): Promise<void> {
    for (;;) {
      const connection = this.#line.connection(deviceId);
      const open = this.#topicsOf(deviceId).filter(({ topic }) => this.#line.isSubscribed(deviceId, topic));
      if (!connection) return;
      const { rows } = await this.#pool.query<PendingMessage>(
        `SELECT id, channel, payload, expires_at FROM device_messages
          WHERE device_id = $1 AND channel = ANY ($2) AND expires_at > now()
            AND ((channel = 'errors' AND delivered_at IS NULL) OR (channel = 'cmd' AND acknowledged_at IS NULL AND id > $4))
          ORDER BY id LIMIT $3`,
        [deviceId, open.map(({ channel }) => channel), BATCH, this.#sentOn.get(connection) ?? 0],
      );
      for (const message of rows) {
        const { id, channel } = message;
        const topic = open.find((known) => known.channel === channel)?.topic;
        if (this.#closed || topic === undefined || this.#line.connection(deviceId) !== connection) return;
        if (!(await this.#line.send(deviceId, topic, payloadOf(message), ACK_TIMEOUT_MS))) return;
        if (channel === "cmd") this.#sentOn.set(connection, id);
        await this.#pool.query("UPDATE device_messages SET delivered_at = now() WHERE id = $1", [id]);
      }
      if (rows.length < BATCH || this.#closed) return;
    }
  }

  #topicsOf(deviceId: string): Array<{ channel: string; topic: string }> {
    return [
      { channel: "errors", topic: errorsTopic(deviceId) },
      { channel: "cmd", topic: commandTopic(deviceId) },
    ];
  }
}

function payloadOf({ id, channel, payload, expires_at }: PendingMessage): string {
  return JSON.stringify(channel === "cmd" ? { id, ...payload, expiresAt: expires_at } : payload);
}
