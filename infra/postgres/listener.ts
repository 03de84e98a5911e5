import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Logger } from "pino";

const HEARTBEAT_MS = 5_000;
/** for connecting, LISTEN and each heartbeat; a connection that takes longer is replaced */
const TIMEOUT_MS = 5_000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 2_000;
/** A network that has gone silent confirms no end either. */
const END_MS = 1_000;

/** Receives what is notified on one channel. */
export interface Subscriber {
  channel: string;
  onNotify(payload: string): void;
  /** The channel is listened to from now on. Earlier notifications are unknown: read everything again. */
  onListening(): void;
  /** The connection is lost: changes go unnoticed until `onListening`. */
  onLost?(): void;
  /** The server has just proven that it is there: after `onListening`, and every few seconds. */
  onAlive?(): void;
}

export interface PostgresListener {
  /** @returns a function that ends the subscription */
  subscribe(subscriber: Subscriber): () => void;
  close(): Promise<void>;
}

/** Time limits, milliseconds. */
export interface ListenerTimes {
  heartbeatMs: number;
  timeoutMs: number;
}

/**
 * The one connection of a process that listens for Postgres notifications, made at the first subscription. It connects
 * as `pool` does, takes no connection from it, reconnects with increasing pauses, and proves by a query every few seconds
 * that the server is still there: a network that fails silently would otherwise go unnoticed for hours.
 */
export function createListener(
  pool: pg.Pool,
  log: Logger,
  { heartbeatMs, timeoutMs }: ListenerTimes = { heartbeatMs: HEARTBEAT_MS, timeoutMs: TIMEOUT_MS },
): PostgresListener {
  const subscribers = new Set<Subscriber>();
  const closer = new AbortController();
  const { signal } = closer;
  let current: pg.Client | undefined;
  let pauseMs = FIRST_RETRY_MS;
  let hasLost = false;

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await listenOnce();
      } catch (error) {
        if (signal.aborted) return;
        // One outage is one message, however often it is tried.
        const { message: reason } = error as Error;
        log[hasLost ? "debug" : "warn"]({ reason, retryMs: pauseMs }, "Postgres listener: connection lost or not made");
        hasLost = true;
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, LONGEST_RETRY_MS);
      }
    }
  }

  /** Listens until the connection fails or the listener is closed; both end by an error. */
  async function listenOnce(): Promise<never> {
    const client = new pg.Client({
      ...pool.options,
      application_name: `${pool.options.application_name ?? "waystock"} listener`,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
    });
    const closing = new AbortController();
    const lost = new Promise<never>((_, reject) => {
      client.on("error", reject);
      client.on("end", () => reject(new Error("the connection ended")));
      const onAbort = () => reject(new Error("the listener closes"));
      signal.addEventListener("abort", onAbort, { once: true, signal: closing.signal });
    });
    client.on("notification", ({ channel, payload }) => {
      for (const each of subscribers) if (each.channel === channel) each.onNotify(payload ?? "");
    });
    try {
      await Promise.race([client.connect(), lost]);
      for (const each of subscribers) await Promise.race([listenTo(client, each), lost]);
      current = client;
      pauseMs = FIRST_RETRY_MS;
      if (hasLost) log.info("Postgres listener: reconnected");
      hasLost = false;
      for (;;) {
        await Promise.race([sleep(heartbeatMs, undefined, { signal: closing.signal }), lost]);
        await Promise.race([client.query("SELECT 1"), lost]);
        for (const each of subscribers) each.onAlive?.();
      }
    } finally {
      closing.abort();
      current = undefined;
      for (const each of subscribers) each.onLost?.();
      await end(client);
    }
  }

  let running: Promise<void> | undefined;
  return {
    subscribe(subscriber) {
      subscribers.add(subscriber);
      running ??= run();
      // When this fails the heartbeat fails too, and the next connection listens to every channel.
      if (current !== undefined) listenTo(current, subscriber).catch(() => undefined);
      return () => subscribers.delete(subscriber);
    },
    async close() {
      closer.abort();
      await running;
    },
  };
}

async function listenTo(client: pg.Client, subscriber: Subscriber): Promise<void> {
  await client.query(`LISTEN ${client.escapeIdentifier(subscriber.channel)}`);
  subscriber.onListening();
}

/** Says goodbye, so that the server logs no broken connection; where that takes too long the socket is destroyed. */
async function end(client: pg.Client): Promise<void> {
  const deadline = setTimeout(() => client.connection.stream.destroy(), END_MS);
  await client.end().catch(() => undefined);
  clearTimeout(deadline);
}
