import type { Pool } from "pg";
import type { Logger } from "pino";
import { type CommandAck, commandAck } from "../contract/commands.ts";
import { toPostgresText } from "../postgres-text.ts";

const RETRY_MS = 1000;
/** answers that may wait for Postgres; a command whose answer is lost is sent again, and answered again */
const MAX_WAITING = 10_000;

/** Records what devices answer to commands, once the journal has the answer. */
export class CommandAcks {
  readonly #pool: Pool;
  readonly #log: Logger;
  #waiting: Array<CommandAck & { deviceId: string }> = [];
  #work: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(pool: Pool, log: Logger) {
    this.#pool = pool;
    this.#log = log;
  }

  /** One that cannot be read changes nothing; ingest keeps its bytes. */
  record(deviceId: string, payload: Buffer): void {
    let value: unknown;
    try {
      value = JSON.parse(payload.toString("utf8"));
    } catch (cause) {
      this.#log.debug({ err: cause, device: deviceId }, "broker: a command's answer is not JSON");
      return;
    }
    const answer = commandAck.safeParse(value);
    if (!answer.success) {
      this.#log.debug({ err: answer.error, device: deviceId }, "broker: a command's answer cannot be read");
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) this.#waiting.shift();
    this.#waiting.push({ ...answer.data, deviceId });
    this.#write();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#work;
  }

  #write(): void {
    if (this.#work || this.#closed || this.#waiting.length === 0) return;
    clearTimeout(this.#retry);
    const answers = this.#waiting;
    this.#waiting = [];
    this.#work = this.#update(answers).then(
      () => {
        this.#work = undefined;
        this.#write();
      },
      (cause: unknown) => {
        this.#work = undefined;
        this.#log.warn({ err: cause }, "broker: answers to commands wait for Postgres");
        this.#waiting = [...answers, ...this.#waiting].slice(-MAX_WAITING);
        if (!this.#closed) this.#retry = setTimeout(() => this.#write(), RETRY_MS);
      },
    );
  }

  /** The first answer stands: what comes again says the same. */
  async #update(answers: ReadonlyArray<CommandAck & { deviceId: string }>): Promise<void> {
    await this.#pool.query(
      `UPDATE device_messages m SET acknowledged_at = now(), result = answer.result::jsonb
         FROM unnest($1::bigint[], $2::text[], $3::text[]) AS answer (id, device_id, result)
        WHERE m.id = answer.id AND m.device_id = answer.device_id AND m.channel = 'cmd' AND m.acknowledged_at IS NULL`,
      [
        answers.map(({ id }) => id),
        answers.map(({ deviceId }) => deviceId),
        // One that cannot be stored would hold up all others.
        answers.map(({ ok, error }) =>
          JSON.stringify(error === undefined ? { ok } : { ok, error: toPostgresText(error) }),
        ),
      ],
    );
  }
}
