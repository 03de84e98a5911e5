import type { Pool, PoolClient } from "pg";
import type { Logger } from "pino";

const RETRY_MS = 500;

/** What to do with one channel. */
export interface Subscriber {
  channel: string;
  /** a payload arrived */
  onNotify(payload: string): void;
  /** listening (again): whatever was notified in between is not known, so look for yourself */
  onListening(): void;
}

/** One connection that listens on Postgres channels for as long as the broker lives, whatever happens to Postgres. */
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
      again(cause);
      return;
    }
    let lost = false;
    const lose = (cause: unknown): void => {
      if (lost) return;
      lost = true;
      current = undefined;
      client.release(true);
      again(cause);
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

  function again(cause: unknown): void {
    if (closed) return;
    log.warn({ err: cause }, "broker: does not hear from Postgres; trying again");
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
