import { afterAll, beforeAll, expect, test } from "vitest";
import { startErpnext } from "../../../support/erp/erpnext.ts";
import { startFileDrop } from "../../../support/erp/file-drop.ts";
import { startOdoo } from "../../../support/erp/odoo.ts";
import { type ErpTest, startErpTest } from "./erp-test.ts";

let erp: ErpTest;
beforeAll(async () => {
  erp = await startErpTest();
});
afterAll(() => erp?.close());

const dueIn = async (id: number): Promise<number> =>
  Date.parse(String((await erp.stateOf(id))["next_sync_at"])) - Date.now();

test("credentials are never shown, and are refused for another host", async () => {
  const odoo = await startOdoo();
  const credentials = { api_key: odoo.apiKey };
  const made = { name: "Odoo", kind: "odoo", url: odoo.url, database: odoo.database, credentials };
  const id = await erp.connect(made);
  const text = JSON.stringify([
    (await erp.admin(`GET /erp/connections/${id}`)).body,
    (await erp.admin("GET /audit?limit=200")).body,
  ]);
  expect(text).not.toContain(odoo.apiKey);
  const { rows } = await erp.pool.query("SELECT credentials, sealed_credentials FROM erp_connections WHERE id = $1", [
    id,
  ]);
  expect(rows[0]).toMatchObject({ credentials: null, sealed_credentials: expect.any(Buffer) as Buffer });
  const moved = await erp.admin(`PUT /erp/connections/${id}`, { url: "https://erp.example.com" });
  expect(moved).toMatchObject({ status: 400, body: { errors: [{ pointer: "/credentials" }] } });
  const inside = await erp.admin("POST /erp/connections", { ...made, url: "https://10.0.0.1/" });
  expect(inside).toMatchObject({ status: 400, body: { errors: [{ pointer: "/url" }] } });
  const nameless = await erp.admin("POST /erp/connections", { ...made, credentials: {} });
  expect(nameless).toMatchObject({ status: 400, body: { errors: [{ pointer: "/credentials" }] } });
  const manager = await erp.api.as("manager");
  expect((await manager("GET /erp")).status).toBe(403);
  await erp.admin(`DELETE /erp/connections/${id}`);
  await odoo.close();
});

test("a key that is not valid stops the connection with a clear problem until it is changed", async () => {
  const odoo = await startOdoo();
  const id = await erp.connect({
    name: "Odoo",
    kind: "odoo",
    url: odoo.url,
    database: odoo.database,
    credentials: { api_key: "wrong" },
  });
  expect((await erp.admin(`POST /erp/connections/${id}/test`)).body).toMatchObject({ ok: false });
  const state = await erp.sync(id);
  expect(state).toMatchObject({ state: "stopped" });
  expect(String(state["problem"])).toContain("HTTP 401");
  const asked = odoo.asked.length;
  await erp.pool.query("UPDATE erp_connections SET next_sync_at = now() WHERE id = $1", [id]);
  await erp.relay.tick(new AbortController().signal);
  await erp.relay.ended();
  expect(odoo.asked.length).toBe(asked);
  await erp.admin(`PUT /erp/connections/${id}`, { credentials: { api_key: odoo.apiKey } });
  expect(await erp.sync(id)).toMatchObject({ state: "waiting", problem: null });
  await erp.admin(`DELETE /erp/connections/${id}`);
  await odoo.close();
});

test("a pause that the ERP asks for is kept, and a fault is tried again after growing delays", async () => {
  const there = await startErpnext();
  const credentials = { api_key: there.apiKey, api_secret: there.apiSecret };
  const id = await erp.connect({ name: "ERPNext", kind: "erpnext", url: there.url, credentials });
  there.faults.next.push({
    status: 429,
    body: "Too Many Requests",
    headers: { "Content-Type": "text/plain; charset=utf-8", "Retry-After": "300" },
  });
  expect(await erp.sync(id)).toMatchObject({ state: "failing" });
  expect(await dueIn(id)).toBeGreaterThan(290_000);
  const delays: number[] = [];
  for (let at = 0; at < 4; at += 1) {
    there.faults.next.push({ status: 502, body: "<h1>Bad Gateway</h1>", headers: { "Content-Type": "text/html" } });
    const state = await erp.sync(id);
    expect(String(state["problem"])).toContain("HTTP 502 Bad Gateway");
    delays.push(await dueIn(id));
  }
  expect(delays.at(-1)).toBeGreaterThan(30_000);
  expect(delays[0]).toBeLessThan(delays.at(-1)!);
  expect(await erp.sync(id)).toMatchObject({ state: "waiting", problem: null, failing_since: null });
  await erp.admin(`DELETE /erp/connections/${id}`);
  await there.close();
});

test("many pages are read to the end, and one that fails goes on where it was", async () => {
  const there = await startErpnext();
  for (let at = 0; at < 130; at += 1) there.item(`P-${String(at).padStart(3, "0")}`);
  const credentials = { api_key: there.apiKey, api_secret: there.apiSecret };
  const id = await erp.connect({ name: "ERPNext", kind: "erpnext", url: there.url, credentials });
  const pages = () =>
    there.asked.filter(
      ({ url }) => url.pathname === "/api/resource/Item" && url.searchParams.get("limit_page_length") === "50",
    ).length;
  // The connection breaks after the second page.
  there.faults.afterWork = async () => {
    if (pages() === 3) throw new Error("the connection breaks");
  };
  expect(await erp.sync(id)).toMatchObject({ state: "failing" });
  const linked = async () =>
    ((await erp.stateOf(id))["documents"] as { kind: string; linked: number }[]).find(({ kind }) => kind === "item")
      ?.linked;
  expect(await linked()).toBe(100);
  delete there.faults.afterWork;
  const before = pages();
  await erp.sync(id);
  expect([await linked(), pages() - before]).toEqual([130, 1]);
  await erp.admin(`DELETE /erp/connections/${id}`);
  await there.close();
});

test("a slow ERP delays no other, and no two processes work on one", async () => {
  const [slow, quick] = [await startErpnext(), await startErpnext()];
  const of = (there: typeof slow, name: string) =>
    erp.connect({
      name,
      kind: "erpnext",
      url: there.url,
      credentials: { api_key: there.apiKey, api_secret: there.apiSecret },
    });
  const [slowId, quickId] = [await of(slow, "slow"), await of(quick, "quick")];
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  slow.faults.afterWork = () => held;
  const signal = new AbortController().signal;
  await erp.relay.tick(signal);
  await expect.poll(async () => (await erp.stateOf(quickId))["last_synced_at"]).not.toBeNull();
  expect(await erp.stateOf(slowId)).toMatchObject({ state: "working" });
  const asked = slow.asked.length;
  await erp.relay.tick(signal);
  expect(slow.asked.length).toBe(asked);
  release();
  await erp.relay.ended();
  expect(await erp.stateOf(slowId)).toMatchObject({ state: "waiting", problem: null });
  for (const id of [slowId, quickId]) await erp.admin(`DELETE /erp/connections/${id}`);
  await Promise.all([slow.close(), quick.close()]);
});

test("a system of files gives tables with its own columns, and takes documents as files", async () => {
  const drop = await startFileDrop();
  drop.files.set("/export/items.csv", "\uFEFFArtikel;Bezeichnung;EH\r\nF-1;Käse;Stk\r\n");
  drop.files.set(
    "/export/orders.csv",
    "order,partner,warehouse,item,quantity,unit\nA-1,Laden,HL,F-1,4,Stk\nA-1,Laden,HL,F-1,2,Stk\n",
  );
  drop.files.set("/export/customers.csv", "name\nLaden\n");
  const options = {
    warehouses: [{ external_id: "HL", location_id: erp.hub }],
    files: { item: "export/items.csv", sale: "export/orders.csv", customer: "export/customers.csv" },
    columns: { item: { sku: "Artikel", name: "Bezeichnung", unit: "EH" } },
    outbox: "import",
  };
  const credentials = { user: drop.user, password: drop.password };
  const id = await erp.connect({ name: "Files", kind: "generic", url: drop.url, credentials, options });
  expect((await erp.admin(`POST /erp/connections/${id}/test`)).body).toEqual({
    ok: true,
    message: "tables with 1 items, 1 customers, 1 sales",
  });
  expect(await erp.sync(id)).toMatchObject({ problem: null, conflicts: 0 });
  expect(await erp.orderOf("A-1")).toMatchObject({ status: "approved", lines: [{ quantity: 4 }, { quantity: 2 }] });
  const [item] = await erp.list<{ id: number; name: string; base_unit: string }>("/items?q=F-1");
  expect(item).toMatchObject({ name: "Käse", base_unit: "piece" });
  await erp.admin("POST /inventory-items", { item_id: item!.id, location_id: erp.hub, quantity: 9 });
  await erp.sync(id);
  const [name] = [...drop.files.keys()].filter((path) => path.startsWith("/import/"));
  expect(
    drop.files
      .get(name!)!
      .split("\r\n")
      .slice(0, 2)
      .map((line) => line.split(",").slice(1, 6)),
  ).toEqual([
    ["reverses", "document", "warehouse", "item", "quantity"],
    ["", expect.stringMatching("movement|count") as string, "HL", "F-1", "9"],
  ]);
  await erp.admin(`DELETE /erp/connections/${id}`);
  await drop.close();
});
