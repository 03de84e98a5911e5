import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import type { Logger } from "pino";
import { type Drained, changeNotice, PendingChanges, readChanges } from "./changes.ts";
import { EventBuffer, type LiveEvent, MAX_AGE_MS } from "./event-buffer.ts";
import { FollowedTopics } from "./followed-topics.ts";
import type { PostgresListener } from "./postgres-listener.ts";
import { SseClient, type StreamCounts } from "./sse-client.ts";
import { StreamView } from "./stream-view.ts";
import type { Topic } from "./topics.ts";

/** Changes within this time become one event. With more clients than this it grows: each gets events less often. */
const COALESCE_MS = 100;
const MAX_COALESCE_MS = 1_000;
/** Clients that are sent an event before other requests have their turn. */
const CLIENTS_PER_TURN = 25;
/** Reads by time of change look back this much further, for transactions that were still open at the last read. */
const OVERLAP_MS = 10_000;
/** A difference between wall clock and monotonic clock that changes by more than this is a step. */
const CLOCK_STEP_MS = 1_000;

/** After an error changes are read again, after pauses that double. */
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;
/** How long clients may hold up the pages of one large change. */
const CLIENT_WAIT_MS = 2_000;
const CLIENT_WAIT_STEP_MS = 20;
/** After a lost subscription clients are reset at this distance, and the last ones after this time. */
const RESET_STEP_MS = 50;
const MAX_RESET_SPREAD_MS = 30_000;

export interface LiveFeed {
  /**
   * Connects a client to these topics. With a `lastEventId` that is still buffered, it gets the events it missed.
   * @param view what it may see, and wants to; by default everything
   */
  connect(topics: ReadonlySet<Topic>, lastEventId: string | undefined, view?: StreamView): SseClient;
  clientCount(): number;
  readonly counts: Readonly<StreamCounts>;
  /** Waits until changes are heard of. @returns whether they are, within `ms` */
  isListening(ms: number): Promise<boolean>;
  /** Ends all streams and the subscription. */
  close(): Promise<void>;
}

export interface LiveFeedOptions {
  pool: Pool;
  listener: PostgresListener;
  log: Logger;
  /** how long changes are still read and buffered after the last client has left, milliseconds */
  retentionMs?: number;
}

/**
 * Opens the live stream. It listens on the channel `changes`, reads each change once, serialises it once, and sends it to
 * every client; a resource at most once a second. After a lost connection notices may be missing, so the clients are told to
 * read everything again, in turn; until then they hear nothing, not even pings, because nothing proves that they are current.
 * What nobody follows, now or within `retentionMs`, is not queried: on a busy platform it would cost 5 % of the CPU.
 */
export function openLiveFeed({ pool, listener, log, retentionMs = MAX_AGE_MS }: LiveFeedOptions): LiveFeed {
  const buffer = new EventBuffer(Date.now());
  const clients = new Set<SseClient>();
  const followed = new FollowedTopics(retentionMs);
  const counts: StreamCounts = { events: 0, frames: 0, bytes: 0, resumed: 0, resets: 0, slow: 0 };
  const everything = new StreamView();
  const pending = new PendingChanges();
  /** `performance.now()` at the last read of changes */
  let lastReadMs = performance.now();
  let clockOffsetMs = Date.now() - performance.now();
  let timer: NodeJS.Timeout | undefined;
  /** `performance.now()` at which the timer is due */
  let dueMs = Number.POSITIVE_INFINITY;
  let isPublishing = false;
  /** of reading changes, in a row */
  let failures = 0;
  /** those who wait until changes are heard of */
  const waiting = new Set<() => void>();
  let isListening = false;
  let closing = false;

  /** Whether the wall clock was set since the last call: stamps then do not tell what has changed since a time. */
  function wasClockSet(): boolean {
    const before = clockOffsetMs;
    clockOffsetMs = Date.now() - performance.now();
    return Math.abs(clockOffsetMs - before) > CLOCK_STEP_MS;
  }

  function onNotice(payload: string): void {
    let notice;
    try {
      notice = changeNotice.parse(JSON.parse(payload));
    } catch (error) {
      log.warn({ err: error, payload }, "live stream: invalid notification on the Postgres channel `changes`; ignored");
      return;
    }
    const now = performance.now();
    for (const topic of ["shipments", "stock", "positions", "devices", "alerts", "orders"] as const) {
      const keys = notice[topic];
      if (keys === undefined) continue;
      if (followed.has(topic, now)) pending.add(topic, keys);
      else buffer.skip(topic);
    }
    schedule();
  }

  /** Publishes what waits as soon as it may be. */
  function schedule(): void {
    if (isPublishing || closing) return;
    const now = performance.now();
    const waitMs = pending.waitMs(now);
    if (waitMs === undefined) return;
    const intervalMs = Math.min(MAX_COALESCE_MS, Math.max(COALESCE_MS, clients.size));
    const inMs = Math.max(COALESCE_MS, waitMs, lastReadMs + intervalMs - now);
    if (now + inMs >= dueMs) return;
    clearTimeout(timer);
    dueMs = now + inMs;
    timer = setTimeout(() => void publish(), inMs);
  }

  async function publish(): Promise<void> {
    isPublishing = true;
    dueMs = Number.POSITIVE_INFINITY;
    const now = performance.now();
    const changes = pending.drain(now);
    try {
      if (wasClockSet() && [...changes.values()].some(({ all }) => all)) resetClients();
      else await send(changes, now);
      if (failures > 0) log.info("live stream: changes are read again");
      failures = 0;
    } catch (error) {
      // Nothing is lost, so nobody has to read everything: the same changes are read again, from where they stand then.
      pending.restore(changes);
      failures += 1;
      if (!closing && failures === 1) log.warn({ err: error }, "live stream: changes could not be read; retrying");
      await sleep(Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** failures), undefined, { ref: false });
    } finally {
      isPublishing = false;
      schedule();
    }
  }

  async function send(changes: Drained, now: number): Promise<void> {
    for await (const { topic, data } of readChanges(pool, changes, now - lastReadMs + OVERLAP_MS)) {
      const event = buffer.add(topic, data, now);
      counts.events += 1;
      await sendToAll(event);
      await letClientsRead();
    }
    lastReadMs = now;
  }

  /** A client that connects meanwhile is current with this event, or gets it from the buffer. */
  async function sendToAll(event: LiveEvent): Promise<void> {
    const receivers = [...clients];
    for (const [at, client] of receivers.entries()) {
      client.send(event);
      if (at % CLIENTS_PER_TURN === CLIENTS_PER_TURN - 1) await nextTurn();
    }
  }

  /** After many changes at once: gives clients time to read. One that reads nothing is disconnected by its own limit. */
  async function letClientsRead(): Promise<void> {
    const deadline = performance.now() + CLIENT_WAIT_MS;
    const isWaiting = (): boolean => [...clients].some((client) => client.isBehind);
    while (isWaiting() && performance.now() < deadline && !closing) await sleep(CLIENT_WAIT_STEP_MS);
  }

  /** Notices may be missing, so every client reads everything again: one after the other, not all at once. */
  function resetClients(): void {
    buffer.clear();
    let turn = 0;
    for (const client of clients) {
      setTimeout(() => client.reset(buffer.last), Math.min(turn, MAX_RESET_SPREAD_MS)).unref();
      turn += RESET_STEP_MS;
    }
  }

  const unsubscribe = listener.subscribe({
    channel: "changes",
    onNotify: onNotice,
    onListening() {
      isListening = true;
      for (const go of waiting) go();
      waiting.clear();
      resetClients();
    },
    onLost() {
      isListening = false;
    },
    // A client takes its stream for live as long as it hears something.
    onAlive() {
      for (const client of clients) client.ping();
    },
  });

  return {
    counts,
    connect(topics, lastEventId, view = everything) {
      const client = new SseClient(topics, view, counts);
      clients.add(client);
      followed.add(topics);
      client.onClosed(() => {
        clients.delete(client);
        followed.remove(topics, performance.now());
      });
      const resumed = lastEventId === undefined ? undefined : buffer.after(Number(lastEventId), topics);
      client.hello(Date.now(), resumed ? undefined : buffer.last);
      if (resumed) {
        counts.resumed += 1;
        for (const event of resumed) client.send(event);
      } else if (lastEventId !== undefined) client.reset(buffer.last);
      return client;
    },
    clientCount: () => clients.size,
    async isListening(ms) {
      if (isListening) return true;
      let go: () => void = () => undefined;
      const heard = new Promise<boolean>((resolve) => waiting.add((go = () => resolve(true))));
      return Promise.race([heard, sleep(ms, false, { ref: false })]).finally(() => waiting.delete(go));
    },
    async close() {
      closing = true;
      unsubscribe();
      clearTimeout(timer);
      for (const client of clients) client.close();
    },
  };
}
