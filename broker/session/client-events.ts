import type { ConnectedDevices } from "../downlink/connected-devices.ts";
import type { MessageDispatcher } from "../downlink/message-dispatcher.ts";
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
  devices: ConnectedDevices;
  messages: MessageDispatcher;
}

/** The broker's steps when a client connects, subscribes, acknowledges and disconnects, in this order. */
export function onClientEvents(broker: AedesBroker, parts: ClientEventParts): void {
  const { sessions, persistence, acceptance, presence, devices, messages } = parts;

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
    devices.add(client, session.grantedQos);
    if (session.principal.type === "device") presence.connected(client, client.id);
    const connection = client.conn as MqttConnection;
    connection.fastPath = new TelemetryFastPath(acceptance, session, connection);
    connection.markConnected();
  });

  broker.on("subscribe", (_subscriptions, client) => client && messages.onNotify(client.id));

  broker.on("unsubscribe", (filters, client) => {
    for (const filter of filters) sessions.of(client)?.grantedQos.delete(filter);
  });

  broker.on("ack", (_packet, client) => devices.recordAck(client));

  broker.on("clientDisconnect", (client) => {
    devices.remove(client);
    presence.disconnected(client);
    const session = sessions.of(client);
    if (!session?.isRegistered) return;
    persistence.clientDisconnected(client.id);
    sessions.remove(session);
  });
}
