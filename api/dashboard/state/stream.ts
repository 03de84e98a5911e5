import { Problem, get } from "./client.ts";
import { setServerTime } from "./clock.ts";

export type ConnectionState = { state: "catching-up" } | { state: "live" } | { state: "stale"; sinceMs: number };

export interface StreamListener {
  /** a new stream, or one that could not be resumed: all data must be loaded again */
  onReset(): void;
  /** the same stream after a short break: the server sends the missed events */
  onResumed(): void;
  onChange(topic: string, rows: unknown[]): void;
  onDisconnected(lastHeardMs: number): void;
  onSignedOut(): void;
}

const SILENCE_MS = 30_000;
const PROBE_INTERVAL_MS = 10_000;
const MAX_BACKOFF_MS = 15_000;

/**
 * Keeps one EventSource connected. After a network error the browser reconnects by itself, with Last-Event-ID. After an
 * error response (401, 503) it gives up: this function then checks the session and opens a new EventSource, with
 * exponential backoff.
 */
export function openStream(topics: readonly string[], listener: StreamListener): { close(): void } {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let backoffMs = 500;
  let lastHeardMs = Date.now();
  let closed = false;

  function connect(): void {
    source?.close();
    const current = new EventSource(`/stream?topics=${topics.join(",")}`);
    source = current;
    let isFirstHello = true;
    current.addEventListener("hello", (event) => {
      lastHeardMs = Date.now();
      backoffMs = 500;
      setServerTime((JSON.parse(String(event.data)) as { server_time: string }).server_time);
      if (isFirstHello) listener.onReset();
      else listener.onResumed();
      isFirstHello = false;
    });
    current.addEventListener("reset", () => listener.onReset());
    for (const topic of topics) {
      current.addEventListener(topic, (event) => {
        lastHeardMs = Date.now();
        listener.onChange(topic, JSON.parse(String(event.data)) as unknown[]);
      });
    }
    current.addEventListener("error", () => {
      listener.onDisconnected(lastHeardMs);
      if (current.readyState === EventSource.CLOSED) scheduleReconnect();
    });
  }

  function scheduleReconnect(): void {
    if (closed) return;
    clearTimeout(retry);
    retry = setTimeout(() => void reconnect(), backoffMs);
    backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
  }

  async function reconnect(): Promise<void> {
    try {
      await get("/auth/me");
      if (!closed) connect();
    } catch (cause) {
      if (closed) return;
      if (cause instanceof Problem && cause.status === 401) listener.onSignedOut();
      else scheduleReconnect();
    }
  }

  // EventSource hides the server's pings, because they are comments. After a silence a request checks the connection, so
  // that a dead connection is not shown as live.
  const probe = setInterval(() => {
    if (source?.readyState === EventSource.OPEN && Date.now() - lastHeardMs > SILENCE_MS) void probeConnection();
  }, PROBE_INTERVAL_MS);

  async function probeConnection(): Promise<void> {
    try {
      await get("/auth/me", AbortSignal.timeout(5000));
      lastHeardMs = Date.now();
    } catch {
      if (closed) return;
      source?.close();
      listener.onDisconnected(lastHeardMs);
      scheduleReconnect();
    }
  }

  connect();
  return {
    close() {
      closed = true;
      clearInterval(probe);
      clearTimeout(retry);
      source?.close();
    },
  };
}
