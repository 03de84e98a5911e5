import type { EventEmitter } from "node:events";
import { Aedes, type Client, type PublishPacket } from "aedes";
import { writeToStream } from "mqtt-packet";
import type { Logger } from "pino";
import { deviceOfUplink } from "../auth/authorize.ts";
import type { MqttConnection } from "../mqtt/connection.ts";
import type { Acceptance } from "../uplink/accept.ts";
import type { ConnectHandler } from "./connect-handler.ts";
import { Emitter } from "./emitter.ts";
import type { Persistence } from "./persistence.ts";
import { PublishSerializer } from "./publish-serializer.ts";
import { MAX_INFLIGHT_INBOUND } from "./received-packet-ids.ts";
import type { Sessions } from "./sessions.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface AedesBrokerParts {
  connectHandler: ConnectHandler;
  sessions: Sessions;
  subscriptions: Subscriptions;
  acceptance: Acceptance;
  persistence: Persistence;
  /** a subscriber that reads nothing for so long is disconnected */
  drainTimeoutMs: number;
  log: Logger;
}

/**
 * Aedes 1.2.0 with our decisions at its hooks (docs/decisions/10-aedes-pinned.md); the only file that imports it.
 * Readings do not reach its subscribers: they are in the journal by the time Aedes would publish them.
 */
export class AedesBroker extends Aedes {
  readonly #sessions: Sessions;
  readonly #emitter: Emitter;
  readonly #serializer = new PublishSerializer();

  constructor(parts: AedesBrokerParts) {
    const { connectHandler, sessions, subscriptions, acceptance, persistence, log } = parts;
    const emitter = new Emitter();
    super({
      mq: emitter,
      persistence,
      concurrency: 1000,
      // The connection waits for CONNECT; this one also runs while a CONNECT that has arrived waits for its turn.
      connectTimeout: 60_000,
      drainTimeout: parts.drainTimeoutMs,
      queueLimit: 1000,
      maxTopicLevels: 10,
      // The packet validator bounds client ids, of either version.
      maxClientsIdLength: 128,
      maxInflightInbound: MAX_INFLIGHT_INBOUND,

      preConnect(client, packet, done) {
        void connectHandler.onConnect(client, packet, () => done(null, true));
      },

      authenticate(client, userName, password, done) {
        void connectHandler.authenticate(client, userName, password, (refusal) => done(refusal, refusal === null));
      },

      authorizePublish(client, packet, done) {
        const session = sessions.of(client);
        if (!session) done(new Error("a publish without a session"));
        else if (client?.closed) acceptance.acceptWill(session, packet, done);
        else acceptance.accept(session, packet, done);
      },

      authorizeSubscribe(client, subscription, done) {
        done(null, subscriptions.authorize(sessions.of(client), client.id, subscription));
      },

      authorizeForward: (client, packet) => subscriptions.forward(sessions.of(client), packet),
    });
    this.#sessions = sessions;
    this.#emitter = emitter;
    // Else the packet writer keeps two bytes for each number up to 65,535: 8 MB that hardly any answer needs.
    writeToStream.cacheNumbers = false;

    (this as EventEmitter).on("error", (error: Error) => log.error({ err: error }, "broker: internal error"));
    this.on("clientError", (client, error) => log.debug({ client: client.id, err: error }, "broker: client error"));
    this.on("connectionError", (_client, error) => log.debug({ err: error }, "broker: connection refused"));
  }

  /** Aedes calls it with the client in the middle, or without one for messages of its own. */
  override publish(packet: PublishPacket, ...rest: unknown[]): void {
    const done = rest.at(-1) as (error?: Error) => void;
    const client = rest.length > 1 ? (rest[0] as Client) : undefined;
    // A sender's DUP is about its own packet [MQTT-3.3.1-3].
    packet.dup = false;
    if (this.#isJournalled(packet.topic, client)) return done();
    const sender = client?.conn as MqttConnection | undefined;
    sender?.deliveryStarted();
    this.#serializer.run((next) => {
      this.#emitter.onEmitted = next;
      const doneInOrder = (error?: Error): void => {
        next();
        sender?.deliveryEnded();
        done(error);
      };
      super.publish(packet, ...([...rest.slice(0, -1), doneInOrder] as [typeof done]));
    });
  }

  #isJournalled(topic: string, client: Client | undefined): boolean {
    const session = this.#sessions.of(client);
    return session !== undefined && deviceOfUplink(session.principal, topic) !== undefined;
  }
}
