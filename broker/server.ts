import type { EventEmitter } from "node:events";
import { Aedes, type AedesOptions, type Client, type PublishPacket } from "aedes";
import type { Pool } from "pg";
import type { Logger } from "pino";
import { Acceptance } from "./uplink/accept.ts";
import { Admission } from "./auth/admission.ts";
import { AuditLog } from "./auth/audit-log.ts";
import { isSessionStillAuthorized } from "./auth/authenticate.ts";
import { deviceOfUplink } from "./auth/authorize.ts";
import { CommandAcks } from "./downlink/command-acks.ts";
import { ConnectedDevices, type ConnectedClient } from "./downlink/connected-devices.ts";
import { MessageDispatcher } from "./downlink/message-dispatcher.ts";
import { HttpIngest } from "./uplink/http-ingest.ts";
import { DeviceTokens } from "./auth/device-tokens.ts";
import { ConnectionManager } from "./transport/connection-manager.ts";
import { ConnectHandler } from "./session/connect-handler.ts";
import { Emitter } from "./session/emitter.ts";
import type { MqttConnection } from "./mqtt/connection.ts";
import { PublishSerializer } from "./session/publish-serializer.ts";
import type { JournalWriter } from "./journal/journal.ts";
import { Backpressure } from "./uplink/backpressure.ts";
import { Listeners, type Ports } from "./transport/listeners.ts";
import type { MemoryStore } from "./session/memory-bounds.ts";
import { listen } from "./postgres-listener.ts";
import { Presence } from "./downlink/presence.ts";
import { Provisioning } from "./auth/provisioning.ts";
import { TelemetryFastPath } from "./uplink/telemetry-fast-path.ts";
import { CredentialCache } from "./auth/credential-cache.ts";
import { type Session, Sessions } from "./session/session.ts";
import { SessionExpiry } from "./session/session-expiry.ts";
import { SessionNumbers } from "./session/session-numbers.ts";
import { completeStore } from "./session/session-store.ts";
import type { BrokerSettings } from "./settings.ts";
import { Subscriptions } from "./session/subscriptions.ts";
import type { Bridge } from "./uplink/bridge.ts";

const DRAIN_MS = 5000;
const MAX_INFLIGHT_INBOUND = 100;

/** What Aedes keeps of who is connected. */
interface Register {
  clients: Record<string, Client>;
  connectedClients: number;
  _finishRegisterClient(client: Client): void;
  unregisterClient(client: Client): void;
}
const stock = Aedes.prototype as unknown as Register;

export interface BrokerParts {
  pool: Pool;
  journal: JournalWriter;
  log: Logger;
  settings: BrokerSettings;
}

export interface RunningBroker extends Ports {
  connections(): number;
  close(): Promise<void>;
}

/** Aedes, but for readings: those are in the journal by the time Aedes would hand them to subscribers, and stop there. */
class Broker extends Aedes {
  isJournalled: (topic: string, client: Client | undefined) => boolean = () => false;
  readonly #fanout: Emitter;
  readonly #inTurn = new PublishSerializer();

  constructor(options: AedesOptions) {
    const fanout = new Emitter();
    super({ ...options, mq: fanout });
    this.#fanout = fanout;
  }

  override publish(packet: PublishPacket, ...rest: unknown[]): void {
    const done = rest.at(-1) as (error?: Error) => void;
    const client = rest.length > 1 ? (rest[0] as Client) : undefined;
    // A sender's DUP is about its own packet [MQTT-3.3.1-3].
    packet.dup = false;
    if (this.isJournalled(packet.topic, client)) return done();
    this.#inTurn.run((next) => {
      this.#fanout.onEmitted = next;
      const doneInTurn = (error?: Error): void => {
        next();
        done(error);
      };
      super.publish(packet, ...([...rest.slice(0, -1), doneInTurn] as [typeof done]));
    });
  }

  /** A connection that ended while it was let in is not there. */
  _finishRegisterClient(client: Client): void {
    if (!client.closed) stock._finishRegisterClient.call(this, client);
  }

  /** One that ends late does not take its successor with it. */
  unregisterClient(client: Client): void {
    const register = this as unknown as Register;
    const holder = register.clients[client.id]!;
    stock.unregisterClient.call(this, client);
    if (holder === client) return;
    register.clients[client.id] = holder;
    register.connectedClients++;
  }
}

/** Starts the broker on the listeners of its settings. The pool and the journal stay the caller's to close. */
export async function startBroker({ pool, journal, log, settings }: BrokerParts): Promise<RunningBroker> {
  const backpressure = new Backpressure();
  const audit = new AuditLog(pool, log);
  const answers = new CommandAcks(pool, log);
  const onCommandAck = answers.record.bind(answers);
  const acceptance = new Acceptance({ journal, backpressure, audit, limits: settings, log, onCommandAck });
  const registry = new CredentialCache(pool, settings.dataDir, log);
  const provisioning = new Provisioning(pool);
  const admission = new Admission(registry, new DeviceTokens(pool), provisioning, settings);
  const presence = new Presence(pool, log);
  const sessions = new Sessions();
  const numbers = new SessionNumbers();
  const subscriptions = new Subscriptions(audit, settings.maxSubscriptions, settings.deniedSubscriptions);
  const hasSession = (clientId: string): boolean => expiry.has(clientId);
  const entrance = new ConnectHandler({ admission, sessions, numbers, hasSession, audit, log });
  const devices = new ConnectedDevices();
  const messages = new MessageDispatcher(pool, devices, log);

  const broker = new Broker({
    concurrency: 1000,
    // The guard waits for CONNECT; this one also runs while a CONNECT that has arrived waits for its turn.
    connectTimeout: 60_000,
    drainTimeout: settings.drainTimeoutMs,
    queueLimit: 1000,
    maxTopicLevels: 10,
    // The guard bounds client ids, of either version.
    maxClientsIdLength: 128,
    maxInflightInbound: MAX_INFLIGHT_INBOUND,

    preConnect(client, packet, done) {
      void entrance.onConnect(client, packet, () => done(null, true));
    },

    authenticate(client, userName, password, done) {
      void entrance.authenticate(client, userName, password, (refusal) => done(refusal, refusal === null));
    },

    authorizePublish(client, packet, done) {
      const session = entrance.sessionOf(client);
      if (!session) done(new Error("a publish without a session"));
      else if (client?.closed) acceptance.acceptWill(session, packet, done);
      else acceptance.accept(session, packet, done);
    },

    authorizeSubscribe(client, subscription, done) {
      done(null, subscriptions.authorize(entrance.sessionOf(client), client.id, subscription));
    },

    authorizeForward: (client, packet) => subscriptions.forward(entrance.sessionOf(client), packet),
  });

  (broker as EventEmitter).on("error", (error: Error) => log.error({ err: error }, "broker: internal error"));
  broker.on("clientError", (client, error) => log.debug({ client: client.id, err: error }, "broker: client error"));
  broker.on("connectionError", (_client, error) => log.debug({ err: error }, "broker: connection refused"));
  broker.on("clientReady", (client) => {
    const session = entrance.sessionOf(client);
    // Who has gone again meanwhile has been said goodbye to.
    if (!session || client.closed) return;
    devices.add(client as unknown as ConnectedClient, session.grantedQos);
    expiry.joined(client.id, !client.clean);
    if (session.principal.type === "device") presence.connected(client, client.id);
    const connection = client.conn as MqttConnection;
    connection.fastPath = new TelemetryFastPath(acceptance, session, connection);
    connection.markConnected();
  });
  broker.on("clientDisconnect", (client) => {
    if (devices.remove(client as unknown as ConnectedClient)) expiry.left(client.id);
    presence.disconnected(client);
  });
  broker.on("ack", (_packet, client) => devices.recordAck(client as unknown as ConnectedClient));
  broker.on("subscribe", (_subscriptions, client) => client && messages.onNotify(client.id));
  broker.on("unsubscribe", (filters, client) => {
    for (const filter of filters) entrance.sessionOf(client)?.grantedQos.delete(filter);
  });

  broker.isJournalled = (topic, client) => {
    const session = entrance.sessionOf(client);
    return session !== undefined && deviceOfUplink(session.principal, topic) !== undefined;
  };

  registry.onChanged = () => {
    const isWelcome = ({ principal, authMethod: proof }: Session): boolean =>
      isSessionStillAuthorized(principal, proof, registry);
    sessions.disconnectUnless(isWelcome, "its credentials no longer hold");
  };

  await registry.start();
  const ears = listen(pool, [registry, messages], log);
  await broker.listen();
  const store = completeStore((broker as unknown as { persistence: MemoryStore }).persistence, {
    limits: settings.memory,
    maxInflightInbound: MAX_INFLIGHT_INBOUND,
    numbers,
    granted: subscriptions.granted,
    log,
  });
  const expiry = new SessionExpiry(store, settings.memory.sessionExpiryMs, log);
  const connections = new ConnectionManager(settings, { ...settings, backpressure }, (c) => broker.handle(c), log);
  const listeners = new Listeners(settings, connections, log);

  let bridge: Bridge | undefined;

  async function close(): Promise<void> {
    const stopped = listeners.close();
    connections.stopReading();
    await bridge?.close();
    acceptance.stop();
    const unsettled = await acceptance.drain(DRAIN_MS);
    if (unsettled > 0) log.warn({ unsettled }, "broker: stops with publishes that were not acknowledged");
    await new Promise<void>((resolve) => broker.close(resolve));
    connections.closeAll();
    listeners.closeRequests();
    await Promise.all([stopped, messages.close(), answers.close(), presence.close(), ears.close(), registry.close()]);
    await acceptance.drain(DRAIN_MS);
    await expiry.close();
    await audit.close();
  }

  try {
    presence.start();
    if (settings.bridge) {
      // An MQTT client is some 10 MB of code, which a broker of its own does without.
      const { Bridge } = await import("./uplink/bridge.ts");
      bridge = await Bridge.open(settings.bridge, { ...settings, acceptance, log });
    }
    const requests = new HttpIngest({
      admission,
      acceptance,
      credentials: registry,
      provisioning,
      audit,
      log,
      settings,
    });
    const ports = await listeners.open(requests.handle.bind(requests));
    return { ...ports, connections: () => connections.size, close };
  } catch (error) {
    await close();
    throw error;
  }
}
