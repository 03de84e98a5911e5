import { connectAsync, type MqttClient } from "mqtt";
import type { Logger } from "pino";
import { countDistinct, type DistinctCount, type ReadingIdentity } from "../platform/distinct-readings.ts";
import { createLatencies, type Latencies } from "./latencies.ts";

export interface PublisherOptions {
  url: string;
  qos: 0 | 1 | 2;
  /** messages sent and not yet acknowledged, of one device; what comes on top is held back */
  maxInFlight: number;
  log: Logger;
}

export interface Counts {
  /** readings handed to the network */
  sent: number;
  acknowledged: number;
  messages: number;
  /** readings the client gave up: it was closed before they were acknowledged */
  unacknowledged: number;
  inFlight: number;
  reconnects: number;
}

/** One MQTT connection per device, as real ones have; unacknowledged messages are sent again after a reconnect. */
export interface Publisher {
  connect(deviceId: string, secret: string | undefined): Promise<void>;
  /**
   * Publishes `readings` of one device in one message. Resolves as soon as there is room for another, not when it is
   * acknowledged: `drain` waits for that.
   * @param dueAt when it should have left (performance.now()); latency is measured from here, so that waiting counts
   */
  publish(deviceId: string, kind: string, readings: readonly ReadingIdentity[], dueAt?: number): Promise<void>;
  counts(): Counts;
  /** of one device: distinct readings acknowledged, however often each was sent */
  acknowledgedBy(deviceId: string): number;
  latencies: Latencies;
  /** Waits until all is acknowledged; false when that took longer than `timeoutMs`. */
  drain(timeoutMs: number): Promise<boolean>;
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
      client.on("error", (error) => log.warn({ device: deviceId, reason: error.message }, "connection"));
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
      counts.unacknowledged += counts.inFlight;
      await Promise.all([...connections.values()].map(({ client }) => client.endAsync(true)));
    },
  };
}
