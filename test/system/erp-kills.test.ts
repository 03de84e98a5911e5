import { afterAll, beforeAll, expect, test } from "vitest";
import { type ErpTest, startErpTest } from "../api/integrations/erp/erp-test.ts";
import { type ErpnextStandIn, startErpnext } from "../support/erp/erpnext.ts";
import { type OdooStandIn, startOdoo } from "../support/erp/odoo.ts";
import type { StandIn } from "../support/erp/stand-in.ts";
import { Launched } from "../support/launched.ts";

const LONG = process.env["LONG"] === "1";
/** How often the relay is killed in all. */
const KILLS = LONG ? 50 : 6;
const ORDERS = LONG ? 20 : 5;
const PIECES = 3;
const WAIT = { timeout: 120_000, interval: 100 };

let erp: ErpTest;
let odoo: OdooStandIn;
let next: ErpnextStandIn;
let relay: Launched | undefined;
beforeAll(async () => {
  erp = await startErpTest();
  [odoo, next] = [await startOdoo(), await startErpnext()];
});
afterAll(async () => {
  if (relay && !relay.hasEnded) process.kill(relay.pid, "SIGKILL");
  await Promise.all([odoo?.close(), next?.close()]);
  await erp?.close();
});

const start = (): Launched =>
  new Launched("relay", {
    DATABASE_URL: erp.api.db.url,
    SECRETS_KEY: Buffer.alloc(32, 7).toString("base64"),
    WEBHOOK_ALLOWED_HOSTS: "127.0.0.1",
  });

/** Not random, so that a failure comes again. */
let step = 7;
const someRequests = (): number => {
  step = (step * 29 + 11) % 31;
  return 2 + step;
};

/** Kills the relay when an ERP has carried out its n-th request from now on, before the relay hears of it. */
async function killAmongRequests(): Promise<void> {
  let left = someRequests();
  const running = (relay ??= start());
  const killed = new Promise<void>((resolve) => {
    const count = async (): Promise<void> => {
      left -= 1;
      if (left > 0) return;
      if (!running.hasEnded) process.kill(running.pid, "SIGKILL");
      resolve();
      throw new Error("nobody hears the answer");
    };
    for (const { faults } of [odoo, next] as StandIn[]) faults.afterWork = count;
  });
  await askAll();
  await killed;
  await running.ends();
  relay = undefined;
  for (const { faults } of [odoo, next] as StandIn[]) delete faults.afterWork;
  await askAll();
}

/** A pass is due for both, and the lease of who was killed is over. */
async function askAll(): Promise<void> {
  await erp.pool.query(
    "UPDATE erp_connections SET next_sync_at = now(), claimed_until = least(claimed_until, now()), failing_since = NULL",
  );
}

/** Until nothing waits, with nobody killed. */
async function settle(check: () => Promise<boolean>): Promise<void> {
  relay ??= start();
  await expect
    .poll(async () => {
      await erp.pool.query("UPDATE erp_connections SET next_sync_at = now() WHERE claimed_until IS NULL");
      return check();
    }, WAIT)
    .toBe(true);
}

test.runIf(process.platform === "linux")(
  "whatever the relay is killed in, each order is on the other side once, and each delivery is there once and taken back once",
  { timeout: LONG ? 1_500_000 : 400_000 },
  async () => {
    const customer = odoo.partner("Corner Shop", "customer_rank");
    next.documents.insert("Customer", { customer_name: "Corner Shop" });
    const milk = odoo.product("milk");
    next.item("bread");
    // What is sold here, and made there.
    const tea = odoo.product("tea");
    next.item("cake");
    const common = { customers: [] as object[], ship: "automatic", sync: { sales: "both" } };
    const ofOdoo = {
      ...common,
      warehouses: [{ external_id: String(odoo.warehouse.id), location_id: erp.hub }],
      customers: [{ external_id: String(customer.id), location_id: erp.shop }],
    };
    const ofNext = {
      ...common,
      warehouses: [{ external_id: next.warehouse, location_id: erp.shop }],
      customers: [{ external_id: "Corner Shop", location_id: erp.hub }],
    };
    const ids = [
      await erp.connect({
        name: "Odoo",
        kind: "odoo",
        url: odoo.url,
        database: odoo.database,
        credentials: { api_key: odoo.apiKey },
        options: ofOdoo,
      }),
      await erp.connect({
        name: "ERPNext",
        kind: "erpnext",
        url: next.url,
        credentials: { api_key: next.apiKey, api_secret: next.apiSecret },
        options: ofNext,
      }),
    ];
    for (const [sku, place] of [
      ["milk", erp.hub],
      ["bread", erp.shop],
    ] as const) {
      const { body: item } = await erp.admin("POST /items", { sku, name: sku });
      await erp.admin("POST /inventory-items", { item_id: item["id"], location_id: place, quantity: 1_000 });
    }
    odoo.models.move(milk.id, Number(odoo.warehouse["lot_stock_id"]), 1_000);
    const entry = next.documents.insert("Stock Entry", {
      items: [{ item_code: "bread", qty: 1_000, t_warehouse: next.warehouse }],
    });
    next.documents.update("Stock Entry", entry.name, { docstatus: 1 });
    const numbers: string[] = [];
    for (let at = 0; at < ORDERS; at += 1) {
      numbers.push(
        String(odoo.sell([[milk, PIECES]], customer)["name"]),
        next.sell("Corner Shop", [["bread", PIECES]]).name,
      );
    }
    const third = Math.ceil(KILLS / 3);

    for (let kill = 0; kill < third; kill += 1) await killAmongRequests();
    const orders = async () => await erp.list<{ id: number; reference: string; status: string }>("/orders?limit=200");
    await settle(async () => (await orders()).filter(({ status }) => status === "shipped").length === numbers.length);
    expect((await orders()).map(({ reference }) => reference).toSorted()).toEqual(numbers.toSorted());

    const customers = await erp.list<{ id: number; name: string }>("/parties?limit=200");
    const buyer = customers.find(({ name }) => name === "Corner Shop")!.id;
    for (let at = 0; at < ORDERS; at += 1) {
      for (const [sku, place] of [
        ["tea", erp.hub],
        ["cake", erp.shop],
      ] as const) {
        const item = (await erp.list<{ id: number; sku: string }>(`/items?q=${sku}`)).find((each) => each.sku === sku)!;
        const lines = [{ item_id: item.id, quantity: PIECES }];
        const order = { kind: "customer", customer_id: buyer, ship_from_id: place, lines };
        const { body } = await erp.admin("POST /orders", order);
        expect((await erp.admin(`PUT /orders/${String(body["id"])}`, { status: "approved" })).status).toBe(200);
      }
    }

    const shipments = await erp.list<{ id: number }>("/shipments?limit=200");
    for (const { id } of shipments)
      expect((await erp.admin(`POST /shipments/${id}/proof-of-delivery`, { name: "Ann" })).status).toBeLessThan(300);
    for (let kill = 0; kill < third; kill += 1) await killAmongRequests();
    const delivered = () => [
      ...odoo.models
        .table("sale.order.line")
        .filter(({ product_id }) => product_id === milk.id)
        .map((line) => Number(line["qty_delivered"] ?? 0)),
      ...next.documents
        .of("Sales Order")
        .flatMap(({ items }) => items as { item_code: string; delivered_qty?: number }[])
        .filter(({ item_code }) => item_code === "bread")
        .map((row) => row.delivered_qty ?? 0),
    ];
    const isSettled = async () => {
      const states = await Promise.all(ids.map(erp.stateOf));
      return states.every(({ lag_seconds: lag, problem }) => lag === null && problem === null);
    };
    await settle(async () => delivered().every((quantity) => quantity === PIECES) && isSettled());
    const levels = () => [odoo.onHand(milk), next.documents.onHand("bread", next.warehouse)];
    expect(levels()).toEqual([1_000 - PIECES * ORDERS, 1_000 - PIECES * ORDERS]);

    const ordersOf = (product: number) =>
      odoo.models.table("sale.order.line").filter(({ product_id }) => product_id === product).length;
    const cakes = next.documents.of("Sales Order").filter(({ items }) => JSON.stringify(items).includes('"cake"'));
    expect([ordersOf(tea.id), cakes.map(({ docstatus }) => docstatus)]).toEqual([ORDERS, cakes.map(() => 1)]);
    expect(cakes).toHaveLength(ORDERS);
    // Nor have those come back as orders of the ERP.
    expect(await orders()).toHaveLength(2 * numbers.length);

    // All of it turns out to be wrong.
    for (const { id } of shipments) {
      const events = await erp.list<{ id: number; type: string }>(`/shipments/${id}/events`);
      const proof = events.find(({ type }) => type === "proof")!;
      expect(
        (await erp.admin(`POST /shipments/${id}/events/${proof.id}/void`, { reason: "another house" })).status,
      ).toBe(200);
    }
    for (let kill = 0; kill < third; kill += 1) await killAmongRequests();
    await settle(async () => delivered().every((quantity) => quantity === 0) && isSettled());
    expect(levels()).toEqual([1_000, 1_000]);
    const notes = next.documents.of("Delivery Note").map(({ docstatus }) => docstatus);
    expect(notes).toEqual(notes.map(() => 2));
    expect(notes).toHaveLength(ORDERS);
    // A transfer and its return for each order, and no other.
    const done = odoo.models.table("stock.picking").filter(({ state }) => state === "done");
    expect(done).toHaveLength(2 * ORDERS);
    // The last pass closes them after its deliveries.
    for (const id of ids)
      await expect.poll(() => erp.stateOf(id)).toMatchObject({ differences: 0, conflicts: 0, problem: null });
  },
);
