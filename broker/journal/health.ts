import type { Logger } from "pino";
import { hasCode } from "./directory.ts";
import type { JournalState } from "./journal.ts";

/** What the journal says of itself while it takes nothing. */
export interface JournalFailure {
  state: Exclude<JournalState, "ready">;
  reason: string;
}

/** Puts a refusal of the disk into words for the person who has to mend it. */
export function describeFailure(cause: unknown, directory: string): JournalFailure {
  if (hasCode(cause, "ENOSPC")) {
    return { state: "full", reason: `the disk that holds ${directory} is full: free some space` };
  }
  if (hasCode(cause, "EDQUOT")) {
    return { state: "full", reason: `the disk quota for ${directory} is used up: raise it or free some space` };
  }
  if (hasCode(cause, "EROFS")) return { state: "failing", reason: `${directory} is on a disk that is read-only` };
  if (hasCode(cause, "EACCES", "EPERM")) {
    return { state: "failing", reason: `${directory} may not be written by this user: ${String(cause)}` };
  }
  return { state: "failing", reason: `the disk that holds ${directory} refuses to store: ${String(cause)}` };
}

export function journalFull(directory: string, bytes: number, maxBytes: number): JournalFailure {
  return {
    state: "full",
    reason:
      `the journal in ${directory} holds ${bytes} of at most ${maxBytes} bytes: ` +
      "it empties as soon as ingest can store what is waiting (or raise JOURNAL_MAX_BYTES)",
  };
}

/** Whether the journal takes messages, and a line in the log whenever that changes. */
export class Health {
  #trouble: JournalFailure | undefined;
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  get state(): JournalState {
    return this.#trouble?.state ?? "ready";
  }

  get reason(): string | undefined {
    return this.#trouble?.reason;
  }

  fail(trouble: JournalFailure): void {
    const known = this.#trouble;
    this.#trouble = trouble;
    // How full exactly changes all the time.
    if (known?.state === trouble.state && (known.state === "full" || known.reason === trouble.reason)) return;
    this.#log.error({ state: trouble.state }, `journal: nothing is acknowledged: ${trouble.reason}`);
  }

  recover(): void {
    if (this.#trouble) this.#log.info("journal: stores again");
    this.#trouble = undefined;
  }
}
