import { Problem } from "./client.ts";
import { serverNow, setServerTime } from "./clock.ts";
import { type SseEvent, createSseParser } from "./sse-parser.ts";

export type ConnectionState = { state: "catching-up" } | { state: "live" } | { state: "stale"; sinceMs: number };

export interface StreamListener {
  /** a new stream, or one that could not be resumed: all data must be loaded again */
  onReset(): void;
  /** the same stream after a short break: the server sends the missed events */
  onResumed(): void;
  onChange(topic: string, rows: unknown[]): void;
  /** @param lastHeardMs by the server's clock */
  onDisconnected(lastHeardMs: number): void;
  onSignedOut(): void;
}

/** The server sends something at least every 5 s. After this silence the connection is dead, whatever the network says. */
const MAX_SILENCE_MS = 15_000;
const SILENCE_CHECK_MS = 1_000;
/** The server greets a stream at once. The browser may try connections that died with the last stream, one by one. */
const MAX_GREETING_MS = 5_000;
const MIN_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 8_000;

/**
 * Keeps one stream of changes connected, and resumes it where it broke off. It is read by `fetch`: an `EventSource` does
 * not show the server's pings, and would take a connection for live whose other end is gone.
 */
export function openStream(topics: readonly string[], listener: StreamListener): { close(): void } {
  let lastId: string | undefined;
  let lastHeardMs = performance.now();
  let backoffMs = MIN_BACKOFF_MS;
  let attempt = new AbortController();
  let attemptSinceMs = lastHeardMs;
  let wake: () => void = () => undefined;
  let closed = false;

  function onEvent({ type, data, id }: SseEvent, isResumed: boolean): void {
    lastId = id ?? lastId;
    if (type === "hello") {
      backoffMs = MIN_BACKOFF_MS;
      setServerTime((JSON.parse(data) as { server_time: string }).server_time);
      if (isResumed) listener.onResumed();
      else listener.onReset();
    } else if (type === "reset") listener.onReset();
    else listener.onChange(type, JSON.parse(data) as unknown[]);
  }

  /** Reads one connection until it ends, breaks or is given up. @throws Problem 401 without a session */
  async function read(signal: AbortSignal): Promise<void> {
    const isBroken = () => undefined;
    const headers = lastId === undefined ? {} : { "last-event-id": lastId };
    const path = `/stream?topics=${topics.join(",")}` as const;
    const response = await fetch(path, { headers, signal, cache: "no-store" }).catch(isBroken);
    if (response?.status === 401) throw new Problem(401, "The session has ended.");
    if (response?.ok !== true || response.body === null) return response?.body?.cancel();
    const isResumed = lastId !== undefined;
    const parse = createSseParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const piece = await reader.read().catch(isBroken);
      if (piece?.value === undefined || signal.aborted) return;
      lastHeardMs = performance.now();
      for (const event of parse(piece.value)) onEvent(event, isResumed);
    }
  }

  async function keepConnected(): Promise<void> {
    while (!closed) {
      attempt = new AbortController();
      attemptSinceMs = performance.now();
      try {
        await read(attempt.signal);
      } catch (cause) {
        if (!(cause instanceof Problem)) throw cause;
        if (!closed) listener.onSignedOut();
        return;
      }
      if (closed) return;
      reportDisconnected();
      const pauseMs = backoffMs * (0.75 + Math.random() / 2);
      backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, pauseMs);
      });
    }
  }

  function reportDisconnected(): void {
    listener.onDisconnected(serverNow() - (performance.now() - lastHeardMs));
  }

  const silenceCheck = setInterval(() => {
    const now = performance.now();
    const isGreeted = lastHeardMs >= attemptSinceMs;
    const silentMs = now - (isGreeted ? lastHeardMs : attemptSinceMs);
    if (silentMs >= (isGreeted ? MAX_SILENCE_MS : MAX_GREETING_MS)) attempt.abort();
  }, SILENCE_CHECK_MS);
  const reconnectNow = () => wake();
  addEventListener("online", reconnectNow);

  void keepConnected();
  return {
    close() {
      closed = true;
      clearInterval(silenceCheck);
      removeEventListener("online", reconnectNow);
      attempt.abort();
      wake();
    },
  };
}
