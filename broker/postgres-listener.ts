import type { Pool, PoolClient } from "pg";
import type { Logger } from "pino";

const RETRY_MS = 500;

/** Receives the notifications of one channel. */
export interface Subscriber {
  channel: string;
  onNotify(payload: string): void;
  /** called when LISTEN is in effect, also after a reconnect: notifications before it may be lost, so read the tables */
  onListening(): void;
}

/** Listens on Postgres channels with one connection until closed, and reconnects whenever that connection is lost. */
export function listen(pool: Pool, subscribers: readonly Subscriber[], log: Logger): { close(): Promise<void> } {
  let closed = false;
  let current: PoolClient | undefined;
  let retry: NodeJS.Timeout | undefined;
  let work = connect();

  async function connect(): Promise<void> {
    let client: PoolClient;
    try {
      client = await pool.connect();
    } catch (cause) {
      scheduleRetry(cause);
      return;
    }
    let lost = false;
    const lose = (cause: unknown): void => {
      if (lost) return;
      lost = true;
      current = undefined;
      client.release(true);
      scheduleRetry(cause);
    };
    client.on("error", lose);
    client.on("end", () => lose(new Error("the connection ended")));
    client.on("notification", ({ channel, payload }) => {
      for (const subscriber of subscribers) if (subscriber.channel === channel) subscriber.onNotify(payload ?? "");
    });
    try {
      for (const { channel } of subscribers) await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    } catch (cause) {
      lose(cause);
      return;
    }
    if (closed) {
      lost = true;
      client.release(true);
      return;
    }
    current = client;
    for (const subscriber of subscribers) subscriber.onListening();
  }

  function scheduleRetry(cause: unknown): void {
    if (closed) return;
    log.warn({ err: cause }, "broker: the Postgres listener lost its connection, reconnecting");
    retry = setTimeout(() => {
      work = connect();
    }, RETRY_MS);
  }

  return {
    async close() {
      closed = true;
      clearTimeout(retry);
      await work;
      current
        ?.removeAllListeners("error")
        .removeAllListeners("end")
        .on("error", () => undefined);
      current?.release(true);
    },
  };
}
