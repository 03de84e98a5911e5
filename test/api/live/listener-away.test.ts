import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveFeed, openLiveFeed } from "../../../api/live/feed.ts";
import { createListener, type PostgresListener } from "../../../infra/postgres/listener.ts";
import { createPool } from "../../../infra/postgres/pool.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../../support/tcp-proxy.ts";

const HEARTBEAT_MS = 100;
let db: TestDatabase;
let proxy: TcpProxy;
let proxied: ReturnType<typeof createPool>;
let listener: PostgresListener;
let feed: LiveFeed;

beforeAll(async () => {
  db = await createDatabase();
  const url = new URL(db.url);
  proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  url.hostname = "127.0.0.1";
  url.port = String(proxy.port);
  proxied = createPool(url.href, { max: 1, applicationName: "proxied" });
  const log = pino({ level: "silent" });
  listener = createListener(proxied, log, { heartbeatMs: HEARTBEAT_MS, timeoutMs: 1_000 });
  feed = openLiveFeed({ pool: db.pool, listener, log });
});
afterAll(async () => {
  await feed?.close();
  await listener?.close();
  await proxied?.end();
  await proxy?.close();
  await db?.drop();
});

function follow() {
  const heard: string[] = [];
  const client = feed.connect(new Set(["shipments"] as const), undefined);
  void (async () => {
    for await (const chunk of client.stream.pipeThrough(new TextDecoderStream())) heard.push(chunk);
  })();
  return { heard, client };
}

/** Waits until what was under way has been heard. @returns how much was heard */
async function quiet(heard: readonly string[]): Promise<number> {
  for (;;) {
    const before = heard.length;
    await new Promise((resolve) => setTimeout(resolve, 2 * HEARTBEAT_MS));
    if (heard.length === before) return before;
  }
}

test.each(["down", "silence"] as const)(
  "while Postgres does not prove that it is there (%s) viewers hear nothing, and then read everything again",
  async (fault) => {
    expect(await feed.isListening(10_000)).toBe(true);
    const { heard, client } = follow();
    await expect.poll(() => heard.filter((text) => text.includes(": ping")).length).toBeGreaterThan(2);
    proxy[fault]();
    if (fault === "down") await expect.poll(() => feed.isListening(0)).toBe(false);
    const before = await quiet(heard);
    await new Promise((resolve) => setTimeout(resolve, 6 * HEARTBEAT_MS));
    expect(heard.slice(before)).toEqual([]);
    proxy.up();
    await expect.poll(() => heard.slice(before).join("")).toContain("event: reset");
    const resetAt = heard.length;
    await expect.poll(() => heard.slice(resetAt).join("")).toContain(": ping");
    expect(await feed.isListening(0)).toBe(true);
    client.close();
  },
);
