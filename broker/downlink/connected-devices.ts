import { filterMatches } from "../mqtt/topic-filter.ts";
import type { DeviceConnections } from "./message-dispatcher.ts";
import type { ReplyReceivers } from "./reply-sender.ts";

interface OutboundPublish {
  cmd: "publish";
  topic: string;
  payload: string | Buffer;
  qos: 0 | 1;
  retain: false;
  dup: false;
}

/** The part of an Aedes client that sending a message needs. */
export interface ConnectedClient {
  readonly id: string;
  publish(packet: OutboundPublish, done: (error?: Error | null) => void): void;
}

/** The devices connected to this broker, and the delivery of one message at a time to each. */
export class ConnectedDevices implements DeviceConnections, ReplyReceivers {
  readonly #clients = new Map<string, ConnectedClient>();
  /** of each client: its device, whose id need not be the client id (ThingsBoard firmware), and its filters */
  readonly #known = new WeakMap<ConnectedClient, { deviceId: string; granted: ReadonlyMap<string, number> }>();
  readonly #awaitingAck = new Map<string, (acknowledged: boolean) => void>();

  /** @param grantedQos the client's filters with the QoS of each; kept up to date by its session */
  add(deviceId: string, client: ConnectedClient, grantedQos: ReadonlyMap<string, number>): void {
    this.#clients.set(deviceId, client);
    this.#known.set(client, { deviceId, granted: grantedQos });
  }

  remove(client: ConnectedClient): void {
    const { deviceId = "" } = this.#known.get(client) ?? {};
    if (this.#clients.get(deviceId) !== client) return;
    this.#clients.delete(deviceId);
    this.#awaitingAck.get(deviceId)?.(false);
  }

  recordAck(client: ConnectedClient): void {
    const { deviceId = "" } = this.#known.get(client) ?? {};
    if (this.#clients.get(deviceId) === client) this.#awaitingAck.get(deviceId)?.(true);
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

  reply(deviceId: string, topic: string, payload: Buffer): void {
    const client = this.#clients.get(deviceId);
    const granted = client && this.#known.get(client)?.granted;
    if (!client || !granted || ![...granted.keys()].some((filter) => filterMatches(filter, topic))) return;
    client.publish({ cmd: "publish", topic, payload, qos: 0, retain: false, dup: false }, () => undefined);
  }

  #qosOf(deviceId: string, topic: string): number | undefined {
    const client = this.#clients.get(deviceId);
    return client && this.#known.get(client)?.granted.get(topic);
  }
}
