import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../api/support.ts";

const KEYS = 1_000;
const PARALLEL = 5;
/** Keys whose requests are under way at once. */
const AT_ONCE = 6;
const SHIPMENTS = 100_000;

let api: TestApi;
let call: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi({ apiRate: { perSecond: 0, burst: 0 } });
  call = await api.as("admin");
});
afterAll(() => api?.close());

test("1,000 keys sent five times at once each have 1,000 effects, and five equal answers each", async () => {
  const site = Number((await call("POST /locations", { name: "Yard", stage: "storage" })).body["id"]);
  const kinds = [
    (n: number) => ["POST /shipments", { product_name: `goods ${n}`, quantity: 1, location: site }] as const,
    (n: number) => ["POST /vehicles", { name: `truck ${n}` }] as const,
    (n: number) => ["POST /items", { sku: `sku-${n}`, name: "part" }] as const,
  ];
  const ids = new Map<string, Set<unknown>>();
  async function sendAll(from: number): Promise<void> {
    for (let n = from; n < KEYS; n += AT_ONCE) {
      const [request, body] = kinds[n % kinds.length]!(n);
      const key = { "Idempotency-Key": `key-${n}` };
      const answers = await Promise.all(Array.from({ length: PARALLEL }, () => call(request, body, key)));
      for (const { status, body } of answers) expect([status, body]).toEqual([201, answers[0]!.body]);
      const known = ids.get(request) ?? new Set();
      ids.set(request, known.add(answers[0]!.body["id"]));
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, from) => sendAll(from)));
  expect([...ids.values()].reduce((sum, { size }) => sum + size, 0)).toBe(KEYS);
  for (const table of ["shipments", "vehicles", "items"]) {
    const { rows } = await api.db.pool.query<{ id: number }>(`SELECT id FROM ${table}`);
    expect(new Set(rows.map(({ id }) => id)), table).toEqual(ids.get(`POST /${table}`));
  }
  const { rows } = await api.db.pool.query("SELECT count(*)::int AS n FROM facts WHERE type = 'created'");
  expect(rows).toEqual([{ n: ids.get("POST /shipments")!.size }]);
}, 300_000);

test("100,000 shipments are paged while others are inserted: none twice, none left out", async () => {
  await api.db.pool.query("ALTER TABLE shipments DISABLE TRIGGER USER");
  const insert = (count: number) =>
    api.db.pool.query<{ id: number }>(
      `INSERT INTO shipments (tracking_number, product_name, quantity, status, stage, stage_since, created_at)
      SELECT 'P' || nextval('tracking_numbers'), 'paged', 1, 'in_storage', 'storage', now(), now() FROM generate_series(1, $1::int) RETURNING id`,
      [count],
    );
  for (let at = 0; at < SHIPMENTS; at += 10_000) await insert(10_000);
  const { rows } = await api.db.pool.query<{ id: number }>("SELECT id FROM shipments");
  const before = new Set(rows.map(({ id }) => id));
  const seen = new Set<number>();
  let reading = true;
  const inserting = (async () => {
    let inserted = 0;
    for (; reading; inserted += 7) await insert(7);
    return inserted;
  })();
  // What is inserted meanwhile is met at the end; there the pages stop being full for a moment.
  for (let next: string | undefined = "/shipments?limit=200"; next !== undefined && seen.size < before.size * 2;) {
    const { status, body, headers } = await call(`GET ${next}`);
    expect(status).toBe(200);
    for (const { id } of body as unknown as { id: number }[]) {
      expect(seen.has(id), `shipment ${id} came twice`).toBe(false);
      seen.add(id);
    }
    next = /^<(.*)>/.exec(headers.get("Link") ?? "")?.[1];
  }
  reading = false;
  expect(await inserting).toBeGreaterThan(0);
  expect([...before].filter((id) => !seen.has(id))).toEqual([]);
}, 300_000);
