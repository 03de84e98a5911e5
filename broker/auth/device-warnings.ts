import { LRUCache } from "lru-cache";
import type { Pool } from "pg";
import type { Logger } from "pino";
import type { Principal } from "./authorize.ts";

const FLUSH_MS = 1000;
/** devices and kinds of refusal written at once; more within a second are only logged */
const MAX_PENDING = 1000;
/** how often the log may repeat a warning about one client */
const LOG_EVERY_MS = 3_600_000;
const MAX_LOGGED = 10_000;
const MAX_DETAIL_LENGTH = 200;

/** What a client was refused although its credentials are right: its firmware or its settings are wrong. */
export type WarningKind = "flapping" | "forbidden_publish" | "forbidden_subscribe";

interface Pending {
  deviceId: string;
  kind: WarningKind;
  detail: string;
  at: Date;
  times: number;
}

/**
 * Tells people what a client is refused again and again: one line in the log for each client and kind an hour, and for
 * devices one row of `device_warnings` for each kind, with how often and when last. Written once a second.
 */
export class DeviceWarnings {
  readonly #pool: Pool;
  readonly #log: Logger;
  readonly #maskSecrets: (text: string) => string;
  readonly #logged = new LRUCache<string, true>({ max: MAX_LOGGED, ttl: LOG_EVERY_MS });
  #pending = new Map<string, Pending>();
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();

  /** @param maskSecrets replaces what is shaped like a secret: clients choose their topics */
  constructor(pool: Pool, log: Logger, maskSecrets: (text: string) => string) {
    this.#pool = pool;
    this.#log = log;
    this.#maskSecrets = maskSecrets;
  }

  /** @param detail the topic or filter that was refused, or what happened */
  record(principal: Principal, clientId: string, kind: WarningKind, detail: string): void {
    const short = detail.slice(0, MAX_DETAIL_LENGTH);
    const key = `${kind} ${clientId}`;
    if (!this.#logged.has(key)) {
      this.#logged.set(key, true);
      this.#log.warn(
        { client: clientId, refused: kind, detail: this.#maskSecrets(short) },
        "broker: client refused: publish or subscribe not allowed, or it reconnects too often",
      );
    }
    if (principal.type !== "device") return;
    const pending = this.#pending.get(key);
    if (pending) Object.assign(pending, { detail: short, at: new Date(), times: pending.times + 1 });
    else if (this.#pending.size < MAX_PENDING)
      this.#pending.set(key, { deviceId: principal.id, kind, detail: short, at: new Date(), times: 1 });
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  async close(): Promise<void> {
    if (this.#timer) this.#flush();
    await this.#work;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const rows = [...this.#pending.values()];
    this.#pending = new Map();
    this.#work = this.#work.then(() => this.#write(rows));
  }

  async #write(rows: readonly Pending[]): Promise<void> {
    try {
      await this.#pool.query(
        `INSERT INTO device_warnings AS w (device_id, kind, detail, first_at, last_at, times)
         SELECT d.id, seen.kind, seen.detail, seen.at, seen.at, seen.times
           FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::int[]) AS seen (id, kind, detail, at, times)
           JOIN devices d ON d.id = seen.id
          ORDER BY d.id, seen.kind
         ON CONFLICT (device_id, kind) DO UPDATE SET detail = excluded.detail, last_at = excluded.last_at,
           times = w.times + excluded.times`,
        [
          rows.map(({ deviceId }) => deviceId),
          rows.map(({ kind }) => kind),
          rows.map(({ detail }) => this.#maskSecrets(detail)),
          rows.map(({ at }) => at),
          rows.map(({ times }) => times),
        ],
      );
    } catch (cause) {
      this.#log.error({ err: cause, warnings: rows.length }, "broker: warnings about devices could not be written");
    }
  }
}
