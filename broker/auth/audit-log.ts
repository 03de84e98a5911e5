import type { Pool } from "pg";
import type { Logger } from "pino";

const FLUSH_MS = 1000;
/** How often it looks whether refusals that were only counted are to be recorded. */
const COUNTS_MS = 60_000;
/** Clients choose their names and topics, which may be long. */
const MAX_TEXT_LENGTH = 256;

/** Decides which refusals are recorded one by one, and counts the rest; see infra/runtime/refusal-limit.ts. */
export interface RefusalLimit {
  admit(source: string, action: string, nowMs: number): boolean;
  takeCounts(nowMs: number, isEnding?: boolean): Array<{ source: string; action: string; times: number }>;
}

/** An action that a principal was not allowed to take. */
export interface Denial {
  actor: string;
  action: "mqtt.publish" | "mqtt.subscribe" | "mqtt.connect" | "http.ingest" | "device.provision";
  subject: string;
  reason: string;
}

interface AuditRow {
  actor: string;
  action: string;
  subject: string;
  reason: string;
  times: number;
  at: Date;
}

/**
 * Writes denials to the audit table once a second, so that no message waits for it. Equal denials within a second become
 * one row with a count. Of each actor and hour the first are written, the rest are counted.
 */
export class AuditLog {
  readonly #pool: Pool;
  readonly #log: Logger;
  readonly #maskSecrets: (text: string) => string;
  readonly #limit: RefusalLimit;
  readonly #countsTimer: NodeJS.Timeout;
  #pending = new Map<string, AuditRow>();
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();

  /** @param maskSecrets replaces what is shaped like a secret: clients choose what they call themselves and their topics */
  constructor(pool: Pool, log: Logger, maskSecrets: (text: string) => string, limit: RefusalLimit) {
    this.#pool = pool;
    this.#limit = limit;
    this.#countsTimer = setInterval(() => this.#addCounts(false), COUNTS_MS).unref();
    this.#log = log;
    this.#maskSecrets = maskSecrets;
  }

  recordDenied(denial: Denial): void {
    const entry: Denial = {
      action: denial.action,
      actor: this.#textOf(denial.actor),
      subject: this.#textOf(denial.subject),
      reason: this.#textOf(denial.reason),
    };
    const key = JSON.stringify(entry);
    const existing = this.#pending.get(key);
    if (existing) existing.times++;
    else if (this.#limit.admit(entry.actor, entry.action, performance.now())) this.#add(key, { ...entry, times: 1 });
  }

  /** Cut before it is searched for secrets, which takes time that grows with the text. */
  #textOf(text: string): string {
    const cut = text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text;
    return this.#maskSecrets(cut);
  }

  #add(key: string, row: Omit<AuditRow, "at">): void {
    this.#pending.set(key, { ...row, at: new Date() });
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  #addCounts(isEnding: boolean): void {
    for (const { source, action, times } of this.#limit.takeCounts(performance.now(), isEnding)) {
      const row = { actor: source, action, subject: "", reason: "further refusals, only counted", times };
      this.#add(JSON.stringify(row), row);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#countsTimer);
    this.#addCounts(true);
    if (this.#timer) this.#flush();
    await this.#work;
    clearTimeout(this.#timer);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const rows = this.#pending;
    this.#pending = new Map();
    this.#work = this.#work.then(() => this.#write([...rows.values()]));
  }

  async #write(rows: AuditRow[]): Promise<void> {
    try {
      await this.#pool.query(
        `INSERT INTO audit (at, actor, action, subject, outcome, detail)
         SELECT at, actor, action, subject, 'refused', jsonb_build_object('reason', reason, 'times', times)
           FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[])
             AS denial (at, actor, action, subject, reason, times)`,
        [
          rows.map(({ at }) => at),
          rows.map(({ actor }) => actor),
          rows.map(({ action }) => action),
          rows.map(({ subject }) => subject),
          rows.map(({ reason }) => reason),
          rows.map(({ times }) => times),
        ],
      );
    } catch (cause) {
      this.#log.error({ err: cause, denials: rows }, "broker: denials could not be written to the audit table");
    }
  }
}
