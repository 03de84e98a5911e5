import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { addClient, tokenOfClient } from "../api/auth/client-support.ts";
import { startApi, type TestApi } from "../api/support.ts";
import { type ExplainedStatement, explainStatements } from "../support/explained.ts";
import { expectFewRows } from "../support/few-rows.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 1_200_000 });

/** A year of a thousand places: with `LONG=1` a million stays, of which each is two events. */
const SHIPMENTS = process.env["LONG"] === "1" ? 333_000 : 30_000;
const PLACES = 1_000;
const HOURS = 24 * 365;
/** Of a thousand places one or another works in each hour. */
const PLACE_HOURS = process.env["LONG"] === "1" ? 2_000_000 : 100_000;

let api: TestApi;
let explained: ExplainedStatement[];
const tokens = new Map<string, string>();

/** No trigger runs: sums are filled as they would be. */
async function fill(databaseUrl: string): Promise<void> {
  const url = new URL(inject("postgresAdminUrl"));
  url.pathname = new URL(databaseUrl).pathname;
  const client = new pg.Client(url.href);
  await client.connect();
  try {
    await client.query(`SET session_replication_role = replica;
      CREATE FUNCTION pg_temp.spread(n integer, size integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT abs(hashint4(n) % size) $$;
      INSERT INTO locations (name, stage, capacity_units) SELECT 'place ' || n, (ARRAY['production','storage','delivery'])[1 + n % 3], 1000 FROM generate_series(1, ${PLACES}) n;
      INSERT INTO items (sku, name) SELECT 'SKU-' || n, 'product ' || n FROM generate_series(1, 100) n;
      INSERT INTO inventory_items (item_id, location_id, quantity, measured_at) SELECT 1 + n / ${PLACES}, 1 + n % ${PLACES}, 100, now() FROM generate_series(0, 9999) n;
      INSERT INTO shipments (tracking_number, product_name, quantity, status, stage, stage_since, location_id, origin_id, destination_id, due_at, created_at)
        SELECT 'B' || n, 'goods', 1 + n % 40, CASE WHEN n % 50 = 0 THEN 'in_storage' ELSE 'delivered' END, 'storage', now(), 1 + n % ${PLACES},
          1 + n % ${PLACES}, 1 + (n * 7) % ${PLACES}, now() - n * interval '365 days' / ${SHIPMENTS}, now() FROM generate_series(1, ${SHIPMENTS}) n;
      INSERT INTO shipment_stays (shipment_id, from_at, to_at, stage, location_id, ended_by, units)
        SELECT s.id, s.due_at - interval '8 hours' * (3 - k), CASE WHEN k < 2 OR s.status = 'delivered' THEN s.due_at - interval '8 hours' * (3 - k) + interval '1 minute' * (30 + pg_temp.spread(s.id + k, 600)) END,
          (ARRAY['production','storage','delivery'])[k + 1], 1 + (s.id * (k + 3)) % ${PLACES}, CASE WHEN k < 2 THEN 'moved' WHEN s.status = 'delivered' THEN 'delivered' END, s.quantity
        FROM shipments s, generate_series(0, 2) k;
      INSERT INTO place_hours SELECT 1 + pg_temp.spread(n, ${PLACES}), hour_of(now()) - pg_temp.spread(n + 1, ${HOURS}) * interval '1 hour', 'storage', 0, 1, 10, 1, 10
        FROM generate_series(1, ${PLACE_HOURS}) n ON CONFLICT DO NOTHING;
      INSERT INTO stock_hours SELECT 1 + pg_temp.spread(n, 10000), hour_of(now()) - pg_temp.spread(n + 1, ${HOURS}) * interval '1 hour', 5, 5, 0, 0, 0
        FROM generate_series(1, ${PLACE_HOURS}) n ON CONFLICT DO NOTHING;`);
    await client.query("VACUUM ANALYZE");
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  api = await startApi();
  explained = explainStatements(api.db.pool, { withQueries: true });
  await fill(api.db.url);
  tokens.set("an administrator", await api.tokenOf("admin"));
  const admin = await api.as("admin");
  const limits = { location_ids: [5, 6, 7] };
  tokens.set(
    "a client of three places",
    await tokenOfClient(api, await addClient(admin, { name: "three", role: "manager", ...limits })),
  );
});
afterAll(() => api?.close());

const day = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);

/** What a page of 50 may read: so many rows, and so many for each of all stays. */
describe.each([
  ["/analytics/dwell", 12_000, 0.1],
  [`/analytics/dwell?from=${day(365)}`, 12_000, 0.3],
  ["/analytics/dwell?location_id=7", 3_000, 0.01],
  ["/analytics/bottlenecks", 5_000, 1.1],
  ["/analytics/bottlenecks?location_id=7", 5_000, 0.2],
  ["/analytics/throughput", 6_000, 0],
  [`/analytics/throughput?from=${day(365)}`, 6_000, 0],
  [`/analytics/throughput?from=${day(365)}&interval=hour&location_id=7`, 12_000, 0],
  ["/analytics/on-time?by=lane", 10_000, 0.5],
  ["/analytics/turns", 6_000, 0],
  [`/analytics/turns?from=${day(365)}`, 6_000, 0],
  ["/analytics/space", 6_000, 0],
  ["/analytics/inventory", 6_000, 0],
] as const)("GET %s", (path, rows, share) => {
  test("reads a part of a year of a thousand places, by indexes, whoever asks", async () => {
    for (const [who, token] of tokens) {
      explained.length = 0;
      const { status } = await api.app.request(path, { headers: { Authorization: `Bearer ${token}` } });
      expect(status).toBe(200);
      const where = `${who}: GET ${path}`;
      const maxRows = rows + share * 3 * SHIPMENTS;
      const reads = expectFewRows(explained, where, maxRows, (table) => table === "shipments");
      if (process.env["TIMES"] === "1") {
        const read = reads.reduce((sum, each) => sum + each.rows, 0);
        console.log(where, read, explained.map(({ milliseconds }) => Math.round(milliseconds)).join(" "));
      }
    }
  });
});
