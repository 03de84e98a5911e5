import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { pino } from "pino";
import { expect } from "vitest";
import { createPool } from "../../../infra/postgres/pool.ts";
import { startAwakeClock } from "../../support/awake-clock.ts";
import { networkTest } from "../../support/database-test.ts";

const log = pino({ level: "silent" });

const test = networkTest.extend("poolOf", async ({ throughNetwork }, { onCleanup }) => {
  const pools: pg.Pool[] = [];
  onCleanup(async () => void (await Promise.all(pools.map((pool) => pool.end()))));
  return (options: { max: number; statementMs?: number }) => {
    const pool = createPool(throughNetwork, { applicationName: "proven", log, ...options });
    pools.push(pool);
    return pool;
  };
});

test("a connection that breaks while it is lent ends no process, and is replaced", async ({ network, poolOf }) => {
  const uncaught: Error[] = [];
  const note = (error: Error) => uncaught.push(error);
  process.on("uncaughtException", note);
  const pool = poolOf({ max: 2 });
  const client = await pool.connect();
  const ended = new Promise<void>((resolve) => client.once("end", () => resolve()));
  network.down();
  await ended;
  await sleep(0);
  process.off("uncaughtException", note);
  expect(uncaught).toEqual([]);
  network.up();
  client.release(new Error("broken"));
  await expect(pool.query("SELECT 1 AS one")).resolves.toMatchObject({ rows: [{ one: 1 }] });
});

test("after the network went silent for good, eight idle connections cost one wait of two seconds", async ({
  network,
  poolOf,
}) => {
  const pool = poolOf({ max: 8 });
  const clients = await Promise.all(Array.from({ length: 8 }, () => pool.connect()));
  for (const client of clients) client.release();
  await sleep(1_100);
  network.blackhole();
  const awakeMs = startAwakeClock();
  await expect(pool.query("SELECT 1 AS one")).resolves.toMatchObject({ rows: [{ one: 1 }] });
  await Promise.all(Array.from({ length: 8 }, () => pool.query("SELECT pg_sleep(0.1)")));
  expect(awakeMs()).toBeLessThan(4_000);
});

test("a query that the silence has caught fails when its time is up, and the next one succeeds at once", async ({
  network,
  poolOf,
}) => {
  const pool = poolOf({ max: 2, statementMs: 500 });
  const [idle, other] = await Promise.all([pool.connect(), pool.connect()]);
  other.release();
  const caught = pool.query("SELECT pg_sleep(10)");
  const outcome = expect(caught).rejects.toThrow(/read timeout/);
  await sleep(50);
  idle.release();
  network.blackhole();
  const awakeMs = startAwakeClock();
  await outcome;
  expect(awakeMs()).toBeLessThan(4_000);
  const beforeMs = awakeMs();
  await pool.query("SELECT 1");
  expect(awakeMs() - beforeMs).toBeLessThan(1_500);
});

test("the server ends a statement that takes too long, and the locks of a client that has gone silent", async ({
  poolOf,
}) => {
  const pool = poolOf({ max: 1, statementMs: 300 });
  await expect(pool.query("SELECT pg_sleep(5)")).rejects.toMatchObject({ code: "57014" });
  const { rows } = await poolOf({ max: 1 }).query(
    `SELECT name, setting FROM pg_settings WHERE name IN
      ('TimeZone', 'statement_timeout', 'idle_in_transaction_session_timeout', 'tcp_keepalives_idle') ORDER BY lower(name)`,
  );
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    idle_in_transaction_session_timeout: "15000",
    statement_timeout: "10000",
    tcp_keepalives_idle: "5",
    TimeZone: "UTC",
  });
});
