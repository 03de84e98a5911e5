import type { DeviceConnections } from "./message-dispatcher.ts";

interface OutboundPublish {
  cmd: "publish";
  topic: string;
  payload: string;
  qos: 1;
  retain: false;
  dup: false;
}

/** The part of an Aedes client that sending a message needs. */
export interface ConnectedClient {
  readonly id: string;
  publish(packet: OutboundPublish, done: (error?: Error | null) => void): void;
}

/** The devices connected to this broker, and the delivery of one message at a time to each. */
export class ConnectedDevices implements DeviceConnections {
  readonly #clients = new Map<string, ConnectedClient>();
  readonly #granted = new WeakMap<ConnectedClient, ReadonlyMap<string, number>>();
  readonly #awaitingAck = new Map<string, (acknowledged: boolean) => void>();

  /** @param grantedQos the client's filters with the QoS of each; kept up to date by its session */
  add(client: ConnectedClient, grantedQos: ReadonlyMap<string, number>): void {
    this.#clients.set(client.id, client);
    this.#granted.set(client, grantedQos);
  }

  remove(client: ConnectedClient): void {
    if (this.#clients.get(client.id) !== client) return;
    this.#clients.delete(client.id);
    this.#awaitingAck.get(client.id)?.(false);
  }

  recordAck(client: ConnectedClient): void {
    if (this.#clients.get(client.id) === client) this.#awaitingAck.get(client.id)?.(true);
  }

  connection(deviceId: string): object | undefined {
    return this.#clients.get(deviceId);
  }

  deviceIds(): Iterable<string> {
    return [...this.#clients.keys()];
  }

  isSubscribed(deviceId: string, topic: string): boolean {
    return this.#qosOf(deviceId, topic) !== undefined;
  }

  send(deviceId: string, topic: string, payload: string, timeoutMs: number): Promise<boolean> {
    const client = this.#clients.get(deviceId);
    const grantedQos = this.#qosOf(deviceId, topic);
    if (!client || grantedQos === undefined) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (acknowledged: boolean): void => {
        clearTimeout(timer);
        this.#awaitingAck.delete(deviceId);
        resolve(acknowledged);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.#awaitingAck.set(deviceId, settle);
      client.publish({ cmd: "publish", topic, payload, qos: 1, retain: false, dup: false }, (error) => {
        // At QoS 0 the device sends no PUBACK: a message that is written counts as delivered.
        if (error || grantedQos === 0) settle(!error);
      });
    });
  }

  #qosOf(deviceId: string, topic: string): number | undefined {
    const client = this.#clients.get(deviceId);
    return client && this.#granted.get(client)?.get(topic);
  }
}
