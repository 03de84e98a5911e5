import type { Pool } from "pg";
import type { Logger } from "pino";

/** Notes when service accounts connect, to the minute. It is told to people and decides nothing, so a failure is only logged. */
export class AccountUses {
  readonly #pool: Pool;
  readonly #log: Logger;
  /** accounts whose note is being written: one that connects again and again waits for it */
  readonly #writing = new Map<string, Promise<void>>();

  constructor(pool: Pool, log: Logger) {
    this.#pool = pool;
    this.#log = log;
  }

  note(id: string): void {
    if (this.#writing.has(id)) return;
    const work = this.#write(id).finally(() => this.#writing.delete(id));
    this.#writing.set(id, work);
  }

  /** Waits for the notes that are being written. */
  async close(): Promise<void> {
    await Promise.all(this.#writing.values());
  }

  async #write(id: string): Promise<void> {
    try {
      await this.#pool.query({
        name: "account_used",
        text: `UPDATE service_accounts SET last_used_at = now()
          WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute' OR last_used_at > now())`,
        values: [id],
      });
    } catch (cause) {
      this.#log.warn({ err: cause, account: id }, "broker: last_used_at of a service account could not be written");
    }
  }
}
