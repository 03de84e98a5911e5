import type pg from "pg";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createListener, type PostgresListener } from "../../../infra/postgres/listener.ts";
import { createPool } from "../../../infra/postgres/pool.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../../support/tcp-proxy.ts";

const TIMES = { heartbeatMs: 100, timeoutMs: 1_000 };
let db: TestDatabase;
let proxy: TcpProxy;
let pool: pg.Pool;
let listener: PostgresListener;
let unsubscribe: () => void;
let heard: string[];

beforeAll(async () => {
  db = await createDatabase();
  const url = new URL(db.url);
  proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  url.hostname = "127.0.0.1";
  url.port = String(proxy.port);
  pool = createPool(url.href, { max: 1, applicationName: "proxied" });
});
afterAll(async () => {
  await pool.end();
  await proxy.close();
  await db.drop();
});
beforeEach(async () => {
  heard = [];
  listener = createListener(pool, pino({ level: "silent" }), TIMES);
  unsubscribe = listener.subscribe({
    channel: "news",
    onNotify: (payload) => heard.push(payload),
    onListening: () => heard.push("(listening)"),
    onLost: () => heard.push("(lost)"),
  });
  await expect.poll(() => heard).toEqual(["(listening)"]);
  return () => listener.close();
});

const notify = (payload: string) => db.pool.query("SELECT pg_notify('news', $1), pg_notify('other', 'no')", [payload]);

/** Connections of listeners that the server knows. */
async function connections(): Promise<number> {
  const { rows } = await db.pool.query<{ count: number }>(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'proxied listener'",
  );
  return rows[0]!.count;
}

test("tells each subscriber of its own channel, without a connection of the pool", async () => {
  await pool.query("SELECT 1");
  await notify("one");
  await expect.poll(() => heard).toEqual(["(listening)", "one"]);
  const later: string[] = [];
  listener.subscribe({ channel: "other", onNotify: (payload) => later.push(payload), onListening: () => undefined });
  unsubscribe();
  await expect.poll(async () => (await notify("two"), later)).toContain("no");
  expect(heard).toEqual(["(listening)", "one"]);
  expect(await connections()).toBe(1);
});

test("a connection that the server ends is replaced, and subscribers are told to read again", async () => {
  await db.pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'proxied listener'",
  );
  await expect.poll(() => heard).toEqual(["(listening)", "(lost)", "(listening)"]);
  await notify("again");
  await expect.poll(() => heard).toContain("again");
});

test("a connection that goes silent without an end is replaced within the heartbeat and its time limit", async () => {
  proxy.silence();
  await notify("unheard");
  await expect.poll(() => heard).toEqual(["(listening)", "(lost)", "(listening)"]);
  await notify("again");
  await expect.poll(() => heard).toContain("again");
  expect(heard).not.toContain("unheard");
  await expect.poll(connections).toBe(1);
});

test("an outage of any length is survived, and closing during one takes no time", async () => {
  proxy.down();
  await expect.poll(() => heard).toContain("(lost)");
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  proxy.up();
  await expect.poll(() => heard.at(-1)).toBe("(listening)");
  proxy.silence();
  const before = performance.now();
  await listener.close();
  expect(performance.now() - before).toBeLessThan(3_000);
  proxy.down();
  await expect.poll(connections).toBe(0);
  proxy.up();
});
