import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { Pool } from "pg";
import type { Logger } from "pino";
import type { ResponseCache } from "../cache/response-cache.ts";
import type { ProbeResult } from "../deps.ts";
import type { ToolCounts } from "../integrations/mcp/tool-counts.ts";
import type { LiveFeed } from "../live/feed.ts";
import { type FigureReports, registerNodeMetrics } from "./node-metrics.ts";
import { registerIntegrationMetrics } from "./integration-metrics.ts";
import { createRequestMetrics, type RequestMetrics } from "./request-metrics.ts";

export interface MetricsSources {
  cache: ResponseCache;
  feed: LiveFeed;
  pool: Pool;
  log: Logger;
  toolCounts: ToolCounts;
  /** what the processes of this node report, this one included */
  figures: () => FigureReports;
  /** the state of each part, as `/readyz` has it; undefined: this process cannot know */
  parts: () => Promise<readonly (readonly [string, ProbeResult | undefined])[]>;
}

export interface Metrics {
  requests: RequestMetrics;
  contentType: string;
  /** everything in the text format of Prometheus */
  text(): Promise<string>;
}

/** All metrics of this process, and of its node. docs/operations.md lists them. */
export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry();
  const requests = createRequestMetrics(registry);
  registerCache(registry, sources);
  registerStream(registry, sources.feed);
  registerParts(registry, sources.parts);
  registerNodeMetrics(registry, sources.figures);
  registerIntegrationMetrics(registry, sources.pool, sources.log);
  registerToolCalls(registry, sources.toolCounts);
  collectDefaultMetrics({ register: registry });
  return { requests, contentType: registry.contentType, text: () => registry.metrics() };
}

function registerCache(registry: Registry, { cache }: MetricsSources): void {
  const asked: Counter = new Counter({
    name: "waystock_cache_requests_total",
    help: "Reads that may be answered from the cache: hit, miss, or stale (kept, while no notice of changes can arrive)",
    labelNames: ["outcome"],
    registers: [registry],
    collect() {
      asked.reset();
      for (const [outcome, count] of Object.entries(cache.counts)) asked.inc({ outcome }, count);
    },
  });
  gauge(registry, "waystock_cache_entries", "Responses that are kept", () => cache.size);
  gauge(registry, "waystock_listener_up", "1 while notices of changes arrive from Postgres", () =>
    cache.isListening ? 1 : 0,
  );
}

function registerToolCalls(registry: Registry, counts: ToolCounts): void {
  const calls: Counter = new Counter({
    name: "waystock_assistant_calls_total",
    help: "Calls of assistants, by tool: answered, refused (the assistant was told why), failed (a fault)",
    labelNames: ["tool", "outcome"],
    registers: [registry],
    collect() {
      calls.reset();
      for (const [tool, outcomes] of counts.totals)
        for (const [outcome, count] of outcomes) calls.inc({ tool, outcome }, count);
    },
  });
}

function registerStream(registry: Registry, feed: LiveFeed): void {
  gauge(registry, "waystock_stream_viewers", "Open live streams", () => feed.clientCount());
  const { counts } = feed;
  const total = (name: string, help: string, read: () => number): void => {
    const counter: Counter = new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        counter.reset();
        counter.inc(read());
      },
    });
  };
  total("waystock_stream_events_total", "Events that were serialised, each once", () => counts.events);
  total("waystock_stream_frames_total", "Frames that were sent to viewers", () => counts.frames);
  total("waystock_stream_bytes_total", "Bytes that were sent to viewers", () => counts.bytes);
  total(
    "waystock_stream_resumed_total",
    "SseClients that came back and got what they had missed",
    () => counts.resumed,
  );
  total("waystock_stream_resets_total", "SseClients that were told to read everything again", () => counts.resets);
  total("waystock_stream_slow_total", "SseClients that were disconnected because they did not read", () => counts.slow);
}

/** Asked once for each scrape. */
function registerParts(registry: Registry, parts: MetricsSources["parts"]): void {
  let asked: ReturnType<typeof parts> | undefined;
  const ask = () => (asked ??= parts().finally(() => (asked = undefined)));
  const lag: Gauge = new Gauge({
    name: "waystock_journal_lag_bytes",
    help: "Bytes of the journal that ingest has not committed, as the supervisor sees it",
    registers: [registry],
    async collect() {
      const bytes = (await ask()).find(([part]) => part === "lag")?.[1]?.detail;
      if (typeof bytes === "number") lag.set(bytes);
      else lag.remove();
    },
  });
  const ok: Gauge = new Gauge({
    name: "waystock_part_ok",
    help: "1 when a part of the platform is ok, as in /readyz",
    labelNames: ["part"],
    registers: [registry],
    async collect() {
      ok.reset();
      for (const [part, result] of await ask()) if (result) ok.set({ part }, result.ok ? 1 : 0);
    },
  });
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  const each: Gauge = new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      each.set(read());
    },
  });
}
