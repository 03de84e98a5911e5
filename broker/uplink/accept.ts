import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { AuditLog } from "../auth/audit-log.ts";
import { AppendRetry } from "./append-retry.ts";
import { mayPublish } from "../auth/authorize.ts";
import type { JournalMessage, JournalWriter } from "../journal/journal.ts";
import type { Backpressure } from "./backpressure.ts";
import type { Session } from "../session/session.ts";

/** A publish as the broker sees it: a topic and some bytes. What they mean is ingest's business. */
export interface Publish {
  topic: string;
  payload: Buffer | string;
}

export interface AcceptLimits {
  maxPendingMessages: number;
  maxPendingBytes: number;
  /** how long a publish may wait for a journal that takes nothing before its connection is closed */
  commitDeadlineMs: number;
}

export interface AcceptanceDependencies {
  journal: JournalWriter;
  backpressure: Backpressure;
  audit: AuditLog;
  limits: AcceptLimits;
  log: Logger;
  /** a device has answered a command, and the journal has the answer */
  onCommandAck: (deviceId: string, payload: Buffer) => void;
}

type Done = (error?: Error | null) => void;
type Settle = (error: Error | null) => void;

/**
 * Where a message becomes ours. `done()` makes Aedes send the PUBACK (or PUBREC), `done(error)` closes the connection;
 * so for a reading it is called after the journal has it on disk, and for anything forbidden with the reason.
 */
export class Acceptance {
  readonly #journal: JournalWriter;
  readonly #appendRetry: AppendRetry;
  readonly #backpressure: Backpressure;
  readonly #audit: AuditLog;
  readonly #log: Logger;
  readonly #limits: AcceptLimits;
  readonly #onCommandAck: (deviceId: string, payload: Buffer) => void;
  #pendingMessages = 0;
  #pendingBytes = 0;

  constructor({ journal, backpressure, audit, limits, log, onCommandAck }: AcceptanceDependencies) {
    this.#journal = journal;
    this.#backpressure = backpressure;
    this.#audit = audit;
    this.#limits = limits;
    this.#onCommandAck = onCommandAck;
    this.#log = log;
    this.#appendRetry = new AppendRetry(journal, backpressure, limits.commitDeadlineMs, log);
  }

  /** Gives up what a journal in trouble has refused so far. */
  stop(): void {
    this.#appendRetry.close();
  }

  /** Resolves when nothing waits for the disk, or after `timeoutMs` with what still does. */
  async drain(timeoutMs: number): Promise<number> {
    const until = Date.now() + timeoutMs;
    while (this.#pendingMessages > 0 && Date.now() < until) await delay(5);
    return this.#pendingMessages;
  }

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

  /** Takes a reading that its session may send; `settle` hears when it is on disk, or that it never will be. */
  acceptReading(session: Session, sender: string, topic: string, payload: Buffer, settle: Settle): void {
    this.#append(session, { receivedAt: Date.now(), clientId: sender, topic, payload }, settle);
  }

  /** Resolves when the journal has it: for senders that are no MQTT connection. @throws when it does not take it */
  acceptWithoutSession(clientId: string, topic: string, payload: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const message = { receivedAt: Date.now(), clientId, topic, payload };
      this.#append(undefined, message, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** The will of a connection that ended badly (section 3.1.2.5). Nobody waits for it. */
  acceptWill(session: Session, { topic, payload }: Publish, done: Done): void {
    const sender = session.senderForTopic(topic);
    if (sender === undefined && !mayPublish(session.principal, topic)) {
      done(this.#forbidden(session, topic));
      return;
    }
    // The device is back already: its old connection's will would call the new one offline.
    if (sender !== undefined && !session.takenOver) {
      const message = { receivedAt: Date.now(), clientId: sender, topic, payload: bytesOf(payload) };
      this.#append(undefined, message, (error) => {
        if (error) this.#log.warn({ err: error, client: session.clientId }, "broker: a will was not stored");
      });
    }
    done();
  }

  #append(session: Session | undefined, message: JournalMessage, settle: Settle): void {
    const bytes = message.payload.length;
    this.#pendingMessages++;
    this.#pendingBytes += bytes;
    const { maxPendingMessages, maxPendingBytes } = this.#limits;
    if (this.#pendingMessages >= maxPendingMessages || this.#pendingBytes >= maxPendingBytes)
      this.#backpressure.apply("pending");
    const settled = (error: Error | null): void => {
      this.#pendingMessages--;
      this.#pendingBytes -= bytes;
      if (this.#pendingMessages <= maxPendingMessages / 2 && this.#pendingBytes <= maxPendingBytes / 2) {
        this.#backpressure.release("pending");
      }
      settle(error);
      const { topic, payload } = message;
      if (!error && topic.endsWith("/cmd/ack")) this.#onCommandAck(topic.split("/")[1]!, payload);
    };
    if (session) this.#appendRetry.append(session, message, settled);
    else this.#journal.append(message, settled);
  }

  #forbidden(session: Session, topic: string): Error {
    const reason = `${session.clientId} may not publish to ${topic}`;
    this.#audit.recordDenied({ actor: session.principal.id, action: "mqtt.publish", subject: topic, reason });
    return new Error(reason);
  }
}

const bytesOf = (payload: Buffer | string): Buffer => (typeof payload === "string" ? Buffer.from(payload) : payload);
