import type { DeviceConnections } from "./message-dispatcher.ts";
import type { MessageReceiver } from "./message-receiver.ts";
import type { DeviceReplies } from "./reply-sender.ts";

/** The devices that are connected to this broker themselves. */
export class ConnectedDevices implements DeviceConnections, DeviceReplies {
  readonly #receivers = new Map<string, MessageReceiver>();
  /** of each client: its device, whose id need not be the client id (ThingsBoard firmware) */
  readonly #deviceOf = new WeakMap<object, string>();

  add(deviceId: string, receiver: MessageReceiver): void {
    this.#receivers.set(deviceId, receiver);
    this.#deviceOf.set(receiver.client, deviceId);
  }

  /** The connection has ended; a newer one of the device may have taken its place. */
  remove(client: object): void {
    const deviceId = this.#deviceOf.get(client);
    if (deviceId !== undefined && this.#receivers.get(deviceId)?.client === client) this.#receivers.delete(deviceId);
  }

  connection(deviceId: string): object | undefined {
    return this.#receivers.get(deviceId);
  }

  deviceIds(): Iterable<string> {
    return [...this.#receivers.keys()];
  }

  isSubscribed(deviceId: string, topic: string): boolean {
    return this.#receivers.get(deviceId)?.qosOf(topic) !== undefined;
  }

  async send(deviceId: string, topic: string, payload: string, timeoutMs: number): Promise<boolean> {
    return (await this.#receivers.get(deviceId)?.send(topic, payload, timeoutMs)) ?? false;
  }

  reply(deviceId: string, topic: string, payload: Buffer): boolean {
    const receiver = this.#receivers.get(deviceId);
    receiver?.reply(topic, payload);
    return receiver !== undefined;
  }
}
