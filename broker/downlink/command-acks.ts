import type { Pool } from "pg";
import type { Logger } from "pino";
import { type CommandAck, commandAck } from "../contract/commands.ts";
import { MAX_READINGS_PER_MESSAGE } from "../contract/readings.ts";
import { toPostgresText } from "../postgres/text.ts";

const RETRY_MS = 1000;
/** acks that may wait for Postgres; a command whose ack is lost is sent and acknowledged again */
const MAX_PENDING = 10_000;

/** The elements of a message; none of an array that is too long, which ingest keeps in quarantine. */
function acksIn(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return [value];
  return value.length > MAX_READINGS_PER_MESSAGE ? [] : (value as unknown[]);
}

/** Writes devices' acknowledgements of commands into `device_messages`. Called once the journal has the ack. */
export class CommandAcks {
  readonly #pool: Pool;
  readonly #log: Logger;
  #pending: Array<CommandAck & { deviceId: string }> = [];
  #work: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(pool: Pool, log: Logger) {
    this.#pool = pool;
    this.#log = log;
  }

  /** Records one ack, or an array of them. An invalid one is skipped here; ingest keeps its bytes in quarantine. */
  record(deviceId: string, payload: Buffer): void {
    let value: unknown;
    try {
      value = JSON.parse(payload.toString("utf8").replace(/^\ufeff/, ""));
    } catch (cause) {
      this.#log.debug({ err: cause, device: deviceId }, "broker: the acknowledgement of a command is not JSON");
      return;
    }
    for (const one of acksIn(value)) {
      const ack = commandAck.safeParse(one);
      if (!ack.success) {
        this.#log.debug({ err: ack.error, device: deviceId }, "broker: the acknowledgement of a command is invalid");
        continue;
      }
      if (this.#pending.length >= MAX_PENDING) this.#pending.shift();
      this.#pending.push({ ...ack.data, deviceId });
    }
    this.#write();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#work;
  }

  #write(): void {
    if (this.#work || this.#closed || this.#pending.length === 0) return;
    clearTimeout(this.#retry);
    const acks = this.#pending;
    this.#pending = [];
    this.#work = this.#update(acks).then(
      () => {
        this.#work = undefined;
        this.#write();
      },
      (cause: unknown) => {
        this.#work = undefined;
        this.#log.warn({ err: cause }, "broker: command acknowledgements could not be written, retrying");
        this.#pending = [...acks, ...this.#pending].slice(-MAX_PENDING);
        if (!this.#closed) this.#retry = setTimeout(() => this.#write(), RETRY_MS);
      },
    );
  }

  /** The first acknowledgement of a command counts: a repeat has the same content. */
  async #update(all: ReadonlyArray<CommandAck & { deviceId: string }>): Promise<void> {
    // Of the last of several a statement would not know that it is a repeat.
    const acks = [...new Map(all.toReversed().map((ack) => [`${ack.deviceId} ${ack.id}`, ack])).values()];
    await this.#pool.query(
      `UPDATE device_messages m SET acknowledged_at = now(), result = ack.result::jsonb
         FROM unnest($1::bigint[], $2::text[], $3::text[]) AS ack (id, device_id, result)
        WHERE m.id = ack.id AND m.device_id = ack.device_id AND m.channel = 'cmd' AND m.acknowledged_at IS NULL`,
      [
        acks.map(({ id }) => id),
        acks.map(({ deviceId }) => deviceId),
        // Characters that Postgres rejects would fail the statement, and with it all other acknowledgements.
        acks.map(({ ok, error }) =>
          JSON.stringify(error === undefined ? { ok } : { ok, error: toPostgresText(error) }),
        ),
      ],
    );
  }
}
