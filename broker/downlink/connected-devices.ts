import type { DeviceConnections } from "./message-dispatcher.ts";

interface OutboundPublish {
  cmd: "publish";
  topic: string;
  payload: string;
  qos: 1;
  retain: false;
  dup: false;
}

/** What is needed of a connected client to reach it. */
export interface ConnectedClient {
  readonly id: string;
  /** open filters */
  readonly subscriptions: Record<string, object>;
  publish(packet: OutboundPublish, done: (error?: Error | null) => void): void;
}

/** Devices connected to this broker, as the sender of their messages sees them. */
export class ConnectedDevices implements DeviceConnections {
  readonly #clients = new Map<string, ConnectedClient>();
  readonly #granted = new WeakMap<ConnectedClient, ReadonlyMap<string, number>>();
  readonly #unanswered = new Map<string, (acknowledged: boolean) => void>();

  /** @param granted its filters, now and later, with the QoS of each */
  add(client: ConnectedClient, granted: ReadonlyMap<string, number>): void {
    this.#clients.set(client.id, client);
    this.#granted.set(client, granted);
  }

  /** @returns false when a newer connection of the same client has taken over */
  remove(client: ConnectedClient): boolean {
    if (this.#clients.get(client.id) !== client) return false;
    this.#clients.delete(client.id);
    this.#unanswered.get(client.id)?.(false);
    return true;
  }

  recordAck(client: ConnectedClient): void {
    if (this.#clients.get(client.id) === client) this.#unanswered.get(client.id)?.(true);
  }

  connection(deviceId: string): object | undefined {
    return this.#clients.get(deviceId);
  }

  deviceIds(): Iterable<string> {
    return [...this.#clients.keys()];
  }

  isSubscribed(deviceId: string, topic: string): boolean {
    return this.#clients.get(deviceId)?.subscriptions[topic] !== undefined;
  }

  send(deviceId: string, topic: string, payload: string, timeoutMs: number): Promise<boolean> {
    const client = this.#clients.get(deviceId);
    const granted = client && this.#granted.get(client)?.get(topic);
    if (!client?.subscriptions[topic] || granted === undefined) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (acknowledged: boolean): void => {
        clearTimeout(timer);
        this.#unanswered.delete(deviceId);
        resolve(acknowledged);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.#unanswered.set(deviceId, settle);
      client.publish({ cmd: "publish", topic, payload, qos: 1, retain: false, dup: false }, (error) => {
        // A subscription at QoS 0 is never acknowledged: written is all there is to know.
        if (error || granted === 0) settle(!error);
      });
    });
  }
}
