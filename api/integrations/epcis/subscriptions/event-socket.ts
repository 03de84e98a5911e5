import type { Pool } from "pg";
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import { readerOf } from "../../../auth/limits.ts";
import type { Principal } from "../../../auth/principal.ts";
import type { OpenStream } from "../../../live/open-streams.ts";
import type { EventQuery } from "../query/condition.ts";
import { findRecorded } from "../query/find-events.ts";
import { AS_SENT, queryDocument } from "../query/query-document.ts";
import { MAX_BATCH } from "./deliveries.ts";
import type { RepositoryHead } from "./repository-head.ts";
import { nextRun, type Schedule } from "./schedule.ts";

/** How often a client must show that it is there, milliseconds. */
const PING_MS = 20_000;
/** The longest time of a timer, milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Before events that could not be read or sent are tried again, milliseconds. */
const AGAIN_MS = 2_000;
/** RFC 6455 §7.4.1. */
const NORMAL_CLOSURE = 1000;
const POLICY_VIOLATION = 1008;

export interface SocketOptions {
  pool: Pool;
  head: RepositoryHead;
  log: Logger;
}

/** What a WebSocket is told: what a named query finds of the events after a position, at once or by a schedule. */
export interface SocketSubscription {
  queryName: string;
  query: EventQuery;
  principal: Principal;
  /** undefined: a stream */
  schedule: Schedule | undefined;
  reportIfEmpty: boolean;
  /** of the last event that it is not told of */
  position: number;
}

/** An open WebSocket. */
export interface EventSocket extends OpenStream {
  /** for a reason that the client is told */
  end(reason: string): void;
}

/**
 * Sends events to a client until either side ends it. A document goes when the one before has left: a client that does not read holds up
 * itself. It resumes by `initialRecordTime`, the record time of what it had last.
 */
export function openEventSocket(
  { pool, head, log }: SocketOptions,
  socket: WebSocket,
  { queryName, query, principal, schedule, reportIfEmpty, position }: SocketSubscription,
): EventSocket {
  const closed = new AbortController();
  const reader = readerOf(pool, principal);
  let isAlive = true;
  let from = position;

  socket.on("pong", () => (isAlive = true));
  socket.on("close", () => closed.abort());
  // `close` follows.
  socket.on("error", (error) => log.debug({ err: error }, "EPCIS WebSocket: connection error"));
  const pings = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, PING_MS);
  closed.signal.addEventListener("abort", () => clearInterval(pings), { once: true });

  const send = (text: string): Promise<void> =>
    new Promise((resolve, reject) => socket.send(text, (error) => (error ? reject(error) : resolve())));

  /** Sends what the query finds up to a position. */
  async function report(to: number): Promise<void> {
    let isReported = !(schedule !== undefined && reportIfEmpty);
    while (!closed.signal.aborted) {
      const events = from < to ? await findRecorded(reader, query, { from, to, limit: MAX_BATCH }) : [];
      if (events.length > 0 || !isReported) await send(queryDocument({ queryName, events, spelling: AS_SENT }));
      isReported = true;
      from = events.length < MAX_BATCH ? Math.max(from, to) : events.at(-1)!.position;
      if (from >= to) return;
    }
  }

  async function run(): Promise<void> {
    while (!closed.signal.aborted) {
      const due = schedule === undefined ? undefined : nextRun(schedule, Date.now());
      const to = schedule === undefined ? await head.after(from, closed.signal) : await waitUntil(due);
      if (to === undefined) return;
      try {
        await report(to);
      } catch (error) {
        if (closed.signal.aborted) return;
        log.warn({ err: error, query: queryName }, "EPCIS WebSocket: events could not be read or sent, retrying");
        await pause(AGAIN_MS, closed.signal);
      }
    }
  }

  /** @returns the position to report up to; undefined: it is closed, or never due */
  async function waitUntil(dueMs: number | undefined): Promise<number | undefined> {
    if (dueMs === undefined) return undefined;
    for (;;) {
      const leftMs = dueMs - Date.now();
      if (leftMs > 0) await pause(Math.min(leftMs, MAX_TIMER_MS), closed.signal);
      if (closed.signal.aborted) return undefined;
      if (leftMs <= 0) return head.now();
    }
  }

  run().catch((error: unknown) => {
    log.error({ err: error, query: queryName }, "EPCIS WebSocket closed after an error");
    socket.terminate();
  });
  return {
    close: () => socket.close(POLICY_VIOLATION, "the session has ended"),
    end: (reason) => socket.close(NORMAL_CLOSURE, reason),
    onClosed(listener) {
      if (closed.signal.aborted) listener();
      else closed.signal.addEventListener("abort", listener, { once: true });
    },
  };
}

/** Resolves after a time, or when it is closed. */
function pause(ms: number, closed: AbortSignal): Promise<void> {
  if (closed.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      closed.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    closed.addEventListener("abort", done, { once: true });
  });
}
