import { expect, onTestFinished, test } from "vitest";
import { estimateArrivals, estimatePage } from "../../../ingest/workers/estimates/arrival-estimates.ts";
import { createPool } from "../../../infra/postgres/pool.ts";
import { explainStatements } from "../../support/explained.ts";
import { createDatabase } from "../../support/postgres.ts";

/** Shipments of a product to a shop, by so many trucks that stand a little away from it; those not aboard wait at a depot. */
async function underWay({ aboard, waiting, trucks }: { aboard: number; waiting: number; trucks: number }) {
  const db = await createDatabase();
  onTestFinished(() => db.drop());
  await db.pool.query(`INSERT INTO items (sku, name) VALUES ('tea', 'Tea');
    INSERT INTO locations (name, stage, geofence) VALUES ('Shop', 'delivery', '{"lat": 48, "lon": 11.5, "radius_m": 500}')`);
  await db.pool.query("INSERT INTO vehicles (name) SELECT 'Truck ' || n FROM generate_series(1, $1::int) n", [trucks]);
  await db.pool.query(
    `INSERT INTO vehicle_positions (vehicle_id, device_id, ts, received_at, lat, lon)
    SELECT id, 'tracker', now(), now(), 47.5, 11.5 FROM vehicles`,
  );
  await db.pool.query(
    `INSERT INTO shipments (tracking_number, product_name, item_id, quantity, status, stage, stage_since, created_at, destination_id, vehicle_id)
    SELECT 'T' || n, 'Tea', (SELECT min(id) FROM items), 1, 'in_transit', 'transportation', now(), now(), (SELECT max(id) FROM locations),
      CASE WHEN n <= $1 THEN (SELECT min(id) FROM vehicles) + n % $3::int END
    FROM generate_series(1, $1::int + $2::int) n`,
    [aboard, waiting, trucks],
  );
  const estimates = async () => {
    const { rows } = await db.pool.query<{ count: number }>("SELECT count(*)::int AS count FROM arrival_estimates");
    return rows[0]!.count;
  };
  return { db, estimates };
}

test("arrivals are estimated page by page, of what vehicles carry alone, and an estimate goes with its page", async () => {
  const { db, estimates } = await underWay({ aboard: 25, waiting: 30, trucks: 3 });
  let after: number | undefined = 0;
  for (const known of [10, 20, 25]) {
    after = await estimatePage(db.pool, after!, 10);
    expect(await estimates()).toBe(known);
  }
  expect(after).toBeUndefined();
  // What is unloaded, and what has arrived; one of them was the last.
  await db.pool.query("UPDATE shipments SET vehicle_id = NULL WHERE tracking_number = 'T7'");
  await db.pool.query("UPDATE shipments SET status = 'delivered' WHERE tracking_number = 'T25'");
  after = await estimatePage(db.pool, 0, 10);
  expect(await estimates()).toBe(24);
  await estimatePage(db.pool, (await estimatePage(db.pool, after!, 10))!, 10);
  expect(await estimates()).toBe(23);
  await db.pool.query("UPDATE shipments SET status = 'cancelled'");
  await estimateArrivals(db.pool, 10);
  expect(await estimates()).toBe(0);
});

test("a page reads no more rows than it takes, with 10,000 shipments aboard and as many that wait", async () => {
  const { db } = await underWay({ aboard: 10_000, waiting: 10_000, trucks: 100 });
  await estimateArrivals(db.pool);
  await db.pool.query("ANALYZE");
  const pool = createPool(db.url, { max: 1, applicationName: "explained" });
  onTestFinished(() => pool.end());
  const explained = explainStatements(pool);
  expect(await estimatePage(pool, 4_000, 100)).toBe(4_100);
  const reads = explained.flatMap((statement) => statement.reads);
  expect(reads.map(({ index }) => index)).toContain("shipments_aboard");
  // The trails are those of a hundred trucks: too few for an index.
  expect(reads.filter(({ table, rows }) => table !== "vehicle_trails" && rows > 1_000)).toEqual([]);
});

test("an estimate tells the newest position when no newer one comes, and is not written again for nothing", async () => {
  const { db } = await underWay({ aboard: 1, waiting: 0, trucks: 1 });
  const told = async () => {
    await estimateArrivals(db.pool);
    const { rows } = await db.pool.query<{ at: Date; written: Date }>(
      "SELECT position_at AS at, estimated_at AS written FROM arrival_estimates",
    );
    return rows[0]!;
  };
  /** @param heard how long ago, seconds */
  const moveTo = async (at: string, heard: number): Promise<void> => {
    await db.pool.query(
      "UPDATE vehicle_positions SET ts = $1, received_at = clock_timestamp() - make_interval(secs => $2::float8)",
      [at, heard],
    );
  };
  // Of hours ago, as after an outage: no arrival can be told from it.
  await moveTo("2026-03-01T08:00:00Z", 5);
  const first = await told();
  expect(first.at.toISOString()).toBe("2026-03-01T08:00:00.000Z");
  // Heard just now, however long the machine stands still meanwhile.
  await moveTo("2026-03-01T09:00:00Z", -60);
  expect(await told()).toEqual(first);
  await moveTo("2026-03-01T09:30:00Z", 5);
  const last = await told();
  expect(last.at.toISOString()).toBe("2026-03-01T09:30:00.000Z");
  await db.pool.query("UPDATE arrival_estimates SET estimated_at = estimated_at - interval '10 minutes'");
  const old = new Date(last.written.getTime() - 600_000);
  expect(await told()).toEqual({ at: last.at, written: old });
});
