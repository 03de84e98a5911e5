import type { Logger } from "pino";
import type { JournalMessage, JournalWriter } from "../journal/journal.ts";
import type { Backpressure } from "./backpressure.ts";
import type { Session } from "../session/session.ts";

const RETRY_MS = 100;

type Done = (error: Error | null) => void;

/** A publish that waits, in its sender's order; `stored` ones only wait for those before them. */
interface PendingAppend {
  message: JournalMessage;
  done: Done;
  since: number;
  state: "refused" | "trying" | "stored";
}

/**
 * The way into the journal for connections. While the journal is full or failing, what it refused waits here, without
 * PUBACK, and nothing more is read; when it takes messages again they go in, in the order of receipt [MQTT-4.6.0-2].
 * A connection that has waited for `deadlineMs` is closed, so that the device may try another node: that is the
 * server's doing, and not counted as flapping.
 */
export class AppendRetry {
  readonly #journal: JournalWriter;
  readonly #backpressure: Backpressure;
  readonly #deadlineMs: number;
  readonly #log: Logger;
  readonly #waiting = new Map<Session, PendingAppend[]>();
  #timer: NodeJS.Timeout | undefined;

  constructor(journal: JournalWriter, backpressure: Backpressure, deadlineMs: number, log: Logger) {
    this.#journal = journal;
    this.#backpressure = backpressure;
    this.#deadlineMs = deadlineMs;
    this.#log = log;
  }

  append(session: Session, message: JournalMessage, done: Done): void {
    if (this.#waiting.has(session)) {
      this.#detain(session, message, done, "refused");
      return;
    }
    this.#journal.append(message, (error) => {
      if (error) this.#detain(session, message, done, "refused");
      else if (this.#waiting.has(session)) this.#detain(session, message, done, "stored");
      else done(null);
    });
  }

  /** Lets go of everything that waits: none of it will be acknowledged. */
  close(): void {
    clearInterval(this.#timer);
    for (const session of this.#waiting.keys()) this.#release(session, new Error("the broker stops"));
  }

  #detain(session: Session, message: JournalMessage, done: Done, state: PendingAppend["state"]): void {
    const queue = this.#waiting.get(session) ?? [];
    queue.push({ message, done, since: Date.now(), state });
    this.#waiting.set(session, queue);
    if (this.#timer) return;
    this.#backpressure.apply("journal");
    this.#timer = setInterval(() => this.#retry(), RETRY_MS);
  }

  #retry(): void {
    const now = Date.now();
    for (const [session, queue] of this.#waiting) {
      if (now - queue[0]!.since >= this.#deadlineMs) {
        const reason = `the journal took nothing for ${this.#deadlineMs} ms: ${this.#journal.failureReason ?? "no reason given"}`;
        session.disconnect(reason);
        this.#release(session, new Error(reason));
        continue;
      }
      if (this.#journal.state !== "ready") continue;
      for (const entry of queue) if (entry.state === "refused") this.#tryAgain(session, entry);
    }
    this.#openWhenOver();
  }

  #tryAgain(session: Session, entry: PendingAppend): void {
    entry.state = "trying";
    this.#journal.append(entry.message, (error) => {
      entry.state = error ? "refused" : "stored";
      const queue = this.#waiting.get(session);
      while (queue?.[0]?.state === "stored") queue.shift()!.done(null);
      if (queue?.length === 0) this.#waiting.delete(session);
      this.#openWhenOver();
    });
  }

  #release(session: Session, error: Error): void {
    const queue = this.#waiting.get(session) ?? [];
    this.#waiting.delete(session);
    for (const { done } of queue) done(error);
  }

  #openWhenOver(): void {
    if (!this.#timer || this.#waiting.size > 0 || this.#journal.state !== "ready") return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#log.info("broker: publishes are taken again");
    this.#backpressure.release("journal");
  }
}
