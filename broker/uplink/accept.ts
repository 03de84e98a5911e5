/**
 * START HERE. How a message becomes ours, from the bytes on a socket to the acknowledgement. Files are below `broker/`; one without a
 * folder is in that of the file before it:
 *
 *   every MQTT connection
 *     accept    a socket, within the limits                          transport/listeners.ts, connection-manager.ts
 *     frame     bytes → whole packets                                mqtt/packet-framer.ts
 *     validate  each packet by the rules of MQTT 3.1.1               mqtt/packet-validator.ts, packet-rules.ts
 *     connect   CONNECT, by way of Aedes → a session                 session/connect-handler.ts, auth/admission.ts
 *     route     a permitted reading at QoS 0 or 1 → fast path,
 *               everything else → Aedes                              mqtt/inbound-queue.ts (`add`), session/client-events.ts
 *     wait      for CONNACK, the client's turn and its reading of
 *               answers, backpressure and the rate limit             mqtt/connection.ts, turn-budget.ts, transport-writer.ts,
 *                                                                    rate-pause.ts, uplink/backpressure.ts
 *
 *   fast path: readings at QoS 0 and 1
 *     hand on   the parsed publish                                   mqtt/publish-packet.ts, uplink/telemetry-fast-path.ts
 *     store     `acceptReading` → journal, one fdatasync per flush   uplink/append-retry.ts, journal/segment-writer.ts
 *     PUBACK    those of one flush in one write                      mqtt/answer-batch.ts
 *
 *   Aedes: readings at QoS 2, and every other topic
 *     authorize `accept`: a reading → journal as above; an ordinary topic → behind the readings before it;
 *               a forbidden one → audit log, and the connection ends auth/authorize.ts, auth/audit-log.ts
 *     answer    Aedes sends PUBACK or, at QoS 2, PUBREC              session/aedes-broker.ts (`authorizePublish`)
 *     deliver   ordinary topics to subscribers, readings to none     session/aedes-broker.ts (`publish`), publish-serializer.ts
 *
 *   HTTP: `/ingest/{decoder}`
 *     check     credentials, permission, rate                        uplink/http-ingest.ts, auth/admission.ts
 *     store     `acceptWithoutSession` → journal, then status 200    journal/segment-writer.ts
 *
 *   bridge: an external broker
 *     store     `acceptWithoutSession` → journal, then PUBACK to it  uplink/bridge.ts
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { AuditLog } from "../auth/audit-log.ts";
import type { DeviceWarnings } from "../auth/device-warnings.ts";
import { AppendRetry } from "./append-retry.ts";
import { mayPublish } from "../auth/authorize.ts";
import type { JournalMessage, JournalWriter } from "../journal/journal.ts";
import type { Backpressure } from "./backpressure.ts";
import type { Session } from "../session/session.ts";

/** A publish as the broker sees it: a topic and bytes. Only ingest knows what they mean. */
interface Publish {
  topic: string;
  payload: Buffer | string;
}

export interface AcceptLimits {
  /** publishes accepted and not yet on disk; beyond either limit reading pauses */
  maxPendingMessages: number;
  maxPendingBytes: number;
  /** how long a publish may wait for a journal that is full or failing before its connection is closed */
  commitDeadlineMs: number;
}

export interface AcceptanceDependencies {
  journal: JournalWriter;
  backpressure: Backpressure;
  audit: AuditLog;
  warnings: DeviceWarnings;
  limits: AcceptLimits;
  log: Logger;
  /** called when a device's acknowledgement of a command is in the journal */
  onCommandAck: (deviceId: string, payload: Buffer) => void;
}

type Done = (error?: Error | null) => void;
type OnStored = (error: Error | null) => void;

/**
 * Puts readings into the journal and lets ordinary publishes pass. Aedes acknowledges a publish after `done()` and closes
 * the connection after `done(error)`: for a reading `done()` is called once the journal has it on disk, for a forbidden
 * publish `done(error)` gives the reason.
 */
export class Acceptance {
  readonly #journal: JournalWriter;
  readonly #appendRetry: AppendRetry;
  readonly #backpressure: Backpressure;
  readonly #audit: AuditLog;
  readonly #warnings: DeviceWarnings;
  readonly #log: Logger;
  readonly #limits: AcceptLimits;
  readonly #onCommandAck: (deviceId: string, payload: Buffer) => void;
  #pendingMessages = 0;
  #pendingBytes = 0;
  /** messages that are in the journal since the start */
  accepted = 0;

  constructor({ journal, backpressure, audit, warnings, limits, log, onCommandAck }: AcceptanceDependencies) {
    this.#journal = journal;
    this.#backpressure = backpressure;
    this.#audit = audit;
    this.#warnings = warnings;
    this.#limits = limits;
    this.#onCommandAck = onCommandAck;
    this.#log = log;
    this.#appendRetry = new AppendRetry(journal, backpressure, limits.commitDeadlineMs, log);
  }

  /** Gives up the publishes that wait for a full or failing journal. */
  stop(): void {
    this.#appendRetry.close();
  }

  /** Waits up to `timeoutMs` until every publish is on disk. @returns the number of publishes that are not */
  async drain(timeoutMs: number): Promise<number> {
    const deadline = performance.now() + timeoutMs;
    while (this.#pendingMessages > 0 && performance.now() < deadline) await delay(5);
    return this.#pendingMessages;
  }

  /** Decides about a publish that Aedes has parsed. */
  accept(session: Session, { topic, payload }: Publish, done: Done): void {
    const sender = session.senderForTopic(topic);
    if (sender === undefined) {
      if (mayPublish(session.principal, topic)) session.afterPending(done);
      else done(this.#forbidden(session, topic));
      return;
    }
    session.addPending();
    this.acceptReading(session, sender, topic, bytesOf(payload), (error) => {
      session.flushAcks();
      done(error);
      session.settlePending();
    });
  }

  /**
   * Stores a reading that the session may send.
   * @param sender the client id to store it under
   * @param onStored called once: with null when it is on disk, with the error when it never will be
   */
  acceptReading(session: Session, sender: string, topic: string, payload: Buffer, onStored: OnStored): void {
    this.#append(session, { receivedAt: Date.now(), clientId: sender, topic, payload }, onStored);
  }

  /** Stores a message of HTTP ingest or of the bridge. Resolves once it is on disk. @throws where the journal refuses it */
  acceptWithoutSession(clientId: string, topic: string, payload: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const message = { receivedAt: Date.now(), clientId, topic, payload };
      this.#append(undefined, message, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Stores the will of a connection that ended without DISCONNECT (section 3.1.2.5). `done` does not wait for the disk. */
  acceptWill(session: Session, { topic, payload }: Publish, done: Done): void {
    const sender = session.senderForTopic(topic);
    if (sender === undefined && !mayPublish(session.principal, topic)) {
      done(this.#forbidden(session, topic));
      return;
    }
    // If the device has reconnected, the will of its old connection would report the new one as offline.
    if (sender !== undefined && !session.takenOver) {
      const message = { receivedAt: Date.now(), clientId: sender, topic, payload: bytesOf(payload) };
      this.#append(undefined, message, (error) => {
        if (error) this.#log.warn({ err: error, client: session.clientId }, "broker: a will was not stored");
      });
    }
    done();
  }

  #append(session: Session | undefined, message: JournalMessage, onStored: OnStored): void {
    const bytes = message.payload.length;
    this.#pendingMessages++;
    this.#pendingBytes += bytes;
    const { maxPendingMessages, maxPendingBytes } = this.#limits;
    if (this.#pendingMessages >= maxPendingMessages || this.#pendingBytes >= maxPendingBytes)
      this.#backpressure.apply("pending");
    const settled = (error: Error | null): void => {
      this.#pendingMessages--;
      this.#pendingBytes -= bytes;
      if (error === null) this.accepted++;
      if (this.#pendingMessages <= maxPendingMessages / 2 && this.#pendingBytes <= maxPendingBytes / 2) {
        this.#backpressure.release("pending");
      }
      onStored(error);
      const { topic, payload } = message;
      if (!error && topic.endsWith("/cmd/ack")) this.#onCommandAck(topic.split("/")[1]!, payload);
    };
    if (session) this.#appendRetry.append(session, message, settled);
    else this.#journal.append(message, settled);
  }

  #forbidden(session: Session, topic: string): Error {
    const reason = `${session.clientId} may not publish to ${topic}`;
    this.#warnings.record(session.principal, session.clientId, "forbidden_publish", topic);
    this.#audit.recordDenied({ actor: session.principal.id, action: "mqtt.publish", subject: topic, reason });
    return new Error(reason);
  }
}

const bytesOf = (payload: Buffer | string): Buffer => (typeof payload === "string" ? Buffer.from(payload) : payload);
