import { Problem, get } from "./client.ts";
import { serverTimeIs } from "./clock.ts";

export type Link = { state: "catching-up" } | { state: "live" } | { state: "stale"; sinceMs: number };

export interface StreamListener {
  /** a new stream, or one that could not be resumed: everything has to be read again */
  onFresh(): void;
  /** the same stream after a short break; what was missed follows by itself */
  onResumed(): void;
  onChange(topic: string, rows: unknown[]): void;
  onBroken(lastHeardMs: number): void;
  onSignedOut(): void;
}

const QUIET_MS = 30_000;
const PROBE_EVERY_MS = 10_000;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Keeps one EventSource alive. The browser reconnects by itself after a network error, with Last-Event-ID; after a
 * refusal (401, 503) it gives up for good, so a new one is made here, after a growing pause and a look at the session.
 */
export function openStream(topics: readonly string[], listener: StreamListener): { close(): void } {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = 500;
  let lastHeardMs = Date.now();
  let closed = false;

  function connect(): void {
    source?.close();
    const current = new EventSource(`/stream?topics=${topics.join(",")}`);
    source = current;
    let fresh = true;
    current.addEventListener("hello", (event) => {
      lastHeardMs = Date.now();
      pauseMs = 500;
      serverTimeIs((JSON.parse(String(event.data)) as { server_time: string }).server_time);
      if (fresh) listener.onFresh();
      else listener.onResumed();
      fresh = false;
    });
    current.addEventListener("reset", () => listener.onFresh());
    for (const topic of topics) {
      current.addEventListener(topic, (event) => {
        lastHeardMs = Date.now();
        listener.onChange(topic, JSON.parse(String(event.data)) as unknown[]);
      });
    }
    current.addEventListener("error", () => {
      listener.onBroken(lastHeardMs);
      if (current.readyState === EventSource.CLOSED) again();
    });
  }

  function again(): void {
    if (closed) return;
    clearTimeout(retry);
    retry = setTimeout(() => void look(), pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }

  async function look(): Promise<void> {
    try {
      await get("/auth/me");
      if (!closed) connect();
    } catch (cause) {
      if (closed) return;
      if (cause instanceof Problem && cause.status === 401) listener.onSignedOut();
      else again();
    }
  }

  // The server's pings are comments, which EventSource hides: after a silence we ask, so that a dead line is not called live.
  const probe = setInterval(() => {
    if (source?.readyState === EventSource.OPEN && Date.now() - lastHeardMs > QUIET_MS) void knock();
  }, PROBE_EVERY_MS);

  async function knock(): Promise<void> {
    try {
      await get("/auth/me", AbortSignal.timeout(5000));
      lastHeardMs = Date.now();
    } catch {
      if (closed) return;
      source?.close();
      listener.onBroken(lastHeardMs);
      again();
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
