import type { Pool, PoolClient } from "pg";
import type { Logger } from "pino";
import { changeNotice, PendingChanges, readChanges } from "./changes.ts";
import { EventBuffer, MAX_AGE_MS } from "./event-buffer.ts";
import type { Topic } from "./topics.ts";
import { type Box, SseClient } from "./sse-client.ts";

/** Changes within this time become one event. */
const COALESCE_MS = 100;
const PING_MS = 15_000;
const RECONNECT_MS = 1000;
/** Reads by time of change look back this much further, for transactions that were still open at the last read. */
const OVERLAP_MS = 10_000;

export interface LiveFeed {
  /**
   * Connects a client to these topics. With a `lastEventId` that is still buffered, it gets the events it missed.
   * @param within positions outside of this box are left out
   */
  connect(topics: ReadonlySet<Topic>, lastEventId: string | undefined, within?: Box): SseClient;
  clientCount(): number;
  /** Ends all streams and the listening connection. */
  close(): Promise<void>;
}

export interface LiveFeedOptions {
  pool: Pool;
  log: Logger;
  /** how long changes are still read and buffered after the last client has left, milliseconds */
  retentionMs?: number;
}

/**
 * Opens the live stream's one connection to Postgres. It listens on the channel `changes`, reads each change once,
 * serialises it once, and sends it to every client. After a lost connection notices may be missing, so every client is
 * told to read everything again. Without clients, now or within `retentionMs`, the feed does not query: on a busy platform
 * it would cost 5 % of the CPU.
 */
export function openLiveFeed({ pool, log, retentionMs = MAX_AGE_MS }: LiveFeedOptions): LiveFeed {
  const buffer = new EventBuffer(Date.now());
  const clients = new Set<SseClient>();
  const pending = new PendingChanges();
  let readSince = new Date(Date.now() - OVERLAP_MS);
  let timer: NodeJS.Timeout | undefined;
  /** `performance.now()` when the last client left */
  let lastClientLeftMs = Number.NEGATIVE_INFINITY;
  const closer = new AbortController();
  const closing = (): boolean => closer.signal.aborted;
  let wake: (() => void) | undefined;

  /** Whether a client is connected, or one that left may still resume. */
  function hasClients(): boolean {
    return clients.size > 0 || performance.now() - lastClientLeftMs < retentionMs;
  }

  function onNotice(payload: string | undefined): void {
    // This change is not buffered, so no earlier event id can be resumed.
    if (!hasClients()) {
      readSince = new Date(Date.now() - OVERLAP_MS);
      return buffer.clear();
    }
    try {
      pending.add(changeNotice.parse(JSON.parse(payload ?? "")));
    } catch (error) {
      log.warn({ err: error, payload }, "invalid notice on channel changes");
      return;
    }
    timer ??= setTimeout(() => void publish(), COALESCE_MS);
  }

  async function publish(): Promise<void> {
    const changes = pending.drain();
    const since = readSince;
    const now = Date.now();
    try {
      for (const { topic, data } of await readChanges(pool, changes, since)) {
        const event = buffer.add(topic, data, now);
        for (const client of clients) client.send(event);
      }
      readSince = new Date(now - OVERLAP_MS);
    } catch (error) {
      if (!closing()) log.warn({ err: error }, "reading changes failed; live clients are reset");
      resetClients();
    } finally {
      timer = undefined;
      if (pending.hasChanges && !closing()) timer = setTimeout(() => void publish(), COALESCE_MS);
    }
  }

  function resetClients(): void {
    buffer.clear();
    for (const client of clients) client.reset(buffer.last);
  }

  /** Listens until the connection breaks. */
  async function listenOnce(): Promise<void> {
    const client: PoolClient = await pool.connect();
    let broken: Error | undefined;
    const disconnected = new Promise<void>((resolve) => {
      wake = resolve;
      client.on("error", (error) => {
        broken = error;
        resolve();
      });
      client.on("end", () => resolve());
    });
    client.on("notification", ({ payload }) => onNotice(payload));
    try {
      await client.query("LISTEN changes");
      resetClients();
      if (!closing()) await disconnected;
    } finally {
      client.removeAllListeners("notification");
      client.release(broken ?? true);
    }
  }

  async function listen(): Promise<void> {
    while (!closing()) {
      try {
        await listenOnce();
      } catch (error) {
        log.warn({ err: error }, "the live stream lost Postgres and reconnects");
      }
      if (!closing()) {
        await new Promise<void>((resolve) => {
          const pause = setTimeout(resolve, RECONNECT_MS);
          wake = () => {
            clearTimeout(pause);
            resolve();
          };
        });
      }
    }
  }

  const listening = listen();
  const pings = setInterval(() => {
    for (const client of clients) client.ping();
  }, PING_MS);

  return {
    connect(topics, lastEventId, within) {
      const client = new SseClient(topics, within);
      clients.add(client);
      client.onClosed(() => {
        clients.delete(client);
        lastClientLeftMs = performance.now();
      });
      const resumed = lastEventId === undefined ? undefined : buffer.after(Number(lastEventId));
      client.hello(Date.now(), resumed ? undefined : buffer.last);
      if (resumed) for (const event of resumed) client.send(event);
      else if (lastEventId !== undefined) client.reset(buffer.last);
      return client;
    },
    clientCount: () => clients.size,
    async close() {
      closer.abort();
      clearInterval(pings);
      clearTimeout(timer);
      for (const client of clients) client.close();
      wake?.();
      await listening;
    },
  };
}
