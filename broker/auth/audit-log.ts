import type { Pool } from "pg";
import type { Logger } from "pino";

const FLUSH_MS = 1000;
const MAX_PENDING = 1000;

/** An action that a principal was not allowed to take. */
export interface Denial {
  actor: string;
  action: "mqtt.publish" | "mqtt.subscribe" | "mqtt.connect" | "http.ingest" | "device.provision";
  subject: string;
  reason: string;
}

/**
 * Writes denials to the audit table once a second, so that no message waits for it. Equal denials within a second become
 * one row with a count. After 1,000 different ones a last row counts the rest: at most 1,001 rows a second and node.
 */
export class AuditLog {
  readonly #pool: Pool;
  readonly #log: Logger;
  #pending = new Map<string, Denial & { times: number; at: Date }>();
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(pool: Pool, log: Logger) {
    this.#pool = pool;
    this.#log = log;
  }

  recordDenied(denial: Denial): void {
    const isFull = this.#pending.size >= MAX_PENDING;
    const entry: Denial = isFull ? { ...denial, actor: "others", subject: "", reason: "too many to list" } : denial;
    const key = JSON.stringify(entry);
    const existing = this.#pending.get(key);
    if (existing) existing.times++;
    else this.#pending.set(key, { ...entry, times: 1, at: new Date() });
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  async close(): Promise<void> {
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

  async #write(rows: Array<Denial & { times: number; at: Date }>): Promise<void> {
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
