import type { DeviceLine } from "./message-dispatcher.ts";

interface Outgoing {
  cmd: "publish";
  topic: string;
  payload: string;
  qos: 1;
  retain: false;
  dup: false;
}

/** What is needed of a connected client to reach it. */
export interface Reachable {
  readonly id: string;
  /** open filters */
  readonly subscriptions: Record<string, object>;
  publish(packet: Outgoing, done: (error?: Error | null) => void): void;
}

/** Devices connected to this broker, as the sender of their messages sees them. */
export class ConnectedDevices implements DeviceLine {
  readonly #clients = new Map<string, Reachable>();
  readonly #granted = new WeakMap<Reachable, ReadonlyMap<string, number>>();
  readonly #unanswered = new Map<string, (acknowledged: boolean) => void>();

  /** @param granted its filters, now and later, with the QoS of each */
  joined(client: Reachable, granted: ReadonlyMap<string, number>): void {
    this.#clients.set(client.id, client);
    this.#granted.set(client, granted);
  }

  /** @returns false when a newer connection of the same client has taken over */
  left(client: Reachable): boolean {
    if (this.#clients.get(client.id) !== client) return false;
    this.#clients.delete(client.id);
    this.#unanswered.get(client.id)?.(false);
    return true;
  }

  acknowledged(client: Reachable): void {
    if (this.#clients.get(client.id) === client) this.#unanswered.get(client.id)?.(true);
  }

  connection(deviceId: string): object | undefined {
    return this.#clients.get(deviceId);
  }

  connected(): Iterable<string> {
    return [...this.#clients.keys()];
  }

  listens(deviceId: string, topic: string): boolean {
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
