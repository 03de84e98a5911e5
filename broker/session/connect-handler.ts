import type { Logger } from "pino";
import type { Admission } from "../auth/admission.ts";
import type { AuditLog } from "../auth/audit-log.ts";
import { type AuthResult, refuse } from "../auth/authenticate.ts";
import type { MqttConnection } from "../mqtt/connection.ts";
import { Meter, packetsPerTurn } from "../uplink/rate-limiter.ts";
import { Session, type Sessions } from "./session.ts";
import type { SessionNumbers } from "./session-numbers.ts";

const LEVEL_3_1_1 = 4;

/** A connection that introduces itself. */
interface ConnectingClient {
  id: string;
  clean: boolean;
  /** protocol level: 3 for MQTT 3.1 */
  version: number | null;
  conn: unknown;
}

/** What is needed of its CONNECT. */
interface ConnectPacket {
  clientId: string;
  clean?: boolean;
  keepalive?: number;
  username?: string;
  password?: unknown;
  will?: { topic: string };
}

export interface ConnectHandlerParts {
  admission: Admission;
  sessions: Sessions;
  numbers: SessionNumbers;
  /** whether a client left a session behind */
  hasSession: (clientId: string) => boolean;
  audit: AuditLog;
  log: Logger;
}

/** From a CONNECT to a session, or to the reason why not. */
export class ConnectHandler {
  readonly #parts: ConnectHandlerParts;
  readonly #helloOf = new WeakMap<object, ConnectPacket>();
  readonly #sessionOf = new WeakMap<object, Session>();

  constructor(parts: ConnectHandlerParts) {
    this.#parts = parts;
  }

  /** undefined: it has not been let in */
  sessionOf(client: object | null | undefined): Session | undefined {
    return client ? this.#sessionOf.get(client) : undefined;
  }

  /** Before anything else is done with a CONNECT. */
  async onConnect(client: object, hello: ConnectPacket, done: () => void): Promise<void> {
    // The guard watches the keep alive: it sees bytes also while the packets before them wait for the disk.
    hello.keepalive = 0;
    this.#helloOf.set(client, hello);
    hello.clientId = await this.#parts.admission.resolveClientId(hello.clientId, hello.username);
    this.#parts.numbers.begin(client as { _nextId: number }, hello);
    done();
  }

  /** @param done told the refusal, with its CONNACK return code; null: it is in */
  async authenticate(
    client: ConnectingClient,
    userName: string | undefined,
    password: Buffer | undefined,
    done: (refusal: (Error & { returnCode: number }) | null) => void,
  ): Promise<void> {
    const { admission, audit, log } = this.#parts;
    const { peer } = client.conn as MqttConnection;
    const claim = { clientId: client.id, userName, password, peer };
    const hello = this.#helloOf.get(client);
    // The parser keeps the packet as long as the connection lives: nobody needs the secret in it again.
    delete hello?.password;
    const identity = await admission.authorizeConnect(claim, hello?.will?.topic, Date.now()).catch((cause: unknown) => {
      log.warn({ err: cause }, "broker: credentials could not be checked");
      return refuse(3, "credentials could not be checked");
    });
    if (identity.ok) {
      this.#welcome(client, identity);
      done(null);
      return;
    }
    const { reason, returnCode } = identity;
    audit.recordDenied({ actor: userName ?? client.id, action: "mqtt.connect", subject: client.id, reason });
    done(Object.assign(new Error(reason), { returnCode }));
  }

  #welcome(client: ConnectingClient, { principal, method, rate }: AuthResult & { ok: true }): void {
    const { admission, sessions, log, hasSession } = this.#parts;
    const connection = client.conn as MqttConnection;
    if (connection.destroyed) return;
    const cut = (reason: string): void => {
      log.info({ client: client.id, reason }, "broker: connection cut");
      admission.refundConnect(client.id);
      connection.destroy();
    };
    const session = new Session(principal, client.id, method, { cut, answer: () => connection.flushAcks() });
    this.#sessionOf.set(client, session);
    sessions.add(session);
    connection.once("close", () => sessions.remove(session));
    // MQTT 3.1 has no word for it: that byte of its CONNACK is reserved.
    const goesOn = client.version === LEVEL_3_1_1 && !client.clean && hasSession(client.id);
    connection.markAuthenticated(rate && new Meter(rate, Date.now()), packetsPerTurn(principal), goesOn);
  }
}
