import { randomUUID } from "node:crypto";
import { connectAsync, type MqttClient } from "mqtt";
import type { Pool } from "pg";
import type { Logger } from "pino";
import type { RelayLoop, StartLoop } from "../relay/loop.ts";
import { toCloudEvent } from "./cloud-event.ts";
import type { RecordedEvent } from "./event.ts";
import { follow } from "./followers.ts";

/** The name of this follower of the log. */
export const MQTT_FOLLOWER = "mqtt";
/** Events that are on their way at once. */
const BATCH_SIZE = 100;
/** A connection, and a batch, that takes longer has failed, milliseconds. */
const ATTEMPT_MS = 20_000;
/** A broker that refuses is left alone for so long, milliseconds. */
const AGAIN_MS = 2_000;

interface MqttEventsOptions {
  pool: Pool;
  /** of the external broker; may contain user name and password */
  url: string;
  /** of the platform: the source of its events */
  publicUrl: string;
  startLoop: StartLoop;
  maskSecrets: (text: string) => string;
  log: Logger;
  intervalMs: number;
}

/**
 * Publishes the events of the log to an external broker, as CloudEvents in structured mode at QoS 1, in the order of the log. An event is
 * done when the broker has acknowledged it. What was on its way when the connection broke is published again, with the same id: the
 * broker sees a beginning of the log twice, and never a gap. A connection is not used again after a failure, as mqtt.js would send what
 * it still holds beside what another process sends meanwhile.
 */
export function startMqttEvents(options: MqttEventsOptions): RelayLoop {
  const { pool, url, publicUrl, startLoop, maskSecrets, log, intervalMs } = options;
  let client: MqttClient | undefined;
  let notBefore = 0;
  const stopping = new AbortController();

  async function connected(): Promise<MqttClient> {
    if (client?.connected === true) return client;
    await drop();
    client = await connectAsync(
      url,
      {
        clientId: `waystock-events-${randomUUID().slice(0, 8)}`,
        protocolVersion: 4,
        clean: true,
        reconnectPeriod: 0,
        connectTimeout: ATTEMPT_MS,
      },
      // It tries once: the loop tries again.
      false,
    );
    // Told by the next publish; without a listener it would end the process.
    client.on("error", () => undefined);
    return client;
  }

  async function drop(): Promise<void> {
    const dropped = client;
    client = undefined;
    await dropped?.endAsync(true).catch(() => undefined);
  }

  async function publish(events: readonly RecordedEvent[], lost: AbortSignal): Promise<number> {
    const to = await connected().catch((error: unknown) => {
      throw new Error(maskSecrets(`cannot connect: ${textOf(error)}`), { cause: error });
    });
    const limit = AbortSignal.any([AbortSignal.timeout(ATTEMPT_MS), lost, stopping.signal]);
    let done = 0;
    let onClose: () => void = () => undefined;
    const broken = new Promise<never>((_, reject) => {
      limit.addEventListener("abort", () => reject(new Error("the broker did not acknowledge in time")), {
        once: true,
      });
      onClose = () => reject(new Error("the broker closed the connection"));
      to.once("close", onClose);
    });
    broken.catch(() => undefined);
    try {
      // mqtt.js writes them in this order; acknowledgements come in the same one.
      const acknowledged = events.map((event) =>
        to.publishAsync(topicOf(event), JSON.stringify(toCloudEvent(event, publicUrl)), { qos: 1 }),
      );
      for (const each of acknowledged) each.catch(() => undefined);
      for (const each of acknowledged) {
        await Promise.race([each, broken]);
        done += 1;
      }
    } catch (error) {
      await drop();
      if (done === 0) throw new Error(maskSecrets(textOf(error)), { cause: error });
    } finally {
      // One connection serves any number of batches.
      to.off("close", onClose);
    }
    return events[done - 1]!.position;
  }

  async function tick(): Promise<boolean> {
    if (performance.now() < notBefore) return false;
    try {
      return ((await follow(pool, MQTT_FOLLOWER, BATCH_SIZE, publish)) ?? 0) > 0;
    } catch (error) {
      notBefore = performance.now() + AGAIN_MS;
      throw error;
    }
  }

  const loop = startLoop("MQTT events", tick, log, intervalMs);
  return {
    ...loop,
    async close() {
      stopping.abort();
      await loop.close();
      await client?.endAsync().catch(() => undefined);
    },
  };
}

/** `waystock/events/shipment/stage_changed` */
const topicOf = ({ type }: RecordedEvent): string => `waystock/events/${type.replaceAll(".", "/")}`;

/** An error of several addresses has no text of its own. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === "" && "code" in error ? String(error.code) : error.message;
}
