import type { Logger } from "pino";
import { z } from "zod";
import type { Subscriber } from "../postgres/listener.ts";

const reply = z.object({ device: z.string(), topic: z.string(), payload: z.base64() });

/** The devices connected to this broker. */
export interface DeviceReplies {
  /**
   * Sends at QoS 0 to the device's connection, if it has a matching subscription.
   * @returns whether the device is connected
   */
  reply(deviceId: string, topic: string, payload: Buffer): boolean;
}

/** The service accounts connected to this broker. */
export interface AccountReplies {
  /** sends at QoS 0 to every connection that has a matching subscription */
  reply(topic: string, payload: Buffer): void;
}

/**
 * Sends devices what ingest answers in their own protocols: a Sparkplug rebirth command, an empty ThingsBoard answer. For a device
 * that is not connected here itself, gateways get it. At most once: a device that misses one asks again, or is asked again.
 */
export class ReplySender implements Subscriber {
  readonly channel = "device_replies";
  readonly #devices: DeviceReplies;
  readonly #accounts: AccountReplies;
  readonly #log: Logger;

  constructor(devices: DeviceReplies, accounts: AccountReplies, log: Logger) {
    this.#devices = devices;
    this.#accounts = accounts;
    this.#log = log;
  }

  onListening(): void {
    // What was sent before is lost, as at QoS 0.
  }

  onNotify(notice: string): void {
    try {
      const { device, topic, payload } = reply.parse(JSON.parse(notice));
      const bytes = Buffer.from(payload, "base64");
      if (!this.#devices.reply(device, topic, bytes)) this.#accounts.reply(topic, bytes);
    } catch (cause) {
      this.#log.warn({ err: cause }, "broker: a reply to a device could not be sent");
    }
  }
}
