import { parse } from "csv-parse/sync";
import { expect, test as base } from "vitest";
import { chainAudit, forgetAudit } from "../../ingest/stores/queries/retention/audit-chain.ts";
import { startApi } from "../api/support.ts";

const test = base
  // oxlint-disable-next-line eslint/no-empty-pattern -- vitest reads from the pattern which fixtures are needed
  .extend("api", async ({}, { onCleanup }) => {
    const api = await startApi();
    onCleanup(() => api.close());
    return api;
  })
  .extend("admin", ({ api }) => api.as("admin"));

interface Entry {
  id: number;
  action: string;
  actor: string;
  outcome: string;
  detail: { before?: Record<string, unknown>; after?: Record<string, unknown>; changed?: string[] };
}

test("a change says what it changed: before and after, and nothing else", async ({ admin }) => {
  const entries = async (query: string) => (await admin(`GET /audit?${query}`)).body as unknown as Entry[];
  const shop = await admin("POST /locations", { name: "Shop", stage: "delivery" });
  const path = `/locations/${shop.body["id"] as number}`;
  await admin(`PUT ${path}`, { name: "Corner shop" });
  await admin(`PUT ${path}`, { name: "Corner shop" });
  await admin(`DELETE ${path}`);
  const [removed, same, renamed] = await entries(`subject=${path}`);
  expect(removed!.detail).toMatchObject({ before: { id: shop.body["id"], name: "Corner shop", stage: "delivery" } });
  expect(removed!.detail).not.toHaveProperty("after");
  expect(same!.detail).toMatchObject({ before: {}, after: {} });
  expect(renamed!.detail).toMatchObject({ before: { name: "Shop" }, after: { name: "Corner shop" } });
  expect(Object.keys(renamed!.detail.after!)).toEqual(["name"]);
  const [created] = await entries(`action=${encodeURIComponent("POST /locations")}`);
  expect(created!.detail).toMatchObject({ after: { name: "Shop", stage: "delivery" } });
});

test("what is told of before is what was changed, also where another change came in between", async ({
  api,
  admin,
}) => {
  const made = async (path: string, body: object) => (await admin(`POST ${path}`, body)).body["id"] as number | string;
  const place = await made("/locations", { name: "one" });
  const vehicle = await made("/vehicles", { name: "one" });
  const device = await made("/devices", { id: "gate", kind: "rfid", name: "one" });
  const user = await made("/users", { email: "one@waystock.test", name: "one", role: "viewer" });
  const shipment = await made("/shipments", { product_name: "x", quantity: 1, location: place, reference: "one" });
  const order = await made("/orders", {
    ...{ kind: "customer", reference: "one" },
    lines: [{ item_id: await made("/items", { sku: "s", name: "s" }), quantity: 1 }],
  });
  const cases = [
    ["locations", place, "name"],
    ["vehicles", vehicle, "name"],
    ["devices", device, "name"],
    ["users", user, "name"],
    ["shipments", shipment, "reference"],
    ["orders", order, "reference"],
  ] as const;
  for (const [table, id, field] of cases) {
    const other = await api.db.pool.connect();
    await other.query("BEGIN");
    await other.query(`UPDATE ${table} SET ${field} = 'two', version = version + 1 WHERE id = $1`, [id]);
    const change = admin(`PUT /${table}/${id}`, { [field]: "three" });
    await expect
      .poll(async () => {
        const { rows } = await api.db.pool.query(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND state = 'active'",
        );
        return rows.length;
      })
      .toBe(1);
    await other.query("COMMIT");
    other.release();
    expect((await change).status, table).toBe(200);
    const [entry] = (await admin(`GET /audit?limit=1&subject=/${table}/${id}`)).body as unknown as Entry[];
    expect(entry!.detail, table).toMatchObject({ before: { [field]: "two" }, after: { [field]: "three" } });
  }
});

test("handling, stock, orders, users and devices say what became of them; a secret is in none of it", async ({
  admin,
}) => {
  const id = (answer: { body: Record<string, unknown> }) => answer.body["id"] as number;
  const store = id(await admin("POST /locations", { name: "Store", stage: "storage" }));
  const vehicle = id(await admin("POST /vehicles", { name: "Truck 7" }));
  const item = id(await admin("POST /items", { sku: "N-5", name: "Nuts" }));
  const shipment = id(await admin("POST /shipments", { product_name: "Nuts", quantity: 1, location: store }));
  const stock = id(await admin("POST /inventory-items", { item_id: item, location_id: store, quantity: 5 }));
  const order = id(await admin("POST /orders", { kind: "customer", lines: [{ item_id: item, quantity: 2 }] }));
  const password = "correct horse battery";
  const user = id(await admin("POST /users", { email: "a@waystock.test", role: "viewer", password }));
  const device = await admin("POST /devices", { id: "gate-7", kind: "rfid" });
  await admin(`POST /shipments/${shipment}/load`, { vehicle_id: vehicle });
  await admin(`PUT /inventory-items/${stock}`, { quantity: 4 });
  await admin(`PUT /reorder-points/${stock}`, { reorder_point: 3 });
  await admin(`PUT /orders/${order}`, { status: "approved" });
  await admin(`PUT /users/${user}`, { role: "auditor", password: "another horse battery" });
  await admin("PUT /devices/gate-7", { name: "Gate 7" });
  const answer = await admin("GET /audit?limit=200");
  const changes = Object.fromEntries((answer.body as unknown as Entry[]).map(({ action, detail }) => [action, detail]));
  const expected: Record<string, object> = {
    "POST /shipments/{id}/load": { before: { vehicle_id: null }, after: { vehicle_id: vehicle } },
    "PUT /inventory-items/{id}": { before: { quantity: 5 }, after: { quantity: 4 } },
    "PUT /reorder-points/{id}": { before: { reorder_point: 0 }, after: { reorder_point: 3 } },
    "PUT /orders/{id}": { before: { status: "draft" }, after: { status: "approved" } },
    "PUT /users/{id}": { before: { role: "viewer" }, after: { role: "auditor" } },
    "PUT /devices/{id}": { after: { name: "Gate 7" } },
  };
  for (const [action, change] of Object.entries(expected)) expect(changes[action], action).toMatchObject(change);
  const text = JSON.stringify(answer.body);
  expect(text).not.toContain("horse");
  expect(text).not.toContain(device.body["secret"]);
  expect(changes["POST /devices"]).not.toHaveProperty("after");
});

test("a change that is too large is told by the names of its fields", async ({ admin }) => {
  const ring = Array.from({ length: 400 }, (_, n) => [10 + Math.cos(n / 64) / 100, 50 + Math.sin(n / 64) / 100]);
  const geofence = { type: "Polygon", coordinates: [[...ring.slice(0, 390), ring[0]]] };
  const place = await admin("POST /locations", { name: "Yard", stage: "storage", geofence });
  expect(place.status).toBe(201);
  const { body } = await admin("GET /audit?limit=1");
  const [{ detail }] = body as unknown as [Entry];
  expect(detail.changed).toContain("geofence");
  expect(detail).not.toHaveProperty("after");
});

test("the list is filtered by actor, action, outcome, subject and time", async ({ api, admin }) => {
  const viewer = await api.as("viewer");
  await viewer("POST /items", { sku: "A", name: "A" });
  await admin("POST /items", { sku: "A", name: "A" });
  await admin("POST /vehicles", { name: "V" });
  const count = async (query: string) => ((await admin(`GET /audit?${query}`)).body as unknown as Entry[]).length;
  expect(await count("")).toBe(3);
  expect(await count("outcome=refused")).toBe(1);
  expect(await count(`action=${encodeURIComponent("POST /items")}`)).toBe(1);
  expect(await count("subject=/items")).toBe(2);
  expect(await count(`from=${encodeURIComponent(new Date(Date.now() + 60_000).toISOString())}`)).toBe(0);
  expect(await count(`to=${encodeURIComponent(new Date(Date.now() + 60_000).toISOString())}`)).toBe(3);
  expect((await admin("GET /audit?outcome=maybe")).status).toBe(400);
  expect((await viewer("GET /audit")).status).toBe(403);
});

test("the export holds every entry, newest first, and no formula", async ({ api }) => {
  await api.db.pool.query(
    "INSERT INTO audit (actor, action, subject, outcome, detail) SELECT '=cmd|calc', 'a', 'line\n\"' || n, 'refused', '{\"reason\": \"x,y\"}' FROM generate_series(1, 2500) AS t (n)",
  );
  const token = await api.tokenOf("auditor");
  const get = (method: string, path = "/audit.csv") =>
    api.app.request(path, { method, headers: { Authorization: `Bearer ${token}` } });
  const response = await get("GET");
  expect(response.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
  const rows = parse(await response.text(), { columns: true }) as Record<string, string>[];
  expect(rows).toHaveLength(2_500);
  const ids = rows.map(({ id }) => Number(id));
  expect(ids).toEqual(ids.toSorted((a, b) => b - a));
  expect(rows[0]).toMatchObject({ actor: "'=cmd|calc", subject: 'line\n"2500', detail: '{"reason":"x,y"}' });
  expect((await get("HEAD")).status).toBe(200);
  const filtered = await get("GET", "/audit.csv?outcome=done");
  expect(parse(await filtered.text())).toHaveLength(1);
});

test("an entry that was changed, removed, put in or cut off shows in the check", async ({ api, admin }) => {
  const { pool } = api.db;
  const check = async (query = "") => (await admin(`GET /audit/check${query}`)).body;
  await pool.query(
    "INSERT INTO audit (actor, action, outcome) SELECT 'user:1', 'a' || n, 'done' FROM generate_series(1, 50) AS t (n)",
  );
  while ((await chainAudit(pool, 20)) > 0);
  expect(await check()).toMatchObject({ intact: true, first_position: 1, checked_to: 50, last_position: 50 });
  expect(await check("?after=20")).toMatchObject({ intact: true, checked_to: 50 });
  expect((await admin("GET /audit/check?after=51")).status).toBe(400);
  for (const [what, tamper, broken] of [
    ["changed", "UPDATE audit SET actor = 'user:2' WHERE chain_position = 30", 30],
    ["its detail changed", `UPDATE audit SET detail = '{"a": 1}' WHERE chain_position = 7`, 7],
    ["removed", "DELETE FROM audit WHERE chain_position = 12", 12],
    ["put in", "UPDATE audit SET chain_position = 51 WHERE chain_position = 40", 40],
    ["cut off", "DELETE FROM audit WHERE chain_position > 45", 46],
  ] as const) {
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      await expect(client.query(tamper), what).rejects.toThrow("append-only");
      await client.query("ROLLBACK");
      // As the owner of the database may.
      await client.query("CREATE TABLE kept AS TABLE audit");
      await client.query("ALTER TABLE audit DISABLE TRIGGER USER");
      await client.query(tamper);
      expect(await check(), what).toMatchObject({ intact: false, broken_position: broken });
      await client.query("DELETE FROM audit");
      await client.query("INSERT INTO audit OVERRIDING SYSTEM VALUE TABLE kept");
      await client.query("DROP TABLE kept");
      await client.query("ALTER TABLE audit ENABLE TRIGGER USER");
    } finally {
      client.release();
    }
  }
  expect(await check()).toMatchObject({ intact: true });
  await expect(pool.query("TRUNCATE audit")).rejects.toThrow("append-only");
});

test("what retention has deleted is missing from the beginning only, and the rest is intact", async ({
  api,
  admin,
}) => {
  const { pool } = api.db;
  await pool.query(
    "INSERT INTO audit (at, actor, action, outcome) SELECT now() - make_interval(days => 40 - n, hours => -1), 'user:1', 'a', 'done' FROM generate_series(1, 30) AS t (n)",
  );
  expect(await forgetAudit(pool, 100, 20)).toBe(0);
  await chainAudit(pool, 100);
  expect(await forgetAudit(pool, 7, 20)).toBe(7);
  expect(await forgetAudit(pool, 100, 20)).toBe(12);
  expect(await forgetAudit(pool, 100, 20)).toBe(0);
  expect((await admin("GET /audit/check")).body).toMatchObject({
    intact: true,
    first_position: 20,
    checked_to: 30,
    broken_position: null,
  });
});

test("ten processes that chain and write at once leave one chain without a gap", async ({ api, admin }) => {
  const { pool } = api.db;
  const write = () => pool.query("INSERT INTO audit (actor, action, outcome) VALUES ('user:1', 'a', 'done')");
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      for (let n = 0; n < 20; n += 1) {
        await write();
        await chainAudit(pool, 3);
      }
    }),
  );
  while ((await chainAudit(pool, 100)) > 0);
  expect((await admin("GET /audit/check")).body).toMatchObject({ intact: true, checked_to: 200, last_position: 200 });
});
