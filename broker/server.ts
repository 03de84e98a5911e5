import type { EventEmitter } from "node:events";
import { Aedes, type AuthenticateError, type Client, type ConnectPacket, type PublishPacket } from "aedes";
import type { Pool } from "pg";
import type { Logger } from "pino";
import { Acceptance } from "./accept.ts";
import { Admission } from "./admission.ts";
import { Audit } from "./audit.ts";
import { type Identity, isStillWelcome, refuse } from "./authenticate.ts";
import { deviceOfUplink, mayReceive, maySubscribe } from "./authorize.ts";
import { CommandAnswers } from "./command-answers.ts";
import { ConnectedDevices, type Reachable } from "./device-line.ts";
import { DeviceMessages } from "./device-messages.ts";
import { DeviceRequests } from "./device-requests.ts";
import { DeviceTokens } from "./device-tokens.ts";
import { Doorway } from "./doorway.ts";
import { Fanout } from "./fanout.ts";
import { qosFor } from "./granted-qos.ts";
import type { GuardedConnection } from "./guard.ts";
import type { JournalWriter } from "./journal/journal.ts";
import { Gate, Meter, packetsOfOneTurn } from "./limits.ts";
import { Listeners, type Ports } from "./listeners.ts";
import { boundMemory, type MemoryStore } from "./memory-bounds.ts";
import { listen } from "./notifications.ts";
import { Presence } from "./presence.ts";
import { Provisioning } from "./provisioning.ts";
import { ReadingLine } from "./reading-line.ts";
import { Registry } from "./registry.ts";
import { Session, Sessions } from "./session.ts";
import { SessionExpiry } from "./session-expiry.ts";
import { SessionNumbers } from "./session-numbers.ts";
import type { BrokerSettings } from "./settings.ts";
import type { Upstream } from "./upstream.ts";

const DRAIN_MS = 5000;
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

  override publish(packet: PublishPacket, ...rest: unknown[]): void {
    const done = rest.at(-1) as (error?: Error) => void;
    const client = rest.length > 1 ? (rest[0] as Client) : undefined;
    // A sender's DUP is about its own packet [MQTT-3.3.1-3].
    packet.dup = false;
    if (this.isJournalled(packet.topic, client)) done();
    else super.publish(packet, ...(rest as [typeof done]));
  }
}

/** Starts the broker on the listeners of its settings. The pool and the journal stay the caller's to close. */
export async function startBroker({ pool, journal, log, settings }: BrokerParts): Promise<RunningBroker> {
  const gate = new Gate();
  const audit = new Audit(pool, log);
  const answers = new CommandAnswers(pool, log);
  const onCommandAnswer = answers.heard.bind(answers);
  const acceptance = new Acceptance({ journal, gate, audit, limits: settings, log, onCommandAnswer });
  const registry = new Registry(pool, settings.dataDir, log);
  const provisioning = new Provisioning(pool);
  const admission = new Admission(registry, new DeviceTokens(pool), provisioning, settings);
  const presence = new Presence(pool, log);
  const sessions = new Sessions();
  const sessionOf = new WeakMap<Client, Session>();
  const helloOf = new WeakMap<Client, ConnectPacket>();
  const numbers = new SessionNumbers();
  const devices = new ConnectedDevices();
  const messages = new DeviceMessages(pool, devices, log);

  const broker = new Broker({
    mq: new Fanout(),
    concurrency: 1000,
    // The guard waits for CONNECT; this one also runs while a CONNECT that has arrived waits for its turn.
    connectTimeout: 60_000,
    drainTimeout: settings.drainTimeoutMs,
    queueLimit: 1000,
    maxTopicLevels: 10,
    // The guard bounds client ids, of either version.
    maxClientsIdLength: 128,
    maxInflightInbound: 100,

    preConnect(client, packet, done) {
      // The guard watches the keep alive: it sees bytes also while the packets before them wait for the disk.
      packet.keepalive = 0;
      helloOf.set(client, packet);
      void settleName(client, packet, () => done(null, true));
    },

    authenticate(client, userName, password, done) {
      void decideOn(client, userName, password, done);
    },

    authorizePublish(client, packet, done) {
      const session = client && sessionOf.get(client);
      if (!session) done(new Error("a publish without a session"));
      else if (client.closed) acceptance.acceptWill(session, packet, done);
      else acceptance.accept(session, packet, done);
    },

    authorizeSubscribe(client, subscription, done) {
      const session = sessionOf.get(client);
      const { topic } = subscription;
      const allowed =
        session &&
        (session.filters.has(topic) || session.filters.size < settings.maxSubscriptions) &&
        maySubscribe(session.principal, topic);
      if (session && allowed) session.filters.add(topic);
      else audit.refused({ actor: client.id, action: "mqtt.subscribe", subject: topic, reason: "not allowed" });
      // Without a subscription Aedes answers 0x80 [MQTT-3.9.3-2].
      done(null, allowed ? subscription : null);
    },

    authorizeForward(client, packet) {
      const session = sessionOf.get(client);
      if (!session || !mayReceive(session.principal, packet.topic)) return null;
      packet.qos = qosFor((client as unknown as Reachable).subscriptions, packet.topic, packet.qos);
      return packet;
    },
  });

  (broker as EventEmitter).on("error", (error: Error) => log.error({ err: error }, "broker: internal error"));
  broker.on("clientError", (client, error) => log.debug({ client: client.id, err: error }, "broker: client error"));
  broker.on("connectionError", (_client, error) => log.debug({ err: error }, "broker: connection refused"));
  broker.on("clientReady", (client) => {
    devices.joined(client as unknown as Reachable);
    expiry.joined(client.id);
    const session = sessionOf.get(client);
    if (session?.principal.type === "device") presence.connected(client, client.id);
    const connection = client.conn as GuardedConnection;
    if (session) connection.readings = new ReadingLine(acceptance, session, connection);
  });
  broker.on("clientDisconnect", (client) => {
    devices.left(client as unknown as Reachable);
    presence.disconnected(client);
    expiry.left(client.id, !client.clean);
  });
  broker.on("ack", (_packet, client) => devices.acknowledged(client as unknown as Reachable));
  broker.on("subscribe", (_subscriptions, client) => client && messages.onNotify(client.id));
  broker.on("unsubscribe", (filters, client) => {
    for (const filter of filters) sessionOf.get(client)?.filters.delete(filter);
  });

  broker.isJournalled = (topic, client) => {
    const session = client && sessionOf.get(client);
    return session !== undefined && deviceOfUplink(session.principal, topic) !== undefined;
  };

  async function settleName(client: Client, packet: ConnectPacket, done: () => void): Promise<void> {
    packet.clientId = await admission.clientIdOf(packet.clientId, packet.username);
    numbers.begin(client as unknown as { _nextId: number }, packet);
    done();
  }

  async function decideOn(
    client: Client,
    userName: string | undefined,
    password: Buffer | undefined,
    done: (error: AuthenticateError | null, success: boolean | null) => void,
  ): Promise<void> {
    const { origin } = client.conn as GuardedConnection;
    const claim = { clientId: client.id, userName, password, origin };
    const hello = helloOf.get(client);
    // The parser keeps the packet as long as the connection lives: nobody needs the secret in it again.
    delete hello?.password;
    const identity = await admission.connect(claim, hello?.will?.topic, Date.now()).catch((cause: unknown) => {
      log.warn({ err: cause }, "broker: credentials could not be checked");
      return refuse(3, "credentials could not be checked");
    });
    if (identity.known) {
      welcome(client, identity);
      done(null, true);
      return;
    }
    const { reason, returnCode } = identity;
    audit.refused({ actor: userName ?? client.id, action: "mqtt.connect", subject: client.id, reason });
    done(Object.assign(new Error(reason), { returnCode }), false);
  }

  function welcome(client: Client, { principal, proof, rate }: Identity & { known: true }): void {
    const connection = client.conn as GuardedConnection;
    if (connection.destroyed) return;
    const cut = (reason: string): void => {
      log.info({ client: client.id, reason }, "broker: connection cut");
      admission.forgive(client.id);
      connection.destroy();
    };
    const session = new Session(principal, client.id, proof, { cut, answer: () => connection.answer() });
    sessionOf.set(client, session);
    sessions.add(session);
    connection.once("close", () => sessions.remove(session));
    connection.open(rate && new Meter(rate, Date.now()), packetsOfOneTurn(principal));
  }

  registry.onChanged = () => {
    const isWelcome = ({ principal, proof }: Session): boolean => isStillWelcome(principal, proof, registry);
    sessions.cutUnless(isWelcome, "its credentials no longer hold");
  };

  await registry.start();
  const ears = listen(pool, [registry, messages], log);
  await broker.listen();
  const store = (broker as unknown as { persistence: MemoryStore }).persistence;
  boundMemory(store, settings.memory, log);
  numbers.watch(store);
  const expiry = new SessionExpiry(store, settings.memory.sessionExpiryMs, log);
  const doorway = new Doorway(settings, { ...settings, gate }, (c) => broker.handle(c), log);
  const listeners = new Listeners(settings, doorway, log);

  let upstream: Upstream | undefined;

  async function close(): Promise<void> {
    const stopped = listeners.close();
    doorway.stopReading();
    await upstream?.close();
    acceptance.stop();
    const unsettled = await acceptance.drained(DRAIN_MS);
    if (unsettled > 0) log.warn({ unsettled }, "broker: stops with publishes that were not acknowledged");
    await new Promise<void>((resolve) => broker.close(resolve));
    doorway.closeAll();
    listeners.closeRequests();
    await Promise.all([stopped, messages.close(), answers.close(), presence.close(), ears.close(), registry.close()]);
    await acceptance.drained(DRAIN_MS);
    await expiry.close();
    await audit.close();
  }

  try {
    presence.start();
    if (settings.upstream) {
      // An MQTT client is some 10 MB of code, which a broker of its own does without.
      const { Upstream } = await import("./upstream.ts");
      upstream = await Upstream.open(settings.upstream, { ...settings, acceptance, log });
    }
    const requests = new DeviceRequests({ admission, acceptance, registry, provisioning, audit, log, settings });
    const ports = await listeners.open(requests.handle.bind(requests));
    return { ...ports, connections: () => doorway.size, close };
  } catch (error) {
    await close();
    throw error;
  }
}
