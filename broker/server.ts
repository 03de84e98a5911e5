import type { Pool } from "pg";
import type { Logger } from "pino";
import { Admission } from "./auth/admission.ts";
import { AuditLog } from "./auth/audit-log.ts";
import { auditName } from "./auth/audit-names.ts";
import { AccountUses } from "./auth/account-uses.ts";
import { isSessionStillAuthorized } from "./auth/authenticate.ts";
import { CredentialCache } from "./auth/credential-cache.ts";
import { DeviceWarnings } from "./auth/device-warnings.ts";
import { DeviceTokens } from "./auth/device-tokens.ts";
import { Provisioning } from "./auth/provisioning.ts";
import { AccountMessages } from "./downlink/account-messages.ts";
import { CommandAcks } from "./downlink/command-acks.ts";
import { ConnectedDevices } from "./downlink/connected-devices.ts";
import { ReplySender } from "./downlink/reply-sender.ts";
import { MessageDispatcher } from "./downlink/message-dispatcher.ts";
import { Presence } from "./downlink/presence.ts";
import { QueuedMessages } from "./downlink/queued-messages.ts";
import type { JournalWriter } from "./journal/journal.ts";
import type { CreateAttemptCounter } from "./auth/login-throttle.ts";
import type { RefusalLimit } from "./auth/audit-log.ts";
import type { CreateTokenBucket } from "./uplink/rate.ts";
import type { PostgresListener } from "./postgres/listener.ts";
import { AedesBroker } from "./session/aedes-broker.ts";
import { onClientEvents } from "./session/client-events.ts";
import { ConnectHandler } from "./session/connect-handler.ts";
import { Persistence } from "./session/persistence.ts";
import type { Session } from "./session/session.ts";
import { Sessions } from "./session/sessions.ts";
import { Subscriptions } from "./session/subscriptions.ts";
import type { BrokerSettings } from "./settings.ts";
import { ConnectionManager } from "./transport/connection-manager.ts";
import { Listeners, type Ports } from "./transport/listeners.ts";
import { Acceptance } from "./uplink/accept.ts";
import { Backpressure } from "./uplink/backpressure.ts";
import type { Bridge } from "./uplink/bridge.ts";
import { HttpIngest } from "./uplink/http-ingest.ts";

const DRAIN_MS = 5000;

export interface BrokerParts {
  pool: Pool;
  listener: PostgresListener;
  createTokenBucket: CreateTokenBucket;
  createAttemptCounter: CreateAttemptCounter;
  createRefusalLimit: () => RefusalLimit;
  /** what limits by address count as one, of an IP address */
  addressBlock: (address: string) => string;
  journal: JournalWriter;
  log: Logger;
  /** replaces what is shaped like a secret in a text for the audit or an answer */
  maskSecrets: (text: string) => string;
  settings: BrokerSettings;
}

export interface RunningBroker extends Ports {
  connections(): number;
  /** messages that are in the journal since the start */
  accepted(): number;
  close(): Promise<void>;
}

/** Starts the broker on the listeners of its settings. The pool and the journal stay the caller's to close. */
export async function startBroker(given: BrokerParts): Promise<RunningBroker> {
  const { pool, listener, journal, log, settings, createTokenBucket, createAttemptCounter, maskSecrets } = given;
  // Authentication and admission.
  const audit = new AuditLog(pool, log, maskSecrets, given.createRefusalLimit());
  const warnings = new DeviceWarnings(pool, log, maskSecrets);
  const credentials = new CredentialCache(pool, settings.dataDir, log);
  const tokens = new DeviceTokens(pool, log);
  const provisioning = new Provisioning(pool);
  const admission = new Admission(credentials, tokens, provisioning, settings, createAttemptCounter, warnings);

  // How a publish becomes ours.
  const backpressure = new Backpressure();
  const commandAcks = new CommandAcks(pool, log);
  const onCommandAck = commandAcks.record.bind(commandAcks);
  const acceptance = new Acceptance({ journal, backpressure, audit, warnings, limits: settings, log, onCommandAck });

  // Sessions, with Aedes in the middle.
  const sessions = new Sessions(log);
  const isGranted = (client: object, filter: string): boolean => !!sessions.of(client)?.grantedQos.has(filter);
  const onAcknowledged = (client: object, id: number): void => sessions.of(client)?.awaitedAcks?.recordAck(id);
  const persistence = new Persistence({ limits: settings.memory, isGranted, onAcknowledged, log });
  const hasSession = persistence.hasSession.bind(persistence);
  const nameForAudit = (...claims: (string | undefined)[]): string => auditName(claims, credentials);
  const connectHandler = new ConnectHandler({
    ...{ admission, sessions, hasSession, audit, nameForAudit, log, createTokenBucket },
  });
  const subscriptions = new Subscriptions(audit, warnings, settings.maxSubscriptions, settings.deniedSubscriptions);
  const parts = { connectHandler, sessions, subscriptions, acceptance, persistence, log };
  const broker = new AedesBroker({ ...parts, drainTimeoutMs: settings.drainTimeoutMs });

  // To devices, and to the gateways before them.
  const presence = new Presence(pool, log);
  const accountUses = new AccountUses(pool, log);
  const devices = new ConnectedDevices();
  const queued = new QueuedMessages(pool);
  const messages = new MessageDispatcher(queued, devices, log);
  const accountMessages = new AccountMessages(queued, devices, log);
  const replies = new ReplySender(devices, accountMessages, log);
  onClientEvents(broker, {
    ...{ sessions, persistence, acceptance, presence, accountUses, devices, messages, accountMessages },
  });

  const known = { cache: credentials, tokens };
  const disconnectUnauthorized = (): void => {
    const isAuthorized = ({ principal, authMethod }: Session): boolean =>
      isSessionStillAuthorized(principal, authMethod, known);
    sessions.disconnectUnless(isAuthorized, "its credentials no longer hold");
  };
  credentials.onChanged = disconnectUnauthorized;
  tokens.onChanged = disconnectUnauthorized;
  await credentials.start();
  const unsubscribe = [credentials, tokens, messages, accountMessages, replies].map((each) => listener.subscribe(each));
  await broker.listen();

  // From sockets.
  const connections = new ConnectionManager(settings, { ...settings, backpressure }, (c) => broker.handle(c), log);
  const listeners = new Listeners(settings, connections, given.addressBlock, log);
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
    for (const end of unsubscribe) end();
    const users = [messages, accountMessages, commandAcks, presence, accountUses, credentials];
    await Promise.all([stopped, ...users.map((user) => user.close())]);
    await acceptance.drain(DRAIN_MS);
    await persistence.destroy();
    await Promise.all([audit.close(), warnings.close()]);
  }

  try {
    presence.start();
    if (settings.bridge) {
      // An MQTT client is some 10 MB of code, which a broker of its own does without.
      const { Bridge } = await import("./uplink/bridge.ts");
      bridge = await Bridge.open(settings.bridge, { ...settings, acceptance, log });
    }
    const http = new HttpIngest({
      admission,
      acceptance,
      credentials,
      provisioning,
      audit,
      nameForAudit,
      maskSecrets,
      log,
      settings,
      createTokenBucket,
      createAttemptCounter,
    });
    const ports = await listeners.open(http.handle.bind(http));
    return { ...ports, connections: () => connections.size, accepted: () => acceptance.accepted, close };
  } catch (error) {
    await close();
    throw error;
  }
}
