import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

interface Hit {
  kind: string;
  id: number | string;
  title: string;
  detail: string | null;
  match: string;
  path: string;
}

let api: TestApi;
let admin: Awaited<ReturnType<TestApi["as"]>>;
let shipment: number;
let order: number;
let unit: number;
const SSCC = "006141411234567890";
const EPC = "urn:epc:id:sgtin:0614141.112345.400";

const find = async (q: string, call = admin, more = "") => {
  const { status, body } = await call(`GET /search?q=${encodeURIComponent(q)}${more}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as unknown as Hit[];
};
const kinds = (hits: Hit[]) => hits.map(({ kind }) => kind);

async function add(path: string, body: object): Promise<number> {
  const answer = await admin(`POST ${path}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body["id"] as number;
}

beforeAll(async () => {
  api = await startApi({ gs1CompanyPrefix: "0614141" });
  admin = await api.as("admin");
  await add("/locations", { name: "Zürich North Hub", stage: "storage" });
  await add("/items", { sku: "BOLT-M8", name: "Hex bolt M8", gtin: "00614141123452" });
  await add("/vehicles", { name: "Truck 12", plate: "ZH 4711" });
  shipment = await add("/shipments", {
    product_name: "Insulin pens, chilled",
    quantity: 3,
    location: "storage",
    reference: "PO-2026/88",
  });
  unit = await add(`/shipments/${shipment}/handling-units`, { sscc: SSCC });
  await admin(`POST /shipments/${shipment}/tags`, { epc: EPC });
  order = await add("/orders", { kind: "customer", reference: "Web 55", lines: [{ item_id: 1, quantity: 1 }] });
  await add("/devices", { id: "gps-truck-12", kind: "gps", name: "Tracker of truck 12" });
  await add("/users", { email: "zoe@example.com", name: "Zoe Hub", role: "viewer" });
});
afterAll(() => api?.close());

test("finds each kind of thing by its codes, its name, and the words in it, however they are written", async () => {
  const { tracking_number: tracking } = (await admin(`GET /shipments/${shipment}`)).body as { tracking_number: string };
  const at = (kind: string, id: number | string) => expect.objectContaining({ kind, id });
  for (const [q, wanted] of [
    [tracking, at("shipment", shipment)],
    ["insulin", at("shipment", shipment)],
    ["CHILLED", at("shipment", shipment)],
    ["pens, ch", at("shipment", shipment)],
    ["po-2026/88", at("shipment", shipment)],
    ["88", at("shipment", shipment)],
    ["bolt-m8", at("item", 1)],
    ["00614141123452", at("item", 1)],
    ["m8", at("item", 1)],
    ["zürich", expect.objectContaining({ kind: "location", title: "Zürich North Hub", match: "beginning" })],
    ["zh 4711", expect.objectContaining({ kind: "vehicle", match: "exact" })],
    ["web 55", at("order", order)],
    [`#${order}`, at("order", order)],
    ["gps-truck", at("device", "gps-truck-12")],
    ["zoe@", expect.objectContaining({ kind: "user", title: "zoe@example.com" })],
  ] as const) {
    const hits = await find(q);
    expect(hits, q).toContainEqual(wanted);
    for (const { path } of hits) expect((await admin(`GET ${path}`)).status, path).toBe(200);
  }
  expect((await find("insulin"))[0]).toMatchObject({
    path: `/shipments/${shipment}`,
    detail: `${tracking} · PO-2026/88`,
  });
});

test("whole codes come first: an EPC in any notation, an SSCC, a tracking number", async () => {
  const { hex } = (await admin(`GET /epc/${EPC}?filter=1`)).body as { hex: string };
  for (const q of [EPC, hex, "https://id.gs1.org/01/10614141123459/21/400"]) {
    expect((await find(q))[0], q).toMatchObject({ kind: "shipment", id: shipment, match: "exact" });
  }
  for (const q of [SSCC, `00${SSCC}`, `(00)${SSCC}`, `https://id.gs1.org/00/${SSCC}`]) {
    expect((await find(q))[0], q).toMatchObject({ kind: "shipment", id: shipment, match: "exact" });
    expect((await find(q))[1], q).toMatchObject({ kind: "handling_unit", id: unit, shipment_id: shipment });
  }
  const { path } = (await find(SSCC))[1]!;
  expect(await admin(`GET ${path}`)).toMatchObject({ status: 200, body: { id: unit, sscc: SSCC } });
  expect((await admin(`GET ${path.replace(/\d+/, "999999")}`)).status).toBe(404);
  await add("/locations", { name: "Bolt" });
  expect((await find("bolt")).map(({ kind, match }) => `${kind} ${match}`)).toEqual([
    "location exact",
    "item beginning",
  ]);
});

test("a lot and a piece are found by what is printed on them, alone and in the code of the label", async () => {
  const hub = await add("/locations", { name: "Lot shelf" });
  const tea = await add("/items", { sku: "TEA", name: "Green tea", gtin: "09506000134352" });
  const stock = await add("/inventory-items", { item_id: tea, location_id: hub, quantity: 0 });
  await add("/movements", {
    inventory_item_id: stock,
    quantity: 4,
    reason: "made",
    lot: "L-2026/07",
    expires_on: "2099-01-31",
  });
  await api.db.pool.query("INSERT INTO serials (item_id, gtin, serial) VALUES ($1, '09506000134352', 'SN-55')", [tea]);
  for (const q of ["l-2026/07", "L-2026", "(01)09506000134352(10)L-2026/07"]) {
    expect(await find(q), q).toContainEqual(
      expect.objectContaining({ kind: "lot", title: "Lot L-2026/07", detail: "Green tea · expires 2099-01-31" }),
    );
  }
  for (const q of ["sn-55", "55", "(01)09506000134352(21)SN-55", "https://id.gs1.org/01/09506000134352/21/SN-55"]) {
    expect(await find(q), q).toContainEqual(
      expect.objectContaining({ kind: "serial", title: "Serial SN-55", detail: "Green tea · GTIN 09506000134352" }),
    );
  }
  expect((await find("(01)09506000134352(21)SN-55"))[0]).toMatchObject({ kind: "serial", match: "exact" });
});

test("follows what is renamed and removed", async () => {
  const id = await add("/locations", { name: "Rotterdam" });
  await admin(`PUT /locations/${id}`, { name: "Antwerp Quay" });
  expect(await find("rotterdam")).toEqual([]);
  expect(kinds(await find("quay"))).toEqual(["location"]);
  await admin(`DELETE /locations/${id}`);
  expect(await find("quay")).toEqual([]);
});

test("shows devices to managers, and users to administrators, only", async () => {
  expect(kinds(await find("truck"))).toEqual(["vehicle", "device"]);
  for (const role of ["viewer", "sales", "operator", "auditor"] as const) {
    const call = await api.as(role);
    expect(kinds(await find("truck", call)), role).toEqual(["vehicle"]);
    expect(kinds(await find("hub", call)), role).toEqual(["location"]);
    expect(await find("zoe", call), role).toEqual([]);
  }
  expect(kinds(await find("hub"))).toContain("user");
});

test("refuses what is no search, and takes any text for text", async () => {
  for (const query of [
    "",
    "?q=",
    "?q=%20%20",
    `?q=${"x".repeat(256)}`,
    "?q=a&limit=0",
    "?q=a&limit=201",
    "?q=a&kind=x",
    "?q=%00",
  ]) {
    const { status, body } = await admin(`GET /search${query}`);
    expect(status, query).toBe(400);
    expect(body["detail"], query).toEqual(expect.any(String));
  }
  for (const q of [
    "%",
    "_",
    "\\",
    "'; DROP TABLE users; --",
    "---",
    "\u{10FFFF}",
    "(00)",
    "9".repeat(200),
    "(?<x>",
    "[",
    "urn:epc:id:",
  ]) {
    expect(await find(q), q).toEqual([]);
  }
});

test("reads little however many match, and under limits finds the few among the many", async () => {
  await api.db.pool.query(`
    ALTER TABLE shipments DISABLE TRIGGER search_words;
    WITH added AS (INSERT INTO shipments (tracking_number, product_name, quantity, status, stage, stage_since, location_id, origin_id, created_at)
      SELECT 'MANY' || n, 'Vaccine doses', 1, 'in_storage', 'storage', now(), 1, 1, now() FROM generate_series(1, 30000) n RETURNING id)
    INSERT INTO search_words SELECT 'shipment', later, words, id::text FROM added, (VALUES (false, 'vaccine doses'), (true, 'doses')) w (later, words);
    ALTER TABLE shipments ENABLE TRIGGER search_words; ANALYZE search_words, shipments`);
  expect(await find("vaccine", admin, "&limit=200")).toHaveLength(200);
  expect(await find("doses")).toHaveLength(50);
  const place = await add("/locations", { name: "Far away" });
  const own = await add("/shipments", { product_name: "Vaccine doses", quantity: 1, location: place });
  const token = await api.tokenOf("viewer");
  await api.db.pool.query("UPDATE users SET location_ids = $1 WHERE id = (SELECT max(id) FROM users)", [`{${place}}`]);
  const answer = await api.app.request("/search?q=vaccine", { headers: { Authorization: `Bearer ${token}` } });
  expect(((await answer.json()) as Hit[]).map(({ kind, id }) => [kind, id])).toEqual([["shipment", own]]);
});
