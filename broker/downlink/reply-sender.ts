import type { Logger } from "pino";
import { z } from "zod";
import type { Subscriber } from "../postgres/listener.ts";

const reply = z.object({ device: z.string(), topic: z.string(), payload: z.base64() });

/** The devices connected to this broker. */
export interface ReplyReceivers {
  /** sends at QoS 0 to the device's connection, if it has a matching subscription */
  reply(deviceId: string, topic: string, payload: Buffer): void;
}

/**
 * Sends devices what ingest answers in their own protocols: a Sparkplug rebirth command, an empty ThingsBoard answer. At
 * most once: a device that misses one asks again, or is asked again.
 */
export class ReplySender implements Subscriber {
  readonly channel = "device_replies";
  readonly #devices: ReplyReceivers;
  readonly #log: Logger;

  constructor(devices: ReplyReceivers, log: Logger) {
    this.#devices = devices;
    this.#log = log;
  }

  onListening(): void {
    // What was sent before is lost, as at QoS 0.
  }

  onNotify(notice: string): void {
    try {
      const { device, topic, payload } = reply.parse(JSON.parse(notice));
      this.#devices.reply(device, topic, Buffer.from(payload, "base64"));
    } catch (cause) {
      this.#log.warn({ err: cause }, "broker: a reply to a device could not be sent");
    }
  }
}
