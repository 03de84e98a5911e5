import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { expect } from "vitest";
import { startAlertEngine } from "../../../ingest/alerts/engine.ts";
import { ReceiptClock } from "../../../ingest/workers/receipt-clock.ts";
import { databaseTest as test } from "../../support/database-test.ts";
import { connectTo } from "../../support/postgres.ts";

/** The notices are heard so long after the start, milliseconds: many of the engine's intervals. */
const LISTENING_AFTER_MS = 500;
/** A second pass over three devices would be over by then, milliseconds. */
const REST_MS = 1_500;

test("a start assesses every device once, however late its notices are heard", async ({ db, onTestFinished }) => {
  await db.pool.query("INSERT INTO devices (id, kind) VALUES ('t-1', 'gps'), ('t-2', 'gps'), ('t-3', 'gps')");
  const own = connectTo(db);
  const { pool } = own;
  const query = pool.query.bind(pool) as (...args: unknown[]) => unknown;
  let passes = 0;
  pool.query = ((...args: unknown[]) => {
    if ((args[0] as { name?: string }).name === "devices_to_assess") passes += 1;
    return query(...args);
  }) as typeof pool.query;
  const late = {
    subscribe(subscriber: Parameters<typeof own.listener.subscribe>[0]) {
      let end = () => undefined as unknown;
      const timer = setTimeout(() => (end = own.listener.subscribe(subscriber)), LISTENING_AFTER_MS);
      return () => (clearTimeout(timer), end());
    },
  };
  const engine = startAlertEngine(pool, late, new ReceiptClock(), pino({ level: "silent" }));
  onTestFinished(async () => {
    await engine.close();
    await own.drop();
  });

  await expect.poll(() => passes, { timeout: 20_000 }).toBe(1);
  await sleep(REST_MS);
  expect(passes).toBe(1);
});
