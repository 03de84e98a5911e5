import { createHash } from "node:crypto";
import { payloadOf, type PendingMessage } from "./queued-messages.ts";

/** What came first is forgotten beyond this many devices; their commands may then be sent once more. */
const MAX_DEVICES = 100_000;

interface Sent {
  /** id of the newest command */
  command: number;
  /** of the newest error report */
  reportHash: string | undefined;
}

const NOTHING: Sent = { command: 0, reportHash: undefined };

/** What has been sent on one connection: it gets each command once, and an error report again when errors have joined it. */
export class SentMessages {
  readonly #byDevice = new Map<string, Sent>();

  lastCommand(deviceId: string): number {
    return (this.#byDevice.get(deviceId) ?? NOTHING).command;
  }

  has(deviceId: string, message: PendingMessage): boolean {
    const { command, reportHash } = this.#byDevice.get(deviceId) ?? NOTHING;
    return message.channel === "cmd" ? message.id <= command : reportHash === hashOf(message);
  }

  add(deviceId: string, message: PendingMessage): void {
    const before = this.#byDevice.get(deviceId) ?? NOTHING;
    this.#byDevice.delete(deviceId);
    const isCommand = message.channel === "cmd";
    this.#byDevice.set(
      deviceId,
      isCommand ? { ...before, command: message.id } : { ...before, reportHash: hashOf(message) },
    );
    if (this.#byDevice.size > MAX_DEVICES) this.#byDevice.delete(this.#byDevice.keys().next().value!);
  }
}

const hashOf = (message: PendingMessage): string =>
  createHash("sha256")
    .update(`${message.id} ${payloadOf(message)}`)
    .digest("base64url")
    .slice(0, 12);
