import { expect } from "vitest";
import { createPool } from "../../../infra/postgres/pool.ts";
import { ReceiptClock } from "../../../ingest/workers/receipt-clock.ts";
import { assessRemovals } from "../../../ingest/workers/unexplained-removal.ts";
import { ingestTest } from "../../support/ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
const POSITIONS = 40;
/** BEGIN, lock, claim, lock of the positions, facts, newest readings, writes, COMMIT */
const STATEMENTS = 8;

ingestTest(
  "the removals of many positions are judged together, in a transaction of few statements",
  async ({ db, world }) => {
    const shop = await world.location("shop", "storage");
    const stock: number[] = [];
    for (let i = 0; i < POSITIONS; i += 1) stock.push(await world.stock(await world.item(`MANY-${i}`), shop, "scale"));
    await db.pool.query(
      `INSERT INTO facts (key, subject, at, type, data, rule)
     SELECT 'counted:' || id, 'stock:' || id, to_timestamp($2), 'counted', '{"quantity": 7, "change": -3, "source": "scale"}', 'scale-count'
     FROM unnest($1::int[]) AS id`,
      [stock, T / 1000],
    );
    await db.pool.query(
      `INSERT INTO timers (rule, subject, fires_at) SELECT 'unexplained-removal', id || ' ' || $2::text, to_timestamp(0) FROM unnest($1::int[]) AS id`,
      [stock, T],
    );
    const pool = createPool(db.url, { max: 1, applicationName: "waystock test" });
    let statements = 0;
    pool.on("connect", (client) => {
      const query = client.query.bind(client) as (...args: unknown[]) => unknown;
      client.query = ((...args: unknown[]) => {
        statements += 1;
        return query(...args);
      }) as typeof client.query;
    });
    try {
      const node = { journalId: "0190a1a0-0000-7000-8000-000000000000", reached: T + 3_600_000 };
      expect(await assessRemovals(pool, node, new ReceiptClock())).toBe(true);
    } finally {
      await pool.end();
    }
    expect(statements).toBeLessThanOrEqual(STATEMENTS);
    const { rows } = await db.pool.query(
      "SELECT count(*) FROM facts WHERE type = 'unexplained_removal' AND subject LIKE 'removals:%'",
    );
    expect(rows).toEqual([{ count: POSITIONS }]);
    expect((await db.pool.query("SELECT count(*) FROM timers")).rows).toEqual([{ count: 0 }]);
  },
);
