import { mayReceive, type Principal } from "../auth/authorize.ts";
import { AwaitedAcks } from "../session/awaited-acks.ts";
import { highestGrantedQos } from "../session/effective-qos.ts";

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
  publish(packet: OutboundPublish, done: (error?: Error | null) => void): void;
}

/** The part of a session that sending a message needs. */
interface ReceivingSession {
  readonly principal: Principal;
  /** its filters with the QoS of each; the session keeps them up to date */
  readonly grantedQos: ReadonlyMap<string, number>;
  awaitedAcks: AwaitedAcks | undefined;
}

/** One connection, and the delivery of the platform's own messages to it. */
export class MessageReceiver {
  readonly client: ConnectedClient;
  readonly #session: ReceivingSession;

  constructor(client: ConnectedClient, session: ReceivingSession) {
    this.client = client;
    this.#session = session;
  }

  /** the open filters */
  get filters(): Iterable<string> {
    return this.#session.grantedQos.keys();
  }

  /** The QoS at which messages on this topic are sent, the highest that was granted; undefined: they are not. */
  qosOf(topic: string): 0 | 1 | undefined {
    const { principal, grantedQos } = this.#session;
    const qos = highestGrantedQos(grantedQos, topic, 1);
    if (qos === undefined || !mayReceive(principal, topic)) return undefined;
    return qos === 0 ? 0 : 1;
  }

  /**
   * Sends a message, one of each topic at a time.
   * @returns true once the client has acknowledged it; false where it is not subscribed, disconnects or does not do so in time
   */
  send(topic: string, payload: string, timeoutMs: number): Promise<boolean> {
    const qos = this.qosOf(topic);
    if (qos === undefined) return Promise.resolve(false);
    const awaitedAcks = (this.#session.awaitedAcks ??= new AwaitedAcks());
    return new Promise((resolve) => {
      const settle = awaitedAcks.add(topic, payload, timeoutMs, resolve);
      this.client.publish({ cmd: "publish", topic, payload, qos, retain: false, dup: false }, (error) => {
        // At QoS 0 the client sends no PUBACK: a message that is written counts as delivered.
        if (error || qos === 0) settle(!error);
      });
    });
  }

  /** Sends a message at QoS 0, where it is subscribed. */
  reply(topic: string, payload: Buffer): void {
    if (this.qosOf(topic) === undefined) return;
    this.client.publish({ cmd: "publish", topic, payload, qos: 0, retain: false, dup: false }, () => undefined);
  }
}
