import type { DeviceLine } from "./device-messages.ts";

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
  /** open filters with what was granted */
  readonly subscriptions: Record<string, { qos: number }>;
  publish(packet: Outgoing, done: (error?: Error | null) => void): void;
}

/** Devices connected to this broker, as the sender of their messages sees them. */
export class ConnectedDevices implements DeviceLine {
  readonly #clients = new Map<string, Reachable>();
  readonly #unanswered = new Map<string, (acknowledged: boolean) => void>();

  joined(client: Reachable): void {
    this.#clients.set(client.id, client);
  }

  left(client: Reachable): void {
    if (this.#clients.get(client.id) !== client) return;
    this.#clients.delete(client.id);
    this.#unanswered.get(client.id)?.(false);
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
    const granted = client?.subscriptions[topic];
    if (!client || !granted) return Promise.resolve(false);
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
        if (error || granted.qos === 0) settle(!error);
      });
    });
  }
}
