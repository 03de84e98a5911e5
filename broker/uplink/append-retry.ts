import type { Logger } from "pino";
import type { JournalMessage, JournalWriter } from "../journal/journal.ts";
import type { Backpressure } from "./backpressure.ts";
import type { Session } from "../session/session.ts";

const RETRY_MS = 100;

type Done = (error: Error | null) => void;

/** A publish that waits, in the order of its connection. A `stored` one waits only for those before it. */
interface PendingAppend {
  message: JournalMessage;
  done: Done;
  waitingSinceMs: number;
  state: "refused" | "retrying" | "stored";
}

/**
 * Appends publishes of connections to the journal. While the journal is full or failing, refused publishes wait here
 * without PUBACK, and backpressure stops the reading of more. They are appended again in the order of receipt
 * [MQTT-4.6.0-2]. A connection that has waited for `deadlineMs` is closed, so that the device can try another node; such a
 * disconnect does not count against its connect rate limit.
 */
export class AppendRetry {
  readonly #journal: JournalWriter;
  readonly #backpressure: Backpressure;
  readonly #deadlineMs: number;
  readonly #log: Logger;
  readonly #queues = new Map<Session, PendingAppend[]>();
  #timer: NodeJS.Timeout | undefined;

  constructor(journal: JournalWriter, backpressure: Backpressure, deadlineMs: number, log: Logger) {
    this.#journal = journal;
    this.#backpressure = backpressure;
    this.#deadlineMs = deadlineMs;
    this.#log = log;
  }

  append(session: Session, message: JournalMessage, done: Done): void {
    if (this.#queues.has(session)) {
      this.#enqueue(session, message, done, "refused");
      return;
    }
    this.#journal.append(message, (error) => {
      if (error) this.#enqueue(session, message, done, "refused");
      else if (this.#queues.has(session)) this.#enqueue(session, message, done, "stored");
      else done(null);
    });
  }

  /** Fails all waiting publishes. None of them will be acknowledged. */
  close(): void {
    clearInterval(this.#timer);
    for (const session of this.#queues.keys()) this.#fail(session, new Error("the broker is stopping"));
  }

  #enqueue(session: Session, message: JournalMessage, done: Done, state: PendingAppend["state"]): void {
    const queue = this.#queues.get(session) ?? [];
    queue.push({ message, done, waitingSinceMs: performance.now(), state });
    this.#queues.set(session, queue);
    if (this.#timer) return;
    this.#backpressure.apply("journal");
    this.#timer = setInterval(() => this.#retry(), RETRY_MS);
  }

  #retry(): void {
    const now = performance.now();
    for (const [session, queue] of this.#queues) {
      if (now - queue[0]!.waitingSinceMs >= this.#deadlineMs) {
        const reason = `the journal stored nothing for ${this.#deadlineMs} ms: ${this.#journal.failureReason ?? "no reason given"}`;
        session.disconnect(reason);
        this.#fail(session, new Error(reason));
        continue;
      }
      if (this.#journal.state !== "ready") continue;
      for (const entry of queue) if (entry.state === "refused") this.#retryAppend(session, entry);
    }
    this.#finishWhenRecovered();
  }

  #retryAppend(session: Session, entry: PendingAppend): void {
    entry.state = "retrying";
    this.#journal.append(entry.message, (error) => {
      entry.state = error ? "refused" : "stored";
      const queue = this.#queues.get(session);
      while (queue?.[0]?.state === "stored") queue.shift()!.done(null);
      if (queue?.length === 0) this.#queues.delete(session);
      this.#finishWhenRecovered();
    });
  }

  #fail(session: Session, error: Error): void {
    const queue = this.#queues.get(session) ?? [];
    this.#queues.delete(session);
    for (const { done } of queue) done(error);
  }

  #finishWhenRecovered(): void {
    if (!this.#timer || this.#queues.size > 0 || this.#journal.state !== "ready") return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#log.info("broker: the journal is ready, publishes are accepted again");
    this.#backpressure.release("journal");
  }
}
