import type { Logger } from "pino";
import type { Admission } from "../auth/admission.ts";
import type { AuditLog, Denial } from "../auth/audit-log.ts";
import { type AuthResult, refuse } from "../auth/authenticate.ts";
import type { MqttConnection } from "../mqtt/connection.ts";
import { packetsPerTurn } from "../uplink/rate-limiter.ts";
import type { CreateTokenBucket } from "../uplink/rate.ts";
import { Session, type SessionClient } from "./session.ts";
import type { Sessions } from "./sessions.ts";

const LEVEL_3_1_1 = 4;

/** A client whose CONNECT has arrived. */
interface ConnectingClient extends SessionClient {
  clean: boolean;
  /** protocol level: 3 for MQTT 3.1 */
  version: number | null;
  conn: unknown;
}

/** The fields of a CONNECT that the broker reads or changes. */
interface ConnectPacket {
  clientId: string;
  keepalive?: number;
  username?: string;
  password?: unknown;
  will?: { topic: string };
}

export interface ConnectHandlerParts {
  admission: Admission;
  sessions: Sessions;
  /** whether there is a stored session of this client id */
  hasSession: (clientId: string) => boolean;
  audit: AuditLog;
  /** the name of a client in the audit, by what it claims to be */
  nameForAudit: (...claims: (string | undefined)[]) => string;
  log: Logger;
  createTokenBucket: CreateTokenBucket;
}

/** From a CONNECT to a session, or to the reason for its refusal. */
export class ConnectHandler {
  readonly #parts: ConnectHandlerParts;
  readonly #packetOf = new WeakMap<object, ConnectPacket>();

  constructor(parts: ConnectHandlerParts) {
    this.#parts = parts;
  }

  /** Runs before Aedes reads the CONNECT. */
  async onConnect(client: object, packet: ConnectPacket, done: () => void): Promise<void> {
    // The connection watches the keep alive: it sees bytes also while the packets before them wait for the disk.
    packet.keepalive = 0;
    this.#packetOf.set(client, packet);
    packet.clientId = await this.#parts.admission.resolveClientId(packet.clientId, packet.username);
    done();
  }

  /** @param done called with the reason for a refusal and the return code of its CONNACK, or with null */
  async authenticate(
    client: ConnectingClient,
    userName: string | undefined,
    password: Buffer | undefined,
    done: (refusal: (Error & { returnCode: number }) | null) => void,
  ): Promise<void> {
    const { admission, audit, nameForAudit, log } = this.#parts;
    const { peer } = client.conn as MqttConnection;
    const credentials = { clientId: client.id, userName, password, peer };
    const packet = this.#packetOf.get(client);
    // The parser keeps the packet as long as the connection lives, and the secret in it is not needed again.
    delete packet?.password;
    const result = await admission
      .authorizeConnect(credentials, packet?.will?.topic, performance.now())
      .catch((cause: unknown) => {
        log.warn({ err: cause }, "broker: credentials could not be checked");
        return refuse(3, "credentials could not be checked");
      });
    if (result.ok) {
      await this.#startSession(client, result);
      done(null);
      return;
    }
    const { reason, returnCode, isRepeated } = result;
    const denial: Denial = {
      actor: nameForAudit(peer.certificateName ?? userName ?? client.id),
      action: "mqtt.connect",
      // Firmware that sends its secret as user name may send it as client id, too.
      subject: client.id === userName ? nameForAudit(userName) : client.id,
      reason,
    };
    if (!isRepeated) audit.recordDenied(denial);
    done(Object.assign(new Error(reason), { returnCode }));
  }

  async #startSession(client: ConnectingClient, { principal, method, rate }: AuthResult & { ok: true }): Promise<void> {
    const { admission, sessions, log, hasSession, createTokenBucket } = this.#parts;
    const connection = client.conn as MqttConnection;
    if (connection.destroyed) return;
    const disconnect = (reason: string): void => {
      log.info({ client: client.id, reason }, "broker: connection closed");
      admission.refundConnect(client.id);
      connection.destroy();
    };
    const session = new Session(principal, client, method, { disconnect, flushAcks: () => connection.answers.flush() });
    connection.once("close", () => {
      // The broker says when a registered client has disconnected. Of another one it has removed the subscriptions by the
      // end of this turn, and then, too, the client of this id from its list: the next one must not be there yet.
      client.close();
      if (!session.isRegistered) setImmediate(() => sessions.remove(session));
    });
    await sessions.add(session);
    // MQTT 3.1 has no session present flag: that byte of its CONNACK is reserved.
    const sessionPresent = client.version === LEVEL_3_1_1 && !client.clean && hasSession(client.id);
    connection.markAuthenticated(
      rate && createTokenBucket(rate, performance.now()),
      packetsPerTurn(principal),
      sessionPresent,
    );
  }
}
