import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

const MIGRATION = join(import.meta.dirname, "../../../infra/postgres/migrations/0039_parties.sql");

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
});
afterAll(() => api?.close());

const add = async (path: string, body: object): Promise<number> => {
  const answer = await manager(`POST ${path}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body["id"] as number;
};

test("a party is added, listed by role, found, changed under its ETag, and removed while nothing names it", async () => {
  const body = {
    name: "Alpine Foods",
    roles: ["supplier", "customer"],
    language: "de",
    lead_time_days: 5,
    pack_quantity: 12,
  };
  const added = await manager("POST /parties", body);
  expect(added).toMatchObject({ status: 201, body: { ...body, minimum_quantity: null } });
  const id = added.body["id"] as number;
  expect(added.headers.get("Location")).toBe(`/parties/${id}`);
  await add("/parties", { name: "100% Cargo", roles: "carrier" });
  const names = async (query: string) =>
    ((await manager(`GET /parties?${query}`)).body as unknown as { name: string }[]).map(({ name }) => name);
  expect(await names("role=supplier")).toEqual(["Alpine Foods"]);
  expect(await names("role=carrier")).toEqual(["100% Cargo"]);
  expect(await names("role=owner")).toEqual([]);
  expect(await names("q=0%25")).toEqual(["100% Cargo"]);
  expect(await names("q=_lpine")).toEqual([]);
  expect((await manager("GET /search?q=alpine")).body).toEqual([
    expect.objectContaining({ kind: "party", id, title: "Alpine Foods", detail: "supplier, customer" }),
  ]);

  const etag = added.headers.get("ETag")!;
  const changed = await manager(`PUT /parties/${id}`, { lead_time_days: 6 }, { "If-Match": etag });
  expect(changed).toMatchObject({ status: 200, body: { lead_time_days: 6, name: "Alpine Foods" } });
  expect((await manager(`PUT /parties/${id}`, { lead_time_days: 7 }, { "If-Match": etag })).status).toBe(412);
  const item = await add("/items", { sku: "oil", name: "Oil", supplier_id: id });
  expect((await manager(`DELETE /parties/${id}`)).status).toBe(409);
  expect((await manager(`DELETE /items/${item}`)).status).toBe(204);
  expect((await manager(`DELETE /parties/${id}`)).status).toBe(204);
  expect((await manager(`GET /parties/${id}`)).status).toBe(404);
});

test.each([
  ["no role", { name: "x", roles: [] }],
  ["an unknown role", { name: "x", roles: ["friend"] }],
  ["an unknown field", { name: "x", roles: ["owner"], colour: "red" }],
  ["no language", { name: "x", roles: ["owner"], language: "-" }],
  ["half a pack", { name: "x", roles: ["supplier"], pack_quantity: 0.5 }],
  ["an empty name", { name: " ", roles: ["owner"] }],
])("a party with %s is refused", async (_, body) => {
  expect((await manager("POST /parties", body)).status).toBe(400);
});

test("a party that does not exist, or has not the role, is refused wherever it is named", async () => {
  const admin = await api.as("admin");
  const carrier = await add("/parties", { name: "Carrier", roles: ["carrier"] });
  const item = await add("/items", { sku: "tea", name: "Tea" });
  const location = await add("/locations", { name: "Shelf", stage: "storage" });
  const lines = [{ item_id: item, quantity: 1 }];
  const order = await add("/orders", { kind: "customer", lines });
  const goods = { product_name: "Tea", quantity: 1, location };
  const shipment = await add("/shipments", goods);
  const { body: user } = await admin("POST /users", { email: "p@waystock.test", role: "viewer" });
  const { body: client } = await admin("POST /api-clients", { name: "p", role: "viewer" });
  const named: [call: string, body: object, pointer: string][] = [carrier, 987_654].flatMap((id) => [
    ["POST /orders", { kind: "customer", lines, customer_id: id }, "/customer_id"],
    ["POST /orders", { kind: "restock", lines, supplier_id: id }, "/supplier_id"],
    [`PUT /orders/${order}`, { customer_id: id }, "/customer_id"],
    [`PUT /orders/${order}`, { supplier_id: id }, "/supplier_id"],
    ["POST /items", { sku: "x", name: "x", supplier_id: id }, "/supplier_id"],
    [`PUT /items/${item}`, { supplier_id: id }, "/supplier_id"],
    ["POST /shipments", { ...goods, owner_id: id }, "/owner_id"],
    [`PUT /shipments/${shipment}`, { owner_id: id }, "/owner_id"],
    [`PUT /users/${String(user["id"])}`, { owner_ids: [id] }, "/owner_ids/0"],
    ["POST /users", { email: "q@waystock.test", role: "viewer", owner_ids: [id] }, "/owner_ids/0"],
    [`PUT /api-clients/${String(client["id"])}`, { owner_ids: [id] }, "/owner_ids/0"],
  ]);
  for (const [call, body, pointer] of named) {
    const answer = await admin(call, body);
    expect(answer, `${call} ${JSON.stringify(body)}`).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
  }
});

test("numbers that were named before parties had names become parties of these numbers", async () => {
  const item = await add("/items", { sku: "salt", name: "Salt" });
  const order = await add("/orders", { kind: "customer", lines: [{ item_id: item, quantity: 1 }] });
  await api.db.pool.query(
    `DROP TABLE parties CASCADE; DROP INDEX orders_supplier, items_supplier; DELETE FROM search_words WHERE kind = 'party';
    UPDATE orders SET customer_id = 41 WHERE id = ${order}; UPDATE items SET supplier_id = 41 WHERE id = ${item};
    UPDATE users SET owner_ids = '{2000000001}' WHERE email = 'p@waystock.test'`,
  );
  await api.db.pool.query(await readFile(MIGRATION, "utf8"));
  // As migration 0071 does.
  await api.db.pool.query(
    "ALTER TABLE parties ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}', ADD COLUMN tags jsonb NOT NULL DEFAULT '[]'",
  );
  const { rows } = await api.db.pool.query("SELECT id, name, roles FROM parties ORDER BY id");
  expect(rows).toEqual([
    { id: 41, name: "Party 41", roles: ["customer", "supplier"] },
    { id: 2_000_000_001, name: "Party 2000000001", roles: ["owner"] },
  ]);
  expect(await add("/parties", { name: "New", roles: ["owner"] })).toBe(42);
  expect((await manager("GET /search?q=party%2041")).body).toEqual([
    expect.objectContaining({ kind: "party", id: 41 }),
  ]);
});
