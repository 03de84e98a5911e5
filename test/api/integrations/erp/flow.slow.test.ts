import { afterAll, beforeAll, expect, test } from "vitest";
import { type IngestRig, startIngestRig } from "../../../support/ingest.ts";
import { type ErpnextStandIn, startErpnext } from "../../../support/erp/erpnext.ts";
import { type OdooStandIn, startOdoo } from "../../../support/erp/odoo.ts";
import { type ErpTest, startErpTest } from "./erp-test.ts";

let erp: ErpTest;
let ingest: IngestRig;
beforeAll(async () => {
  erp = await startErpTest();
  await erp.world.device("shop-scanner", "scan", { location_id: erp.shop });
  ingest = await startIngestRig(erp.pool);
});
afterAll(async () => {
  await ingest?.close();
  await erp?.close();
});

/** The scanner at the shop's door says what has come. */
async function scanDelivered(trackingNumber: string): Promise<void> {
  const reading = { ts: Date.now(), code: trackingNumber, action: "deliver" };
  await ingest.publish("devices/shop-scanner/scan", reading);
  await ingest.settled();
}

/** An ERP as a test sees it: what was sold and bought there, and what is on hand. */
interface Side {
  connection: Record<string, unknown>;
  stock(sku: string, quantity: number): void;
  sell(sku: string, quantity: number): string;
  buy(sku: string, quantity: number): string;
  onHand(sku: string): number;
  delivered(order: string): number;
  received(order: string): number;
  close(): Promise<void>;
}

function ofOdoo(odoo: OdooStandIn, version: string): Side {
  const product = (sku: string) =>
    odoo.models.table("product.product").find(({ default_code }) => default_code === sku)!;
  const customer = odoo.partner("Corner Shop", "customer_rank");
  const supplier = odoo.partner("Dairy", "supplier_rank");
  const sum = (model: string, order: string, field: string) => {
    const { id } = odoo.models.table(model).find(({ name }) => name === order)!;
    return odoo.models
      .table(`${model}.line`)
      .filter(({ order_id }) => order_id === id)
      .reduce((all, line) => all + Number(line[field] ?? 0), 0);
  };
  return {
    connection: {
      name: `Odoo ${version}`,
      kind: "odoo",
      url: odoo.url,
      database: odoo.database,
      credentials: { api_key: odoo.apiKey, user: odoo.user },
      options: {
        warehouses: [{ external_id: String(odoo.warehouse.id), location_id: erp.hub }],
        customers: [{ external_id: String(customer.id), location_id: erp.shop }],
        ship: "automatic",
      },
    },
    stock(sku, quantity) {
      const made = odoo.product(sku);
      odoo.models.move(made.id, Number(odoo.warehouse["lot_stock_id"]), quantity);
    },
    sell: (sku, quantity) => String(odoo.sell([[product(sku), quantity]], customer)["name"]),
    buy: (sku, quantity) => String(odoo.buy([[product(sku), quantity]], supplier)["name"]),
    onHand: (sku) => odoo.onHand(product(sku)),
    delivered: (order) => sum("sale.order", order, "qty_delivered"),
    received: (order) => sum("purchase.order", order, "qty_received"),
    close: odoo.close,
  };
}

function ofErpnext(erpnext: ErpnextStandIn): Side {
  const { documents, warehouse } = erpnext;
  documents.insert("Customer", { customer_name: "Corner Shop" });
  documents.insert("Supplier", { supplier_name: "Dairy" });
  const sum = (doctype: string, order: string, field: string) =>
    (documents.get(doctype, order)!["items"] as Record<string, unknown>[]).reduce(
      (all, row) => all + Number(row[field] ?? 0),
      0,
    );
  return {
    connection: {
      name: "ERPNext",
      kind: "erpnext",
      url: erpnext.url,
      credentials: { api_key: erpnext.apiKey, api_secret: erpnext.apiSecret },
      options: {
        company: "My Company",
        warehouses: [{ external_id: warehouse, location_id: erp.hub }],
        customers: [{ external_id: "Corner Shop", location_id: erp.shop }],
        ship: "automatic",
      },
    },
    stock(sku, quantity) {
      erpnext.item(sku);
      const entry = documents.insert("Stock Entry", {
        items: [{ item_code: sku, qty: quantity, t_warehouse: warehouse }],
      });
      documents.update("Stock Entry", entry.name, { docstatus: 1 });
    },
    sell: (sku, quantity) => erpnext.sell("Corner Shop", [[sku, quantity]]).name,
    buy: (sku, quantity) => erpnext.buy("Dairy", [[sku, quantity]]).name,
    onHand: (sku) => documents.onHand(sku, warehouse),
    delivered: (order) => sum("Sales Order", order, "delivered_qty"),
    received: (order) => sum("Purchase Order", order, "received_qty"),
    close: erpnext.close,
  };
}

const SIDES: Record<string, () => Promise<Side>> = {
  "Odoo 19 (JSON-2)": async () => ofOdoo(await startOdoo("19.0"), "19"),
  "Odoo 16 (JSON-RPC)": async () => ofOdoo(await startOdoo("16.0"), "16"),
  ERPNext: async () => ofErpnext(await startErpnext()),
};

test.for(Object.keys(SIDES))(
  "an order of %s is held, shipped, delivered by sensors and told there, without a hand",
  async (name) => {
    const side = await SIDES[name]!();
    const sku = `MILK-${name.replace(/\W+/g, "-")}`;
    side.stock(sku, 40);
    const id = await erp.connect(side.connection);
    expect((await erp.admin(`POST /erp/connections/${id}/test`)).body).toMatchObject({ ok: true });
    expect(await erp.sync(id)).toMatchObject({ state: "waiting", problem: null });
    const [item] = (await erp.list<{ id: number }>(`/items?q=${sku}`)) as [{ id: number }];
    // The stock there is unknown here: a person says that theirs is right.
    const [difference] = await erp.openConflicts(id);
    expect(difference).toMatchObject({ type: "level_differs", ours: { quantity: 0 }, theirs: { quantity: 40 } });
    expect((await erp.admin(`POST /erp/conflicts/${difference!.id}/resolve`, { keep: "theirs" })).status).toBe(200);
    const [position] = await erp.list(`/inventory-items?item_id=${item.id}`);
    expect(position).toMatchObject({ location_id: erp.hub, quantity: 40 });
    const order = side.sell(sku, 12);
    await erp.sync(id);
    await erp.sync(id);
    const { body: differing } = await erp.admin(`GET /erp/conflicts?state=open&connection_id=${id}`);
    expect(differing).toEqual([]);
    const ours = await erp.orderOf(order);
    expect(ours).toMatchObject({ kind: "customer", status: "shipped", ship_from_id: erp.hub });
    const shipments = await erp.list<{ id: number; tracking_number: string }>(`/shipments?q=${order}`);
    const { id: shipment, tracking_number: tracking } = shipments[0]!;
    expect(side.delivered(order)).toBe(0);
    await erp.admin(`POST /shipments/${shipment}/load`, { vehicle_id: erp.truck });
    await scanDelivered(tracking);
    expect((await erp.admin(`GET /shipments/${shipment}`)).body).toMatchObject({ status: "delivered" });
    await erp.sync(id);
    expect(side.delivered(order)).toBe(12);
    expect(side.onHand(sku)).toBe(28);
    await erp.sync(id);
    expect(await erp.stateOf(id)).toMatchObject({ differences: 0, conflicts: 0, problem: null });

    // A purchase there is awaited here; what has come is told as a receipt.
    const purchase = side.buy(sku, 20);
    await erp.sync(id);
    const restock = await erp.orderOf(purchase);
    expect(restock).toMatchObject({ kind: "restock", status: "sent", ship_to_id: erp.hub });
    await erp.admin(`POST /orders/${String(restock["id"])}/receive`, { lines: [{ line: 1, quantity: 8 }] });
    await erp.sync(id);
    expect(side.received(purchase)).toBe(8);
    await erp.admin(`POST /orders/${String(restock["id"])}/receive`, { lines: [{ line: 1, quantity: 12 }] });
    await erp.sync(id);
    expect([side.received(purchase), side.onHand(sku)]).toEqual([20, 48]);

    // What leaves without an order is a movement; taken back it is another one.
    const { body: moved } = await erp.admin("POST /movements", {
      inventory_item_id: position!["id"],
      quantity: -5,
      reason: "broken",
    });
    await erp.sync(id);
    expect(side.onHand(sku)).toBe(43);
    expect((await erp.admin(`POST /movements/${String(moved["id"])}/reverse`, { reason: "found" })).status).toBe(201);
    await erp.sync(id);
    expect(side.onHand(sku)).toBe(48);

    // It turns out that the goods were never delivered there: the delivery is taken back, once.
    const events = await erp.list<{ id: number; type: string }>(`/shipments/${shipment}/events`);
    const delivered = events.findLast(({ type }) => type === "scanned")!;
    expect(delivered).toBeDefined();
    expect(
      (await erp.admin(`POST /shipments/${shipment}/events/${delivered.id}/void`, { reason: "another shop" })).status,
    ).toBe(200);
    await erp.sync(id);
    await erp.sync(id);
    expect([side.delivered(order), side.onHand(sku)]).toEqual([0, 60]);
    await scanDelivered(tracking);
    await erp.sync(id);
    expect([side.delivered(order), side.onHand(sku)]).toEqual([12, 48]);
    const documents = await erp.list<{ kind: string; state: string }>(
      `/erp/connections/${id}/documents?direction=out&limit=200`,
    );
    expect(documents.filter(({ kind }) => kind === "delivery").map(({ state }) => state)).toEqual(["sent", "reversed"]);
    expect(await erp.stateOf(id)).toMatchObject({ differences: 0, conflicts: 0, problem: null, lag_seconds: null });
    expect((await erp.admin(`DELETE /erp/connections/${id}`)).status).toBe(204);
    await side.close();
  },
);
