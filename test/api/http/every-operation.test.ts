import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TRIALS } from "../auth/limited-operations.ts";
import { fillSide, type Side } from "../auth/limited-world.ts";
import { startApi, type TestApi } from "../support.ts";

type Ids = Record<string, string | number>;

interface Operation {
  parameters?: { name: string; in: string }[];
  responses: Record<string, { content?: Record<string, { schema?: { type?: string; $ref?: string } }> }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { type?: string }> };
}

/** Arrays that are no lists of what there is, and why. */
const NO_LISTS: Readonly<Record<string, string>> = {
  "/epcis/queries": "by perPage and nextPageToken, as EPCIS has it: test/api/integrations/epcis",
  "/epcis/queries/{name}/subscriptions": "as above",
  "/search": "the best hits, of several kinds",
  "/epcis/capture": "paged by the rules of EPCIS; test/api/resources/epcis compares the pages",
  "/devices/{id}/credentials": "two live at most",
  ...Object.fromEntries(
    ["bottlenecks", "dwell", "space", "on-time", "throughput", "turns", "inventory"].map((report) => [
      `/analytics/${report}`,
      "each answer is as of its own time; test/api/resources/analytics compares the pages",
    ]),
  ),
  "/notification-rules/{id}/secrets": "two live at most",
  "/webhooks/{id}/secrets": "two live at most",
  "/inventory-items/{id}/lots": "200 lots at most",
};

let api: TestApi;
let admin: Awaited<ReturnType<TestApi["as"]>>;
let document: Document;
let sides: Side[];
/** of resources that limits do not divide */
const common: Record<string, { ids: Ids; body: object }> = {};

beforeAll(async () => {
  api = await startApi();
  admin = await api.as("admin");
  document = (await (await api.app.request("/openapi.json")).json()) as Document;
  const made = async (path: string, body: object) => (await admin(`POST ${path}`, body)).body;
  const item = await made("/items", { sku: "bolt", name: "Bolt" });
  await made("/items", { sku: "nut", name: "Nut" });
  const { rows } = await api.db.pool.query<{ id: number }>("SELECT min(id) AS id FROM users");
  sides = [await fillSide(api, "own", 1, rows[0]!.id), await fillSide(api, "foreign", 1, rows[0]!.id)];
  const user = await made("/users", { email: "a@waystock.test", role: "viewer" });
  await made("/users", { email: "b@waystock.test", role: "viewer" });
  const client = await made("/api-clients", { name: "ERP", role: "viewer" });
  await made("/api-clients", { name: "WMS", role: "viewer" });
  await made("/service-accounts", { id: "gateway", publish: ["devices/+/gps"] });
  await made("/service-accounts", { id: "bridge", publish: ["devices/+/gps"] });
  for (const name of ["first", "second"]) await made("/device-profiles", { name, kind: "gps", quota: 5 });
  common["/device-profiles/{id}"] = { ids: { id: 1 }, body: { payload_fields: { t: "env.celsius" } } };
  const field = { type: "text", label: "Colour" };
  const { id: fieldId } = await made("/custom-fields", { ...field, thing: "items", name: "colour" });
  await made("/custom-fields", { ...field, thing: "vehicles", name: "colour" });
  common["/custom-fields/{id}"] = { ids: { id: Number(fieldId) }, body: { label: "Paint" } };
  for (const note of ["first", "second"]) await made(`/items/${String(item["id"])}/attachments`, { note });
  common["/items/{id}/attachments"] = { ids: { id: Number(item["id"]) }, body: {} };
  const { id: driverId } = await made("/drivers", { name: "Ada" });
  await made("/drivers", { name: "Grace" });
  common["/drivers/{id}"] = { ids: { id: Number(driverId) }, body: { phone: "089 1" } };
  common["/items/{id}"] = { ids: { id: Number(item["id"]) }, body: { name: "Bolt M6" } };
  common["/users/{id}"] = {
    ids: { id: Number((user["user"] as { id: number } | undefined)?.id ?? user["id"]) },
    body: { name: "Ann" },
  };
  common["/api-clients/{id}"] = { ids: { id: Number(client["id"]) }, body: { name: "ERP 2" } };
  const notification = await made("/notification-rules", {
    ...{ name: "Mail", types: ["low_stock"], channel: "email", target: "a@waystock.test" },
  });
  const told =
    "INSERT INTO notification_deliveries (rule_id, kind, channel, target, due_at) SELECT $1, 'test', 'email', 'a', now()";
  for (let sent = 0; sent < 2; sent += 1) await api.db.pool.query(told, [notification["id"]]);
  await made("/notification-rules", { name: "Mail 2", types: ["dwell"], channel: "email", target: "b@waystock.test" });
  common["/notification-rules/{id}"] = { ids: { id: Number(notification["id"]) }, body: { name: "Mail 3" } };
  common["/notification-rules/{id}/deliveries"] = { ids: { id: Number(notification["id"]) }, body: {} };
  const hook = await made("/webhooks", { url: "https://a.example.com", types: ["*"] });
  await made("/webhooks", { url: "https://b.example.com", types: ["*"] });
  const posted = `INSERT INTO webhook_deliveries (webhook_id, kind, event_id, position, type, subject)
    SELECT $1, 'test', n, 0, 'webhook.test', '/' FROM generate_series(1, 2) n`;
  await api.db.pool.query(posted, [hook["id"]]);
  for (const of of ["", "/deliveries"])
    common[`/webhooks/{id}${of}`] = { ids: { id: Number(hook["id"]) }, body: { types: ["order.*"] } };
  const erp = { kind: "generic", url: "https://erp.example.com", enabled: false };
  const { id: erpId } = await made("/erp/connections", { name: "ERP 1", ...erp });
  await made("/erp/connections", { name: "ERP 2", ...erp });
  const documents = `INSERT INTO erp_documents (connection_id, direction, kind, external_id, state)
    SELECT $1, 'in', 'item', n::text, 'waiting' FROM generate_series(1, 2) n`;
  await api.db.pool.query(documents, [erpId]);
  const conflicts = `INSERT INTO erp_conflicts (connection_id, type, kind, external_id, message)
    SELECT $1, 'not_possible', 'item', n::text, 'for a test' FROM generate_series(1, 2) n`;
  await api.db.pool.query(conflicts, [erpId]);
  for (const of of ["", "/documents"])
    common[`/erp/connections/{id}${of}`] = { ids: { id: Number(erpId) }, body: { name: "ERP 3" } };
  const report = {
    ...{ report: "dwell", frequency: "daily", hour: 6, time_zone: "UTC", recipients: ["a@waystock.test"] },
  };
  const schedule = await made("/report-schedules", { name: "Dwell", ...report });
  await made("/report-schedules", { name: "Dwell 2", ...report });
  const mailed = `INSERT INTO report_deliveries (schedule_id, due_at, from_at, recipient)
    SELECT $1, now() - n * interval '1 day', now(), 'a@waystock.test' FROM generate_series(1, 2) n`;
  await api.db.pool.query(mailed, [schedule["id"]]);
  for (const of of ["", "/deliveries"])
    common[`/report-schedules/{id}${of}`] = { ids: { id: Number(schedule["id"]) }, body: { name: "Dwell 3" } };
  const lot = { ids: { id: 1 }, body: { expires_on: "2030-01-31" } };
  for (const of of ["", "/movements", "/holds", "/recall"]) common[`/lots/{id}${of}`] = lot;
  common["/asset-types/{id}"] = { ids: { id: 1 }, body: { name: "Euro pallet" } };
  common["/alert-rules/{id}"] = { ids: { id: 1 }, body: { severity: "critical" } };
  common["/service-accounts/{id}"] = { ids: { id: "gateway" }, body: { name: "Gateway" } };
  const { shipment, device } = sides[0]!;
  for (const epc of ["400", "401", "402"])
    await made(`/shipments/${shipment}/tags`, { epc: `urn:epc:id:sgtin:0614141.112345.${epc}` });
  await made(`/shipments/${shipment}/handling-units`, { sscc: "000000000000000994" });
  await made(`/devices/${device}/commands`, { type: "tare" });
});
afterAll(() => api?.close());

const filled = (path: string, ids: Ids): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(ids[name])));

/** Ids of something to try an operation with. */
function idsOf(method: string, path: string): Ids {
  const trial = TRIALS[`${method} ${path}`];
  if (trial?.kind === "one") return trial.ids(sides[0]!);
  return common[path]?.ids ?? {};
}

/** A report by default ends now, and says so. */
function withoutNow(row: unknown): unknown {
  const { as_of: asOf, from: _, to: __, ...rest } = row as Record<string, unknown>;
  return asOf === undefined ? row : rest;
}

test("every list can be paged, and one row at a time gives the rows of one large page", async () => {
  const lists = Object.entries(document.paths).filter(([, { get }]) => {
    const schema = get?.responses["200"]?.content?.["application/json"]?.schema;
    const name = schema?.$ref?.split("/").at(-1);
    return (name === undefined ? schema : document.components.schemas[name])?.type === "array";
  });
  expect(lists.length).toBeGreaterThan(18);
  const several: string[] = [];
  for (const [path, { get }] of lists) {
    if (path in NO_LISTS) continue;
    const names = get!.parameters!.map(({ name }) => name);
    expect(names, path).toEqual(expect.arrayContaining(["limit", "cursor"]));
    const url = filled(path, idsOf("GET", path));
    const query = path.endsWith("/readings") ? "kind=scale&" : "";
    const whole = await admin(`GET ${url}?${query}limit=200`);
    expect(whole.status, path).toBe(200);
    const rows: unknown[] = [];
    for (let next: string | undefined = `${url}?${query}limit=1`; next !== undefined;) {
      const page = await admin(`GET ${next}`);
      const of = page.body as unknown as unknown[];
      expect(of.length, next).toBeLessThanOrEqual(1);
      rows.push(...of);
      next = /^<(.+)>; rel="next"$/.exec(page.headers.get("Link") ?? "")?.[1];
    }
    expect(rows.map(withoutNow), path).toEqual((whole.body as unknown as unknown[]).map(withoutNow));
    if (rows.length > 1) several.push(path);
  }
  // Nothing is proven by a list of one row.
  expect(several.length).toBeGreaterThan(15);
});

test("what belongs to one shipment comes whole up to 1,000 rows, and beyond that by pages", async () => {
  const added = await admin("POST /shipments", { product_name: "Many", quantity: 1, location: sides[0]!.location });
  const id = Number(added.body["id"]);
  await api.db.pool.query(
    `INSERT INTO shipment_tags (epc, shipment_id) SELECT 'urn:epc:id:sgtin:0614141.112345.' || n, $1 FROM generate_series(1000, 2000) n`,
    [id],
  );
  await api.db.pool.query(
    `INSERT INTO handling_units (shipment_id, sscc, epc)
     SELECT $1, lpad(n::text, 18, '9'), 'urn:epc:id:sscc:0614141.' || lpad(n::text, 10, '0') FROM generate_series(1000, 2000) n`,
    [id],
  );
  await api.db.pool.query(
    `INSERT INTO facts (key, subject, at, type, data, rule)
     SELECT 'many-' || n, 'shipment:' || $1, now() + n * interval '1 ms', 'proof', '{"name": "Ann", "note": null, "outcome": "delivered"}', 'person'
     FROM generate_series(1000, 2000) n`,
    [id],
  );
  for (const of of ["tags", "handling-units", "events"]) {
    const first = await admin(`GET /shipments/${id}/${of}`);
    expect((first.body as unknown as unknown[]).length, of).toBe(1000);
    const next = /^<(.+)>; rel="next"$/.exec(first.headers.get("Link") ?? "")?.[1];
    const second = await admin(`GET ${next}`);
    expect(second.body as unknown as unknown[], of).toHaveLength(of === "events" ? 2 : 1);
    expect(second.headers.get("Link"), of).toBeNull();
    expect((await admin(`GET /shipments/${id}/${of}?limit=1001`)).status, of).toBe(400);
  }
});

/** Answers that tell of their own row alone, as long as nothing else is known of it: a version of it tells all. */
const OWN_ROWS = "custom-fields drivers erp/connections items locations orders parties shipments vehicles";
const OF_OWN_ROW = new Set([
  ...OWN_ROWS.split(" ").map((name) => `/${name}/{id}`),
  "/shipments/{id}/handling-units/{unit_id}",
]);

test("only an answer that tells of its own row alone is 304 for who names its version", async () => {
  const asked: string[] = [];
  for (const path of Object.keys(document.paths).filter((name) => /\{\w+\}$/.test(name))) {
    if (document.paths[path]!["get"] === undefined) continue;
    const url = filled(path, idsOf("GET", path));
    if (url.includes("undefined")) continue;
    const etag = (await admin(`GET ${url}`)).headers.get("ETag");
    if (etag === null) continue;
    asked.push(path);
    const again = await admin(`GET ${url}`, undefined, { "If-None-Match": etag });
    expect([path, again.status]).toEqual([path, OF_OWN_ROW.has(path) ? 304 : 200]);
  }
  expect(asked).toEqual(expect.arrayContaining([...OF_OWN_ROW, "/inventory-items/{id}", "/reservations/{id}"]));
});

describe("If-Match", () => {
  test("every PUT and PATCH refuses an outdated version (412), changes nothing then, and takes the current one", async () => {
    const changes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).flatMap((method) =>
        method === "put" || method === "patch" ? [[method.toUpperCase(), path] as const] : [],
      ),
    );
    expect(changes.length).toBeGreaterThan(9);
    for (const [method, path] of changes) {
      const trial = TRIALS[`${method} ${path}`];
      const body = trial?.kind === "one" ? trial.body?.(sides[0]!) : common[path]?.body;
      expect(body, `a body for ${method} ${path}`).toBeDefined();
      const url = filled(path, idsOf(method, path));
      const read = () => admin(`GET ${url.replace("/reorder-points/", "/inventory-items/")}`);
      const before = await read();
      const etag = before.headers.get("ETag");
      expect(etag, path).toMatch(/^"v\d+"$/);
      const outdated = await admin(`${method} ${url}`, body, { "If-Match": '"v987654"' });
      expect(outdated.status, `${method} ${path}: ${JSON.stringify(outdated.body)}`).toBe(412);
      expect((await read()).body, path).toEqual(before.body);
      const current = await admin(`${method} ${url}`, body, { "If-Match": etag! });
      expect(current.status, `${method} ${path}: ${JSON.stringify(current.body)}`).toBe(200);
      const again = await admin(`${method} ${url}`, body, { "If-Match": etag! });
      expect(again.status, `${method} ${path}`).toBe(412);
    }
  });
});
