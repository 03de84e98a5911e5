import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import type { Logger } from "pino";

const FLUSH_MS = 250;
const RETRY_MS = 2000;
const HEARTBEAT_MS = 10_000;
/** A node without a heartbeat for so long, or with one in the future, does not run (or the clock has just been set). */
const NODE_DEAD_AFTER_MS = 30_000;
const CLOCK_CHECK_MS = 1_000;
const CLOCK_STEP_MS = 1_000;
/** device ids listed in one notification; with more it lists none, and listeners read the table */
const MAX_LISTED = 100;

interface Connection {
  /** counts the connections of this node, so that the end of an older one does not overwrite a newer one */
  number: number;
  connectedAt: Date;
  disconnectedAt: Date | null;
}

/**
 * Publishes which devices are connected to this node: rows of `device_connections`, written in batches at most four times
 * a second, and a heartbeat of the node in `broker_nodes`. Of a device's connections to several nodes the open one counts,
 * and of two open ones the newer.
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
    let offsetMs = Date.now() - performance.now();
    let sentAt = performance.now();
    this.#sendHeartbeat();
    this.#heartbeat = setInterval(() => {
      const before = offsetMs;
      offsetMs = Date.now() - performance.now();
      // After the clock was set the last heartbeat looks like one of an hour ago, or of the future.
      const wasSet = Math.abs(offsetMs - before) > CLOCK_STEP_MS;
      if (!wasSet && performance.now() - sentAt < HEARTBEAT_MS) return;
      sentAt = performance.now();
      this.#sendHeartbeat();
    }, CLOCK_CHECK_MS);
  }

  /** @param client identifies the connection */
  connected(client: object, deviceId: string): void {
    const connection = { number: ++this.#count, connectedAt: new Date(), disconnectedAt: null };
    this.#open.set(client, { deviceId, connection });
    this.#record(deviceId, connection);
  }

  disconnected(client: object): void {
    const entry = this.#open.get(client);
    if (!entry) return;
    this.#open.delete(client);
    const newer = this.#changed.get(entry.deviceId);
    if (newer && newer.number > entry.connection.number) return;
    this.#record(entry.deviceId, { ...entry.connection, disconnectedAt: new Date() });
  }

  /** Reports all devices as disconnected and removes the node. */
  async close(): Promise<void> {
    for (const client of this.#open.keys()) this.disconnected(client);
    this.#closed = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#timer);
    this.#flush();
    await this.#work;
    await this.#pool
      .query("DELETE FROM broker_nodes WHERE id = $1", [this.#node])
      .catch((cause: unknown) =>
        this.#log.warn({ err: cause }, "broker: the node could not be removed from the database"),
      );
  }

  #record(deviceId: string, connection: Connection): void {
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
        this.#log.warn({ err: cause }, "broker: connected devices could not be written, retrying");
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
           WHERE CASE
             WHEN c.node = excluded.node THEN c.connection <= excluded.connection
             WHEN NOT EXISTS (SELECT FROM broker_nodes n WHERE n.id = c.node AND n.seen_at
               BETWEEN now() - $7::float8 * interval '1 millisecond' AND now() + $7::float8 * interval '1 millisecond') THEN true
             -- Times of two nodes do not compare where a clock was set: what is open counts more than what has ended.
             WHEN c.disconnected_at IS NULL AND excluded.disconnected_at IS NOT NULL THEN false
             WHEN c.disconnected_at IS NOT NULL AND excluded.disconnected_at IS NULL THEN true
             ELSE c.connected_at <= excluded.connected_at END
         RETURNING device_id)
       SELECT pg_notify('changes', $6) FROM written LIMIT 1`,
      [
        ids,
        this.#node,
        rows.map(({ number }) => number),
        rows.map(({ connectedAt }) => connectedAt),
        rows.map(({ disconnectedAt }) => disconnectedAt),
        JSON.stringify({ devices: ids.length <= MAX_LISTED && ids.join().length < 7000 ? ids : null }),
        NODE_DEAD_AFTER_MS,
      ],
    );
  }

  #sendHeartbeat(): void {
    this.#work = this.#work
      .then(async () => {
        await this.#pool.query(
          `WITH old AS (DELETE FROM broker_nodes WHERE seen_at < now() - interval '1 day')
           INSERT INTO broker_nodes (id, seen_at) VALUES ($1, now()) ON CONFLICT (id) DO UPDATE SET seen_at = now()`,
          [this.#node],
        );
      })
      .catch((cause: unknown) => this.#log.warn({ err: cause }, "broker: heartbeat failed"));
  }
}
