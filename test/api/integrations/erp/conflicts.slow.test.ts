import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ErpnextStandIn, startErpnext } from "../../../support/erp/erpnext.ts";
import { type ErpTest, startErpTest } from "./erp-test.ts";

// The cases of the policy (docs/decisions/42-erp.md), each with what a person may say to it.

let erp: ErpTest;
let there: ErpnextStandIn;
let id: number;
let nr = 0;
let sku: string;
beforeAll(async () => {
  erp = await startErpTest();
  there = await startErpnext();
  there.documents.insert("Customer", { customer_name: "Corner Shop" });
  id = await erp.connect({
    name: "ERPNext",
    kind: "erpnext",
    url: there.url,
    credentials: { api_key: there.apiKey, api_secret: there.apiSecret },
    options: { warehouses: [{ external_id: there.warehouse, location_id: erp.hub }], sync: { items: "both" } },
  });
});
afterAll(async () => {
  await there?.close();
  await erp?.close();
});
beforeEach(() => {
  nr += 1;
  sku = `C-${nr}`;
  there.item(sku);
});

const itemOf = async (code: string) =>
  (await erp.list<{ id: number; sku: string; name: string; barcode: string }>(`/items?q=${code}`)).find(
    (each) => each.sku === code,
  )!;
const resolve = (conflict: number, keep: "ours" | "theirs") =>
  erp.admin(`POST /erp/conflicts/${conflict}/resolve`, { keep });
/** The only conflict that is open. */
async function conflictOf(type: string) {
  const open = await erp.openConflicts(id);
  expect(
    open.map((each) => each.type),
    JSON.stringify(open),
  ).toEqual([type]);
  return open[0]!;
}
async function expectNone(): Promise<void> {
  await erp.sync(id);
  expect(await erp.openConflicts(id)).toEqual([]);
}

test("a name that was changed on one side is taken by the other; one that was changed on both is a conflict of that field", async () => {
  await erp.sync(id);
  const item = await itemOf(sku);
  there.documents.update("Item", sku, { item_name: "Whole milk" });
  await erp.sync(id);
  expect((await itemOf(sku)).name).toBe("Whole milk");
  await erp.admin(`PUT /items/${item.id}`, { name: "Milk, whole" });
  await erp.sync(id);
  expect(there.documents.get("Item", sku)).toMatchObject({ item_name: "Milk, whole" });
  await expectNone();

  await erp.admin(`PUT /items/${item.id}`, { name: "Ours" });
  there.documents.update("Item", sku, { item_name: "Theirs" });
  await erp.sync(id);
  const conflict = await conflictOf("both_changed");
  expect(conflict).toMatchObject({ kind: "item", subject: "name", ours: "Ours", theirs: { name: "Theirs" } });
  expect((await itemOf(sku)).name).toBe("Ours");
  expect((await resolve(conflict.id, "ours")).body).toMatchObject({ state: "resolved", kept: "ours" });
  expect((await resolve(conflict.id, "ours")).status).toBe(409);
  await expectNone();
  expect(there.documents.get("Item", sku)).toMatchObject({ item_name: "Ours" });

  await erp.admin(`PUT /items/${item.id}`, { name: "Ours again" });
  there.documents.update("Item", sku, { item_name: "Theirs again" });
  await erp.sync(id);
  await resolve((await conflictOf("both_changed")).id, "theirs");
  await expectNone();
  expect((await itemOf(sku)).name).toBe("Theirs again");
});

test("two items there with one code are a conflict of the second", async () => {
  await erp.sync(id);
  // Of ERPNext the code is the name; a rename here makes two of one.
  const other = `${sku}-other`;
  await erp.admin("POST /items", { sku: other, name: "known here", barcode: "4006381333931" });
  there.item(`${sku}-double`, { barcodes: [{ barcode: "4006381333931" }] });
  await erp.sync(id);
  const conflict = (await erp.openConflicts(id)).find(({ type }) => type === "duplicate")!;
  expect(conflict).toMatchObject({ external_id: `${sku}-double` });
  expect(String(conflict["message"])).toContain("barcode");
  expect((await resolve(conflict.id, "theirs")).status).toBe(409);
  there.documents.update("Item", `${sku}-double`, { barcodes: [] });
  await expectNone();
  expect(await itemOf(`${sku}-double`)).toBeDefined();
});

test("an order in a unit that the item has not waits until it has, and nothing of it is done before", async () => {
  await erp.sync(id);
  const order = there.sell("Corner Shop", [
    [sku, 3],
    [sku, 2, "Box", 6],
  ]).name;
  await erp.sync(id);
  const conflict = await conflictOf("unknown_unit");
  expect(conflict).toMatchObject({ kind: "sale", external_id: order, subject: sku });
  expect(await erp.orderOf(order)).toBeUndefined();
  const { id: item } = await itemOf(sku);
  await erp.admin(`PUT /items/${item}`, { packs: [{ unit: "Box", quantity: 6 }] });
  await expectNone();
  expect(await erp.orderOf(order)).toMatchObject({ status: "approved", lines: [{ quantity: 3 }, { quantity: 12 }] });
});

test("an order for a warehouse that is no location here waits for the mapping", async () => {
  await erp.sync(id);
  const annex = there.documents.insert("Warehouse", {
    warehouse_name: `Annex ${nr}`,
    is_group: 0,
    company: "My Company",
  }).name;
  const items = [{ item_code: sku, qty: 1, uom: "Nos", conversion_factor: 1, warehouse: annex }];
  const head = { customer: "Corner Shop", company: "My Company", delivery_date: "2026-03-08" };
  const order = there.documents.insert("Sales Order", { ...head, items }).name;
  there.documents.update("Sales Order", order, { docstatus: 1 });
  await erp.sync(id);
  expect(await conflictOf("unmapped_warehouse")).toMatchObject({ subject: annex });
  const { options } = (await erp.admin(`GET /erp/connections/${id}`)).body as { options: { warehouses: object[] } };
  const warehouses = [...options.warehouses, { external_id: annex, location_id: erp.shop }];
  expect((await erp.admin(`PUT /erp/connections/${id}`, { options: { ...options, warehouses } })).status).toBe(200);
  await expectNone();
  expect(await erp.orderOf(order)).toMatchObject({ ship_from_id: erp.shop });
  await erp.admin(`PUT /erp/connections/${id}`, { options });
  await erp.sync(id);
});

test("a quantity below zero, or of half a piece, is left out when a person says so, until the order is changed", async () => {
  await erp.sync(id);
  const order = there.sell("Corner Shop", [[sku, -2]]);
  await erp.sync(id);
  const conflict = await conflictOf("bad_quantity");
  expect((await resolve(conflict.id, "theirs")).status).toBe(409);
  await resolve(conflict.id, "ours");
  await expectNone();
  (order["items"] as Record<string, unknown>[])[0]!["qty"] = 4;
  there.documents.touch(order);
  await expectNone();
  expect(await erp.orderOf(order.name)).toMatchObject({ lines: [{ quantity: 4 }] });
});

test("an order that is changed there is followed until work on it has begun here", async () => {
  await erp.sync(id);
  const { id: item } = await itemOf(sku);
  await erp.admin("POST /inventory-items", { item_id: item, location_id: erp.hub, quantity: 50 });
  const order = there.sell("Corner Shop", [[sku, 5]]);
  await erp.sync(id);
  expect(await erp.orderOf(order.name)).toMatchObject({ lines: [{ quantity: 5, reserved: 5 }] });
  const change = (qty: number) => {
    (order["items"] as Record<string, unknown>[])[0]!["qty"] = qty;
    there.documents.touch(order);
  };
  change(7);
  await expectNone();
  const ours = await erp.orderOf(order.name);
  expect(ours).toMatchObject({ lines: [{ quantity: 7, reserved: 7 }] });

  await erp.admin(`POST /orders/${String(ours["id"])}/pick`);
  change(9);
  await erp.sync(id);
  const conflict = await conflictOf("changed_after_shipping");
  expect(conflict).toMatchObject({ kind: "sale", ours: { status: "picking" } });
  expect((await resolve(conflict.id, "theirs")).status).toBe(409);
  await resolve(conflict.id, "ours");
  await expectNone();
  // Cancelled there before anything has left: the goods are free again.
  there.documents.update("Sales Order", order.name, { docstatus: 2 });
  await expectNone();
  expect(await erp.orderOf(order.name)).toMatchObject({ status: "cancelled" });
});

test("what was deleted there is a conflict: an order is cancelled here, or lives on", async () => {
  await erp.sync(id);
  const [first, second] = [there.sell("Corner Shop", [[sku, 1]]), there.sell("Corner Shop", [[sku, 1]])];
  await erp.sync(id);
  for (const { name } of [first, second]) there.documents.documents.delete(`Sales Order/${name}`);
  await erp.sync(id);
  const open = await erp.openConflicts(id);
  expect(open.map(({ type }) => type)).toEqual(["deleted_there", "deleted_there"]);
  const of = (name: string) => open.find((each) => each["external_id"] === name)!;
  await resolve(of(first.name).id, "theirs");
  await resolve(of(second.name).id, "ours");
  await expectNone();
  expect(await erp.orderOf(first.name)).toMatchObject({ status: "cancelled" });
  expect(await erp.orderOf(second.name)).toMatchObject({ status: "approved" });
});

test("a level that was changed there is shown, and brought to ours by a movement there", async () => {
  await erp.sync(id);
  const { id: item } = await itemOf(sku);
  await erp.admin("POST /inventory-items", { item_id: item, location_id: erp.hub, quantity: 10 });
  await erp.sync(id);
  expect(there.documents.onHand(sku, there.warehouse)).toBe(10);
  const entry = there.documents.insert("Stock Entry", {
    items: [{ item_code: sku, qty: 3, s_warehouse: there.warehouse }],
  });
  there.documents.update("Stock Entry", entry.name, { docstatus: 1 });
  expect(await erp.sync(id)).toMatchObject({ differences: 1, conflicts: 0 });
  const conflict = await conflictOf("level_differs");
  expect(conflict).toMatchObject({ ours: { quantity: 10 }, theirs: { quantity: 7 } });
  await resolve(conflict.id, "ours");
  await expectNone();
  expect(there.documents.onHand(sku, there.warehouse)).toBe(10);
});

test("a document that the ERP refuses is shown with its words, and made when the reason is gone", async () => {
  await erp.sync(id);
  const { id: item } = await itemOf(sku);
  const { body: position } = await erp.admin("POST /inventory-items", {
    item_id: item,
    location_id: erp.hub,
    quantity: 10,
  });
  await erp.sync(id);
  const entry = there.documents.insert("Stock Entry", {
    items: [{ item_code: sku, qty: 10, s_warehouse: there.warehouse }],
  });
  there.documents.update("Stock Entry", entry.name, { docstatus: 1 });
  await erp.admin("POST /movements", { inventory_item_id: position["id"], quantity: -4, reason: "broken" });
  await erp.sync(id);
  const conflict = (await erp.openConflicts(id)).find(({ type }) => type === "refused")!;
  expect(String(conflict["message"])).toContain("4 units of Item");
  there.documents.update("Stock Entry", entry.name, { docstatus: 2 });
  await resolve(conflict.id, "ours");
  await expectNone();
  expect(there.documents.onHand(sku, there.warehouse)).toBe(6);
});
