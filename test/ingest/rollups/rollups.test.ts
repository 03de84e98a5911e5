import fc from "fast-check";
import type pg from "pg";
import { expect, vi } from "vitest";
import { sumDueHours } from "../../../ingest/rollups/rollup-worker.ts";
import { databaseTest } from "../../support/database-test.ts";

vi.setConfig({ testTimeout: 120_000 });

const T = Date.parse("2026-03-01T00:00:00Z");
const HOUR_MS = 3_600_000;
const KEPT_DAYS = 36_500;
const PLACES = [1, 2, null] as const;
const STAGES = ["production", "storage", "transportation"] as const;

/** Sums all hours that are due, a few at a time. */
async function settle(pool: pg.Pool, batchSize = 7): Promise<void> {
  while (await sumDueHours(pool, KEPT_DAYS, batchSize));
}

/** What the sums must be, from what they are made of. */
const PLACE_SUMS = `SELECT location_id, hour, stage, owner_id, sum(i)::int AS shipments_in, sum(i * units)::bigint AS units_in,
    sum(1 - i)::int AS shipments_out, sum((1 - i) * units)::bigint AS units_out FROM (
  SELECT coalesce(location_id, 0) AS location_id, date_trunc('hour', from_at, 'UTC') AS hour, stage, coalesce(owner_id, 0) AS owner_id, units, 1 AS i FROM shipment_stays
  UNION ALL SELECT coalesce(location_id, 0), date_trunc('hour', to_at, 'UTC'), stage, coalesce(owner_id, 0), units, 0 FROM shipment_stays WHERE to_at IS NOT NULL) s
  GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`;
const STOCK_SUMS = `SELECT inventory_item_id, date_trunc('hour', at, 'UTC') AS hour, sum(delta)::bigint AS net_units FROM movements
  GROUP BY 1, 2 ORDER BY 1, 2`;

const rowsOf = async (pool: pg.Pool, sql: string): Promise<object[]> => (await pool.query(sql)).rows;

const stay = fc.record({
  shipment: fc.integer({ min: 1, max: 4 }),
  from: fc.integer({ min: 0, max: 6 * 60 }),
  minutes: fc.option(fc.integer({ min: 0, max: 300 })),
  place: fc.constantFrom(...PLACES),
  stage: fc.constantFrom(...STAGES),
});
const step = fc.oneof(
  fc.record({ do: fc.constant("stay" as const), stay }),
  fc.record({ do: fc.constant("gone" as const), shipment: fc.integer({ min: 1, max: 4 }) }),
  fc.record({
    do: fc.constant("owner" as const),
    shipment: fc.integer({ min: 1, max: 4 }),
    owner: fc.integer({ min: 7, max: 8 }),
  }),
  fc.record({
    do: fc.constant("moved" as const),
    id: fc.integer({ min: 1, max: 6 }),
    minute: fc.integer({ min: 0, max: 360 }),
    delta: fc.integer({ min: -9, max: 9 }),
  }),
  fc.record({ do: fc.constant("unmoved" as const), id: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ do: fc.constant("sum" as const) }),
);

databaseTest("hourly sums are the sums of what happened, whatever becomes known when", async ({ db: { pool } }) => {
  await pool.query(`INSERT INTO shipments (tracking_number, product_name, quantity, status, stage, stage_since, created_at)
    SELECT 'R' || n, 'x', n * 10, 'in_storage', 'storage', now(), now() FROM generate_series(1, 4) n`);
  await pool.query(
    `INSERT INTO parties (id, name, roles) OVERRIDING SYSTEM VALUE VALUES (7, 'a', '["owner"]'), (8, 'b', '["owner"]')`,
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await pool.query("DELETE FROM shipment_stays; DELETE FROM movements; UPDATE shipments SET owner_id = NULL");
      for (const each of steps) {
        if (each.do === "stay") {
          const { shipment, from, minutes, place, stage } = each.stay;
          const to = minutes === null ? null : new Date(T + (from + minutes) * 60_000);
          await pool.query(
            `INSERT INTO shipment_stays (shipment_id, from_at, to_at, stage, location_id, ended_by, owner_id, units)
            SELECT id, $2, $3, $4, $5, CASE WHEN $3::timestamptz IS NOT NULL THEN 'moved' END, owner_id, quantity FROM shipments WHERE id = $1
            ON CONFLICT (shipment_id, from_at) DO UPDATE SET to_at = excluded.to_at, ended_by = excluded.ended_by, stage = excluded.stage, location_id = excluded.location_id`,
            [shipment, new Date(T + from * 60_000), to, stage, place],
          );
        } else if (each.do === "gone")
          await pool.query("DELETE FROM shipment_stays WHERE shipment_id = $1", [each.shipment]);
        else if (each.do === "owner")
          await pool.query("UPDATE shipments SET owner_id = $2 WHERE id = $1", [each.shipment, each.owner]);
        else if (each.do === "moved")
          await pool.query(
            `INSERT INTO movements (id, inventory_item_id, at, delta, level) VALUES ($1::bigint, 1 + $1::bigint % 2, $2, $3, 0)
            ON CONFLICT (id) DO UPDATE SET at = excluded.at, delta = excluded.delta`,
            [each.id, new Date(T + each.minute * 60_000), each.delta],
          );
        else if (each.do === "unmoved") await pool.query("DELETE FROM movements WHERE id = $1", [each.id]);
        else await sumDueHours(pool, KEPT_DAYS, 3);
      }
      await settle(pool);
      expect(await rowsOf(pool, "SELECT * FROM place_hours ORDER BY 1, 2, 3, 4")).toEqual(
        await rowsOf(pool, PLACE_SUMS),
      );
      const sums = "SELECT inventory_item_id, hour, net_units FROM stock_hours ORDER BY 1, 2";
      expect(await rowsOf(pool, sums)).toEqual(await rowsOf(pool, STOCK_SUMS));
    }),
    { numRuns: 30 },
  );
});

databaseTest("what is older than is kept is not summed again", async ({ db: { pool } }) => {
  await pool.query("DELETE FROM place_hours; DELETE FROM place_hours_due");
  await pool.query(
    "INSERT INTO place_hours_due (location_id, hour) VALUES (1, now() - interval '40 days'), (1, hour_of(now()))",
  );
  await pool.query(
    `INSERT INTO place_hours VALUES (1, hour_of(now() - interval '40 days'), 'storage', 0, 5, 5, 5, 5), (1, hour_of(now()), 'storage', 0, 5, 5, 5, 5)`,
  );
  await sumDueHours(pool, 30, 100);
  const { rows } = await pool.query<{ hour: Date }>("SELECT hour FROM place_hours");
  expect(rows.map(({ hour }) => Date.now() - hour.getTime() > 30 * 24 * HOUR_MS)).toEqual([true]);
});

databaseTest("two nodes that sum at once end the same as one", async ({ db: { pool } }) => {
  await pool.query("DELETE FROM shipment_stays; DELETE FROM place_hours");
  await pool.query(`INSERT INTO shipment_stays (shipment_id, from_at, stage, location_id, units)
    SELECT 1, now() - n * interval '17 minutes', 'storage', 1 + n % 3, 10 FROM generate_series(1, 200) n`);
  const node = async (): Promise<void> => {
    const due = async () => (await pool.query("SELECT FROM place_hours_due LIMIT 1")).rowCount === 1;
    while (await due()) await sumDueHours(pool, KEPT_DAYS, 5);
  };
  await Promise.all([node(), node()]);
  expect(await rowsOf(pool, "SELECT * FROM place_hours ORDER BY 1, 2, 3, 4")).toEqual(await rowsOf(pool, PLACE_SUMS));
});
