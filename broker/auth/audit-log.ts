import type { Pool } from "pg";
import type { Logger } from "pino";

const FLUSH_MS = 1000;
const MAX_WAITING = 1000;

/** Something a principal was not allowed to do. */
export interface Denial {
  actor: string;
  action: "mqtt.publish" | "mqtt.subscribe" | "mqtt.connect" | "http.ingest" | "device.provision";
  subject: string;
  reason: string;
}

/**
 * Writes refusals to the audit table, once a second and never on the way of a message. Equal ones within a second are
 * one row with a count, and a flood of different ones ends in a row that counts the rest: nobody can fill the table.
 */
export class AuditLog {
  readonly #pool: Pool;
  readonly #log: Logger;
  #waiting = new Map<string, Denial & { times: number; at: Date }>();
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(pool: Pool, log: Logger) {
    this.#pool = pool;
    this.#log = log;
  }

  recordDenied(refusal: Denial): void {
    const whole = this.#waiting.size >= MAX_WAITING;
    const kept: Denial = whole ? { ...refusal, actor: "others", subject: "", reason: "too many to list" } : refusal;
    const key = JSON.stringify(kept);
    const known = this.#waiting.get(key);
    if (known) known.times++;
    else this.#waiting.set(key, { ...kept, times: 1, at: new Date() });
    this.#timer ??= setTimeout(() => this.#flushSoon(), FLUSH_MS);
  }

  async close(): Promise<void> {
    if (this.#timer) this.#flushSoon();
    await this.#work;
    clearTimeout(this.#timer);
  }

  #flushSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const rows = this.#waiting;
    this.#waiting = new Map();
    this.#work = this.#work.then(() => this.#write([...rows.values()]));
  }

  async #write(rows: Array<Denial & { times: number; at: Date }>): Promise<void> {
    try {
      await this.#pool.query(
        `INSERT INTO audit (at, actor, action, subject, outcome, detail)
         SELECT at, actor, action, subject, 'refused', jsonb_build_object('reason', reason, 'times', times)
           FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[])
             AS refusal (at, actor, action, subject, reason, times)`,
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
      this.#log.error({ err: cause, refusals: rows }, "broker: refusals could not be written to the audit table");
    }
  }
}
