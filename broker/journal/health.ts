import type { Logger } from "pino";
import { hasCode } from "./directory.ts";
import type { JournalState } from "./journal.ts";

/** Why the journal refuses messages. */
export interface JournalFailure {
  state: Exclude<JournalState, "ready">;
  reason: string;
}

/** Describes a disk error for the person who has to fix it. */
export function describeFailure(cause: unknown, directory: string): JournalFailure {
  if (hasCode(cause, "ENOSPC")) {
    return { state: "full", reason: `disk full: free some space on the disk that holds ${directory}` };
  }
  if (hasCode(cause, "EDQUOT")) {
    return { state: "full", reason: `disk quota exceeded for ${directory}: raise it or free some space` };
  }
  if (hasCode(cause, "EROFS")) return { state: "failing", reason: `${directory} is on a disk that is read-only` };
  if (hasCode(cause, "EACCES", "EPERM")) {
    return { state: "failing", reason: `${directory} may not be written by this user: ${String(cause)}` };
  }
  return { state: "failing", reason: `the disk that holds ${directory} failed: ${String(cause)}` };
}

export function journalFull(directory: string, bytes: number, maxBytes: number): JournalFailure {
  return {
    state: "full",
    reason:
      `journal full: ${directory} holds ${bytes} of at most ${maxBytes} bytes, ` +
      "and empties as soon as ingest can store what is waiting (or raise JOURNAL_MAX_BYTES)",
  };
}

/** Whether the journal accepts messages. Logs every change. */
export class Health {
  #failure: JournalFailure | undefined;
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  get state(): JournalState {
    return this.#failure?.state ?? "ready";
  }

  get reason(): string | undefined {
    return this.#failure?.reason;
  }

  fail(failure: JournalFailure): void {
    const before = this.#failure;
    this.#failure = failure;
    // Not logged again for every new number of bytes.
    if (before?.state === failure.state && (before.state === "full" || before.reason === failure.reason)) return;
    this.#log.error({ state: failure.state }, `journal: no message is acknowledged: ${failure.reason}`);
  }

  recover(): void {
    if (this.#failure) this.#log.info("journal: recovered, messages are acknowledged again");
    this.#failure = undefined;
  }
}
