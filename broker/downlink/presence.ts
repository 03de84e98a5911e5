import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import type { Logger } from "pino";

const FLUSH_MS = 250;
const RETRY_MS = 2000;
const HEARTBEAT_MS = 10_000;
/** devices in one notice; more: "look for yourself" */
const MOST_LISTED = 100;

interface Connection {
  /** counts connections of this node, so that an older one's end is not taken for a newer one's */
  number: number;
  connectedAt: Date;
  disconnectedAt: Date | null;
}

/**
 * Tells everybody which devices are connected here: rows of `device_connections`, written together a few times a
 * second, and this node's sign of life. The newest connection of a device is the one that counts, on whatever node.
 */
export class Presence {
  readonly #pool: Pool;
  readonly #log: Logger;
  readonly #node = randomUUID();
  readonly #open = new Map<object, { deviceId: string; connection: Connection }>();
  #changed = new Map<string, Connection>();
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(pool: Pool, log: Logger) {
    this.#pool = pool;
    this.#log = log;
  }

  start(): void {
    this.#beat();
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  /** @param client stands for this one connection */
  connected(client: object, deviceId: string): void {
    const connection = { number: ++this.#count, connectedAt: new Date(), disconnectedAt: null };
    this.#open.set(client, { deviceId, connection });
    this.#note(deviceId, connection);
  }

  disconnected(client: object): void {
    const known = this.#open.get(client);
    if (!known) return;
    this.#open.delete(client);
    const newer = this.#changed.get(known.deviceId);
    if (newer && newer.number > known.connection.number) return;
    this.#note(known.deviceId, { ...known.connection, disconnectedAt: new Date() });
  }

  /** Says that everybody left, and that this node is gone. */
  async close(): Promise<void> {
    for (const client of this.#open.keys()) this.disconnected(client);
    this.#closed = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#timer);
    this.#flush();
    await this.#work;
    await this.#pool
      .query("DELETE FROM broker_nodes WHERE id = $1", [this.#node])
      .catch((cause: unknown) => this.#log.warn({ err: cause }, "broker: could not sign off"));
  }

  #note(deviceId: string, connection: Connection): void {
    this.#changed.set(deviceId, connection);
    if (!this.#closed) this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  #flush(): void {
    this.#timer = undefined;
    const changed = this.#changed;
    if (changed.size === 0) return;
    this.#changed = new Map();
    this.#work = this.#work
      .then(() => this.#write(changed))
      .catch((cause: unknown) => {
        this.#log.warn({ err: cause }, "broker: who is connected could not be written; trying again");
        this.#changed = new Map([...changed, ...this.#changed]);
        if (!this.#closed) this.#timer ??= setTimeout(() => this.#flush(), RETRY_MS);
      });
  }

  async #write(changed: ReadonlyMap<string, Connection>): Promise<void> {
    const ids = [...changed.keys()];
    const rows = [...changed.values()];
    await this.#pool.query(
      `WITH written AS (
         INSERT INTO device_connections AS c (device_id, node, connection, connected_at, disconnected_at)
         SELECT seen.id, $2, connection, connected_at, disconnected_at
           FROM unnest($1::text[], $3::bigint[], $4::timestamptz[], $5::timestamptz[])
             AS seen (id, connection, connected_at, disconnected_at)
           JOIN devices ON devices.id = seen.id
          ORDER BY seen.id
         ON CONFLICT (device_id) DO UPDATE SET node = excluded.node, connection = excluded.connection,
           connected_at = excluded.connected_at, disconnected_at = excluded.disconnected_at
           WHERE (c.node = excluded.node AND c.connection <= excluded.connection)
              OR (c.node <> excluded.node AND c.connected_at <= excluded.connected_at)
         RETURNING device_id)
       SELECT pg_notify('changes', $6) FROM written LIMIT 1`,
      [
        ids,
        this.#node,
        rows.map(({ number }) => number),
        rows.map(({ connectedAt }) => connectedAt),
        rows.map(({ disconnectedAt }) => disconnectedAt),
        JSON.stringify({ devices: ids.length <= MOST_LISTED && ids.join().length < 7000 ? ids : null }),
      ],
    );
  }

  #beat(): void {
    this.#work = this.#work
      .then(async () => {
        await this.#pool.query(
          `WITH old AS (DELETE FROM broker_nodes WHERE seen_at < now() - interval '1 day')
           INSERT INTO broker_nodes (id, seen_at) VALUES ($1, now()) ON CONFLICT (id) DO UPDATE SET seen_at = now()`,
          [this.#node],
        );
      })
      .catch((cause: unknown) => this.#log.warn({ err: cause }, "broker: could not give a sign of life"));
  }
}
