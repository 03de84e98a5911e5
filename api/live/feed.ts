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
/** "All that changed since" looks back this much further, for transactions that were still open at the last look. */
const OVERLAP_MS = 10_000;

export interface LiveFeed {
  /**
   * Opens a stream of these topics, from after `lastEventId` if it is given and still known.
   * @param within positions elsewhere are left out
   */
  connect(topics: ReadonlySet<Topic>, lastEventId: string | undefined, within?: Box): SseClient;
  clientCount(): number;
  /** Ends all streams and the listening connection. */
  close(): Promise<void>;
}

export interface LiveFeedOptions {
  pool: Pool;
  log: Logger;
  /** how long changes are kept for a viewer that is away, milliseconds */
  retentionMs?: number;
}

/**
 * The live stream's one connection to Postgres: it listens on `changes`, reads what has changed once, serialises it
 * once, and hands it to every viewer. A notice that was missed while the connection was away makes every viewer read
 * everything again. While nobody looks, and nobody can come back to what he has seen, nothing is read: a busy platform
 * would spend a twentieth of its work on it.
 */
export function openLiveFeed({ pool, log, retentionMs: keptMs = MAX_AGE_MS }: LiveFeedOptions): LiveFeed {
  const buffer = new EventBuffer(Date.now());
  const clients = new Set<SseClient>();
  const pending = new PendingChanges();
  let readSince = new Date(Date.now() - OVERLAP_MS);
  let timer: NodeJS.Timeout | undefined;
  /** when the last viewer left, milliseconds of this process's clock; nobody has been there yet */
  let lastClientLeftMs = Number.NEGATIVE_INFINITY;
  const closer = new AbortController();
  const closing = (): boolean => closer.signal.aborted;
  let wake: (() => void) | undefined;

  /** Whoever looks, or may come back and ask for what he missed. */
  function hasClients(): boolean {
    return clients.size > 0 || performance.now() - lastClientLeftMs < keptMs;
  }

  function onNotice(payload: string | undefined): void {
    // What is not kept now cannot be told later: whoever comes with an id of before reads everything again.
    if (!hasClients()) {
      readSince = new Date(Date.now() - OVERLAP_MS);
      return buffer.clear();
    }
    try {
      pending.add(changeNotice.parse(JSON.parse(payload ?? "")));
    } catch (error) {
      log.warn({ err: error, payload }, "a notice of changes that cannot be read");
      return;
    }
    timer ??= setTimeout(() => void publish(), COALESCE_MS);
  }

  async function publish(): Promise<void> {
    const taken = pending.drain();
    const since = readSince;
    const now = Date.now();
    try {
      for (const { topic, data } of await readChanges(pool, taken, since)) {
        const event = buffer.add(topic, data, now);
        for (const viewer of clients) viewer.send(event);
      }
      readSince = new Date(now - OVERLAP_MS);
    } catch (error) {
      if (!closing()) log.warn({ err: error }, "changes cannot be read: live views start over");
      startOver();
    } finally {
      timer = undefined;
      if (pending.isEmpty && !closing()) timer = setTimeout(() => void publish(), COALESCE_MS);
    }
  }

  function startOver(): void {
    buffer.clear();
    for (const viewer of clients) viewer.reset(buffer.last);
  }

  /** Listens until the connection breaks. */
  async function listenOnce(): Promise<void> {
    const client: PoolClient = await pool.connect();
    let broken: Error | undefined;
    const gone = new Promise<void>((resolve) => {
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
      startOver();
      if (!closing()) await gone;
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
        log.warn({ err: error }, "the live stream waits for Postgres");
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
    for (const viewer of clients) viewer.ping();
  }, PING_MS);

  return {
    connect(topics, lastEventId, within) {
      const viewer = new SseClient(topics, within);
      clients.add(viewer);
      viewer.onClosed(() => {
        clients.delete(viewer);
        lastClientLeftMs = performance.now();
      });
      const resumed = lastEventId === undefined ? undefined : buffer.after(Number(lastEventId));
      viewer.hello(Date.now(), resumed ? undefined : buffer.last);
      if (resumed) for (const event of resumed) viewer.send(event);
      else if (lastEventId !== undefined) viewer.reset(buffer.last);
      return viewer;
    },
    clientCount: () => clients.size,
    async close() {
      closer.abort();
      clearInterval(pings);
      clearTimeout(timer);
      for (const viewer of clients) viewer.close();
      wake?.();
      await listening;
    },
  };
}
