import { connectAsync, type MqttClient } from "mqtt";
import type { Logger } from "pino";
import { countDistinct, type DistinctCount, type ReadingIdentity } from "../platform/distinct-readings.ts";
import { createLatencies, type Latencies } from "./latencies.ts";

export interface PublisherOptions {
  url: string;
  qos: 0 | 1 | 2;
  /** unacknowledged messages per device at most; `publish` waits above that */
  maxInFlight: number;
  log: Logger;
}

export interface Counts {
  /** readings handed to the network */
  sent: number;
  acknowledged: number;
  messages: number;
  /** readings not acknowledged when the client was closed */
  unacknowledged: number;
  inFlight: number;
  reconnects: number;
}

/** One MQTT connection per device. After a reconnect unacknowledged messages are sent again. */
export interface Publisher {
  connect(deviceId: string, secret: string | undefined): Promise<void>;
  /**
   * Publishes `readings` of one device in one message. Resolves when the message is handed to the client; `drain` waits
   * for acknowledgements.
   * @param dueAt when the message was due (performance.now()); latency counts from then, so that waiting is included
   */
  publish(deviceId: string, kind: string, readings: readonly ReadingIdentity[], dueAt?: number): Promise<void>;
  counts(): Counts;
  /** acknowledged distinct readings of one device */
  acknowledgedBy(deviceId: string): number;
  latencies: Latencies;
  /** Waits until everything is acknowledged. @returns false after `timeoutMs` */
  drain(timeoutMs: number): Promise<boolean>;
  /** Disconnects all devices; again it does nothing. */
  close(): Promise<void>;
}

interface DeviceConnection {
  client: MqttClient;
  inFlight: number;
  acknowledged: DistinctCount;
  waiting: (() => void)[];
}

const CONNECT_TIMEOUT_MS = 10_000;
const RECONNECT_MS = 1_000;
const DRAIN_POLL_MS = 20;

export function createPublisher({ url, qos, maxInFlight, log }: PublisherOptions): Publisher {
  const connections = new Map<string, DeviceConnection>();
  const counts: Counts = { sent: 0, acknowledged: 0, messages: 0, unacknowledged: 0, inFlight: 0, reconnects: 0 };
  const latencies = createLatencies();
  let isClosed = false;

  const onAcknowledged = (
    connection: DeviceConnection,
    kind: string,
    readings: readonly ReadingIdentity[],
    dueAt: number,
    failed: boolean,
  ): void => {
    connection.inFlight -= 1;
    counts.inFlight -= 1;
    if (failed) {
      counts.unacknowledged += readings.length;
    } else {
      counts.acknowledged += readings.length;
      for (const reading of readings) connection.acknowledged.add(kind, reading);
      latencies.record(performance.now() - dueAt);
    }
    connection.waiting.shift()?.();
  };

  return {
    latencies,
    async connect(deviceId, secret) {
      const credentials = secret === undefined ? {} : { username: deviceId, password: secret };
      const client = await connectAsync(
        url,
        {
          clientId: deviceId,
          ...credentials,
          clean: true,
          reconnectPeriod: RECONNECT_MS,
          connectTimeout: CONNECT_TIMEOUT_MS,
        },
        false,
      );
      client.on("reconnect", () => (counts.reconnects += 1));
      client.on("error", (error) => log.warn({ device: deviceId, reason: error.message }, "MQTT connection error"));
      connections.set(deviceId, { client, inFlight: 0, acknowledged: countDistinct(), waiting: [] });
    },
    async publish(deviceId, kind, readings, dueAt = performance.now()) {
      const connection = connections.get(deviceId);
      if (!connection) throw new Error(`device ${deviceId} is not connected`);
      while (connection.inFlight >= maxInFlight) await new Promise<void>((resolve) => connection.waiting.push(resolve));
      connection.inFlight += 1;
      counts.inFlight += 1;
      counts.messages += 1;
      counts.sent += readings.length;
      const payload = JSON.stringify(readings.length === 1 ? readings[0] : readings);
      connection.client.publish(`devices/${deviceId}/${kind}`, payload, { qos }, (error) =>
        onAcknowledged(connection, kind, readings, dueAt, error !== undefined && error !== null),
      );
    },
    counts: () => ({ ...counts }),
    acknowledgedBy: (deviceId) => connections.get(deviceId)?.acknowledged.count() ?? 0,
    async drain(timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      while (counts.inFlight > 0) {
        if (performance.now() > deadline) return false;
        await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
      }
      return true;
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      counts.unacknowledged += counts.inFlight;
      await Promise.all([...connections.values()].map(({ client }) => client.endAsync(true)));
    },
  };
}
