import { pino } from "pino";
import { expect } from "vitest";
import { startAlertEngine } from "../../../ingest/alerts/engine.ts";
import { ReceiptClock } from "../../../ingest/workers/receipt-clock.ts";
import { alertTest } from "../../api/alert-shop.ts";
import { connectTo } from "../../support/postgres.ts";
import { explainStatements } from "../../support/explained.ts";

const SOURCES = 20_000;

alertTest(
  "a kind of subject that cannot be assessed holds up no other; it is named, once in the log, until it goes on",
  async ({ api, shop }) => {
    const { pool, listener } = api.db;
    const lines: { level: number; msg: string }[] = [];
    const log = pino(
      {},
      { write: (line: string) => void lines.push(JSON.parse(line) as { level: number; msg: string }) },
    );
    await pool.query("ALTER TABLE quarantine_hours RENAME COLUMN messages TO lost");
    const engine = startAlertEngine(pool, listener, new ReceiptClock(), log);
    try {
      await shop.set(20);
      await shop.set(0);
      await expect.poll(() => shop.alerts("out_of_stock")).toMatchObject([{ state: "open" }]);
      await expect.poll(() => engine.failing()).toEqual(["sources"]);
      const goal = engine.ticks() + 20;
      await expect.poll(() => engine.ticks()).toBeGreaterThanOrEqual(goal);
      expect(lines.filter(({ level }) => level >= 50).map(({ msg }) => msg)).toEqual([
        expect.stringMatching(/^alerts about sources are neither opened nor closed; .*"?messages"? does not exist/),
      ]);
      expect(engine.lastError()).toBeUndefined();
      await pool.query("ALTER TABLE quarantine_hours RENAME COLUMN lost TO messages");
      await expect.poll(() => engine.failing()).toEqual([]);
      expect(lines.map(({ msg }) => msg)).toContain("alerts about sources work again");
    } finally {
      await engine.close();
    }
  },
);

alertTest("a kind of subject that takes long to assess holds up no stock", async ({ api, shop }) => {
  const own = connectTo(api.db);
  const client = await own.pool.connect();
  // Who looks at the sources of quarantine waits.
  await client.query("BEGIN");
  // On a busy machine it is held for longer than a transaction may be idle.
  await client.query("SET LOCAL idle_in_transaction_session_timeout = 0");
  await client.query("LOCK TABLE quarantine_hours IN ACCESS EXCLUSIVE MODE");
  const engine = startAlertEngine(own.pool, api.db.listener, new ReceiptClock(), pino({ level: "silent" }));
  const waits = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
  const waiting = async () => (await api.db.pool.query(waits)).rowCount;
  try {
    // This engine, and that of the ingest beside it.
    await expect.poll(waiting).toBe(2);
    await shop.set(20);
    await shop.set(0);
    await expect.poll(() => shop.alerts("out_of_stock")).toMatchObject([{ state: "open" }]);
    await expect.poll(waiting).toBe(2);
  } finally {
    await client.query("ROLLBACK");
    client.release();
    await engine.close();
    await own.drop();
  }
});

alertTest(
  "of the sources of two hours those are read that a rule may say something of, however many there are",
  async ({ api }) => {
    const { pool, listener } = api.db;
    await pool.query(
      `INSERT INTO quarantine_hours (source, hour, messages, bytes, kept)
    SELECT 'stranger-' || n, h, n % 19, 1, 1 FROM generate_series(1, $1) n, generate_series(date_trunc('hour', now()) - interval '3 hours', now(), interval '1 hour') h`,
      [SOURCES],
    );
    await pool.query("INSERT INTO devices (id, kind) VALUES ('broken-firmware', 'gps')");
    await pool.query(
      "INSERT INTO quarantine_hours (source, hour, messages, bytes, kept) VALUES ('broken-firmware', date_trunc('hour', now()), 5000, 1, 1)",
    );
    await pool.query("ANALYZE quarantine_hours");
    const own = connectTo(api.db);
    const explained = explainStatements(own.pool);
    const engine = startAlertEngine(own.pool, listener, new ReceiptClock(), pino({ level: "silent" }));
    try {
      const opened = async () =>
        (await pool.query("SELECT subject, state FROM alerts WHERE type = 'quarantine_rising'")).rows;
      await expect.poll(opened).toEqual([{ subject: "device:broken-firmware", state: "open" }]);
      const reads = () =>
        explained.flatMap((statement) => statement.reads).filter(({ table }) => table === "quarantine_hours");
      await expect.poll(() => reads().length).toBeGreaterThan(2);
      expect(Math.max(...reads().map(({ rows }) => rows))).toBeLessThan(10);
    } finally {
      await engine.close();
      await own.drop();
    }
  },
);
