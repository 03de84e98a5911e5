import type { AccountUses } from "../auth/account-uses.ts";
import type { AccountMessages } from "../downlink/account-messages.ts";
import type { ConnectedDevices } from "../downlink/connected-devices.ts";
import { hostStatesFor } from "../downlink/host-state.ts";
import type { MessageDispatcher } from "../downlink/message-dispatcher.ts";
import { MessageReceiver } from "../downlink/message-receiver.ts";
import type { Presence } from "../downlink/presence.ts";
import type { MqttConnection } from "../mqtt/connection.ts";
import type { Acceptance } from "../uplink/accept.ts";
import { TelemetryFastPath } from "../uplink/telemetry-fast-path.ts";
import type { AedesBroker } from "./aedes-broker.ts";
import type { Persistence } from "./persistence.ts";
import type { Sessions } from "./sessions.ts";

export interface ClientEventParts {
  sessions: Sessions;
  persistence: Persistence;
  acceptance: Acceptance;
  presence: Presence;
  accountUses: AccountUses;
  devices: ConnectedDevices;
  messages: MessageDispatcher;
  accountMessages: AccountMessages;
}

/** The broker's steps when a client connects, subscribes and disconnects, in this order. */
export function onClientEvents(broker: AedesBroker, parts: ClientEventParts): void {
  const { sessions, persistence, acceptance, presence, accountUses, devices, messages, accountMessages } = parts;

  /** Aedes lists the client; its CONNACK and its queue leave next. */
  broker.on("client", (client) => {
    const session = sessions.of(client);
    if (!session || client.closed) return;
    session.isRegistered = true;
    const packetIds = persistence.clientConnected(client.id, !client.clean);
    if (packetIds) session.packetIds = packetIds;
  });

  broker.on("clientReady", (client) => {
    const session = sessions.of(client);
    // The client may have disconnected before this fires; `clientDisconnect` has then already run.
    if (!session || client.closed) return;
    const { type, id } = session.principal;
    if (type === "device") {
      devices.add(id, new MessageReceiver(client, session));
      presence.connected(client, id);
    } else if (type === "account") {
      accountMessages.add(new MessageReceiver(client, session));
      accountUses.note(id);
    }
    const connection = client.conn as MqttConnection;
    connection.fastPath = new TelemetryFastPath(acceptance, session, connection);
    connection.markConnected();
  });

  broker.on("subscribe", (subscriptions, client) => {
    const principal = sessions.of(client)?.principal;
    if (principal?.type === "device") messages.onNotify(principal.id);
    else if (principal?.type === "account") accountMessages.onSubscribed(client);
    for (const state of subscriptions.flatMap(({ topic }) => hostStatesFor(topic, Date.now())))
      client.publish({ cmd: "publish", ...state, qos: 1, retain: true, dup: false }, () => undefined);
  });

  broker.on("unsubscribe", (filters, client) => {
    for (const filter of filters) sessions.of(client)?.grantedQos.delete(filter);
  });

  broker.on("clientDisconnect", (client) => {
    devices.remove(client);
    accountMessages.remove(client);
    presence.disconnected(client);
    const session = sessions.of(client);
    session?.awaitedAcks?.cancel();
    // A session that has ended did not end in time, and another one of this client id goes on.
    if (!session?.isRegistered || session.hasEnded) return;
    persistence.clientDisconnected(client.id);
    sessions.remove(session);
  });
}
