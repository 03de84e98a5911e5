import type { Pool } from "pg";
import type { Logger } from "pino";
import { changeNotice, PendingChanges, readChanges } from "./changes.ts";
import { EventBuffer, MAX_AGE_MS } from "./event-buffer.ts";
import { type Box, SseClient } from "./sse-client.ts";
import type { Topic } from "./topics.ts";

/** Changes within this time become one event. */
const COALESCE_MS = 100;
const PING_MS = 15_000;
/** Reads by time of change look back this much further, for transactions that were still open at the last read. */
const OVERLAP_MS = 10_000;

export interface LiveFeed {
  /**
   * Connects a client to these topics. With a `lastEventId` that is still buffered, it gets the events it missed.
   * @param within positions outside of this box are left out
   */
  connect(topics: ReadonlySet<Topic>, lastEventId: string | undefined, within?: Box): SseClient;
  clientCount(): number;
  /** Ends all streams and the subscription. */
  close(): Promise<void>;
}

/** The process's one connection that listens for Postgres notifications. */
export interface PostgresListener {
  /** @returns a function that ends the subscription */
  subscribe(subscriber: { channel: string; onNotify(payload: string): void; onListening(): void }): () => void;
}

export interface LiveFeedOptions {
  pool: Pool;
  listener: PostgresListener;
  log: Logger;
  /** how long changes are still read and buffered after the last client has left, milliseconds */
  retentionMs?: number;
}

/**
 * Opens the live stream. It listens on the channel `changes`, reads each change once,
 * serialises it once, and sends it to every client. After a lost connection notices may be missing, so every client is
 * told to read everything again. Without clients, now or within `retentionMs`, the feed does not query: on a busy platform
 * it would cost 5 % of the CPU.
 */
export function openLiveFeed({ pool, listener, log, retentionMs = MAX_AGE_MS }: LiveFeedOptions): LiveFeed {
  const buffer = new EventBuffer(Date.now());
  const clients = new Set<SseClient>();
  const pending = new PendingChanges();
  let readSince = new Date(Date.now() - OVERLAP_MS);
  let timer: NodeJS.Timeout | undefined;
  /** `performance.now()` when the last client left */
  let lastClientLeftMs = Number.NEGATIVE_INFINITY;
  let closing = false;

  /** Whether a client is connected, or one that left may still resume. */
  function hasClients(): boolean {
    return clients.size > 0 || performance.now() - lastClientLeftMs < retentionMs;
  }

  function onNotice(payload: string): void {
    // This change is not buffered, so no earlier event id can be resumed.
    if (!hasClients()) {
      readSince = new Date(Date.now() - OVERLAP_MS);
      return buffer.clear();
    }
    try {
      pending.add(changeNotice.parse(JSON.parse(payload)));
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
      if (!closing) log.warn({ err: error }, "reading changes failed; live clients are reset");
      resetClients();
    } finally {
      timer = undefined;
      if (pending.hasChanges && !closing) timer = setTimeout(() => void publish(), COALESCE_MS);
    }
  }

  function resetClients(): void {
    buffer.clear();
    for (const client of clients) client.reset(buffer.last);
  }

  const unsubscribe = listener.subscribe({ channel: "changes", onNotify: onNotice, onListening: resetClients });
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
      closing = true;
      unsubscribe();
      clearInterval(pings);
      clearTimeout(timer);
      for (const client of clients) client.close();
    },
  };
}
