import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction, recordFacts } from "../../../../ingest/decisions/record-facts.ts";
import { loadAlertedStock } from "../../../../ingest/stores/queries/alerts/stock.ts";
import { receiveOrders } from "../../../../ingest/workers/order-receipts.ts";
import { reorder } from "../../../../ingest/workers/reorder-worker.ts";
import { addClient, tokenOfClient } from "../../auth/client-support.ts";
import { type Body, openShop, type Shop } from "./order-shop.ts";

let shop: Shop;
/** Owners. */
let ann: number;
let bea: number;
beforeAll(async () => {
  shop = await openShop();
  ann = await shop.made("/parties", { name: "Ann", roles: ["owner"] });
  bea = await shop.made("/parties", { name: "Bea", roles: ["owner"] });
});
afterAll(() => shop?.api.close());

type Whose = "ann" | "bea" | "nobody";
const idOf = (whose: Whose): number | null => ({ ann, bea, nobody: null })[whose];

/** An item at one place: Ann's is the position that sensors count, Bea's and what nobody owns lie beside it. 100 pieces each. */
async function shelf(more: Partial<Record<Whose, object>> = {}) {
  const [item, hall] = [await shop.item(), await shop.place("Hall")];
  const keep = (whose: Whose) => shop.stock(item, hall, 100, { owner_id: idOf(whose), ...more[whose] });
  const stock: Record<Whose, number> = { ann: await keep("ann"), bea: await keep("bea"), nobody: await keep("nobody") };
  const outlooks = async () =>
    (await shop.manager(`GET /stock-outlooks?item_id=${item}&location_id=${hall}`)).body as unknown as Body[];
  const levels = async () => Promise.all(Object.values(stock).map(async (id) => (await shop.position(id)).quantity));
  const sent = async (more: object, quantity = 24): Promise<number> => {
    const id = await shop.order("restock", [[item, quantity]], { ship_to_id: hall, ...more });
    expect((await shop.manager(`PUT /orders/${id}`, { status: "sent" })).status).toBe(200);
    return id;
  };
  return { item, hall, stock, outlooks, levels, sent };
}

/** A shipment for an order, and that it has been delivered. */
async function deliver(item: number, hall: number, order: number, quantity: number): Promise<void> {
  const goods = { item_id: item, quantity, location: "production", destination_id: hall, order_id: order };
  const shipment = await shop.made("/shipments", goods);
  const proof = await shop.manager(`POST /shipments/${shipment}/proof-of-delivery`, { name: "Eve" });
  expect(proof.status, JSON.stringify(proof.body)).toBeLessThan(300);
  while ((await receiveOrders(shop.api.db.pool)) > 0);
}

test.each<[kind: "restock" | "transfer", owner: Whose, expected: Record<Whose, number>]>([
  ["restock", "ann", { ann: 7, bea: 0, nobody: 0 }],
  ["restock", "bea", { ann: 0, bea: 7, nobody: 0 }],
  ["restock", "nobody", { ann: 7, bea: 0, nobody: 0 }],
  ["transfer", "bea", { ann: 0, bea: 7, nobody: 0 }],
  ["transfer", "nobody", { ann: 0, bea: 0, nobody: 7 }],
])(
  "what a %s order of %s brings is on order for the position that gets it, and for no other",
  async (kind, owner, expected) => {
    const { item, hall, stock, outlooks } = await shelf();
    const places = kind === "restock" ? {} : { ship_from_id: await shop.place("Yard") };
    await shop.order(kind, [[item, 7]], { ship_to_id: hall, owner_id: idOf(owner), ...places });
    expect((await outlooks()).map(({ on_order }) => on_order)).toEqual(Object.values(expected));
    // The low stock alert projects the same.
    const alerted = await loadAlertedStock(shop.api.db.pool, Object.values(stock));
    expect(alerted.map(({ projected }) => projected)).toEqual(Object.values(expected).map((pieces) => 100 + pieces));
  },
);

test.each<[of: "no order" | "return", owner: Whose, orders: Whose, expected: number[]]>([
  ["no order", "ann", "nobody", [7, 0, 0]],
  ["no order", "bea", "nobody", [0, 7, 0]],
  ["no order", "nobody", "nobody", [7, 0, 0]],
  ["return", "nobody", "bea", [0, 7, 0]],
  ["return", "nobody", "nobody", [0, 0, 7]],
])(
  "a shipment of %s and of %s, whose order is of %s, is in transit to one position",
  async (of, owner, orders, expected) => {
    const { item, hall, outlooks } = await shelf();
    const order =
      of === "return" ? await shop.order(of, [[item, 7]], { ship_to_id: hall, owner_id: idOf(orders) }) : null;
    const goods = { location: "production", destination_id: hall, owner_id: idOf(owner), order_id: order };
    await shop.made("/shipments", { ...goods, item_id: item, quantity: 4 });
    const lines = [
      { item_id: item, quantity: 3 },
      { item_id: await shop.item(), quantity: 9 },
    ];
    await shop.made("/shipments", { ...goods, lines });
    const rows = await outlooks();
    expect(rows.map(({ in_transit }) => in_transit)).toEqual(expected);
    const told = rows.map(({ arrivals }) =>
      (arrivals as { quantity: number }[]).reduce((sum, each) => sum + each.quantity, 0),
    );
    expect(told).toEqual(expected);
  },
);

test("shipments of an owner's restock order arrive at the owner's position, and are in transit nowhere", async () => {
  const { item, hall, outlooks, sent } = await shelf();
  const order = await sent({ owner_id: bea });
  const goods = { item_id: item, quantity: 24, location: "production", destination_id: hall, order_id: order };
  const shipment = await shop.made("/shipments", goods);
  expect(await outlooks()).toMatchObject([
    { on_order: 0, in_transit: 0, arrivals: [] },
    { on_order: 24, in_transit: 0, arrivals: [{ shipment_id: shipment, quantity: 24 }] },
    { on_order: 0, in_transit: 0, arrivals: [] },
  ]);
});

test("each owner's shortage gets one draft of that owner, whose goods end it; another owner's order does not", async () => {
  const short = { quantity: 3, reorder_point: 10 };
  const { item, stock, sent, levels } = await shelf({ ann: short, bea: short, nobody: short });
  await sent({ owner_id: ann }, 40);
  const { pool } = shop.api.db;
  for (const holdMs of [60_000, 0, 0]) await reorder(pool, holdMs);
  const orders = (await shop.manager("GET /orders?kind=restock&limit=200")).body as unknown as Body[];
  const drafts = orders.filter(({ made_for: of }) => Object.values(stock).includes(of as number));
  expect(drafts.map(({ made_for, owner_id, status }) => [made_for, owner_id, status])).toEqual([
    [stock.bea, bea, "draft"],
    [stock.nobody, null, "draft"],
  ]);
  for (const draft of drafts as { id: number }[]) {
    for (const status of ["approved", "sent"]) await shop.manager(`PUT /orders/${draft.id}`, { status });
  }
  expect(await reorder(pool, 0)).toMatchObject({ begun: 0, drafted: 0 });
  expect((await shop.manager(`GET /reorder-suggestions?inventory_item_id=${stock.bea}`)).body).toEqual([]);
  for (const draft of drafts as { id: number }[]) {
    const receipt = { lines: [{ item_id: item, quantity: 17 }] };
    expect(await shop.done(draft.id, "receive", receipt)).toMatchObject({ status: "received" });
  }
  expect(await levels()).toEqual([3, 20, 20]);
  await shop.expectLedger();
});

test("who is limited to an owner sees the draft of that owner, receives it, and puts nothing into another's position", async () => {
  const short = { quantity: 3, reorder_point: 10 };
  const { item, hall, stock, levels } = await shelf({ ann: short, bea: short });
  for (const holdMs of [60_000, 0, 0]) await reorder(shop.api.db.pool, holdMs);
  const admin = await shop.api.as("admin");
  const client = await addClient(admin, { name: "Bea's", role: "manager", owner_ids: [bea] });
  const Authorization = `Bearer ${await tokenOfClient(shop.api, client)}`;
  const call = (request: string, body?: object) => shop.manager(request, body, { Authorization });
  const orders = (await call("GET /orders?limit=200")).body as unknown as Body[];
  const drafts = orders.filter(({ made_for: of }) => Object.values(stock).includes(of as number));
  expect(drafts).toMatchObject([{ made_for: stock.bea, owner_id: bea }]);
  const id = drafts[0]!["id"] as number;
  for (const status of ["approved", "sent"]) expect((await call(`PUT /orders/${id}`, { status })).status).toBe(200);
  const lines = [{ item_id: item, quantity: 17 }];
  expect(await call(`POST /orders/${id}/receive`, { lines })).toMatchObject({ body: { status: "received" } });
  expect(await levels()).toEqual([3, 20, 100]);
  const other = await call("POST /orders", { kind: "restock", ship_to_id: hall, lines });
  await shop.api.db.pool.query("UPDATE orders SET owner_id = NULL, status = 'sent' WHERE id = $1", [other.body["id"]]);
  const refused = await call(`POST /orders/${String(other.body["id"])}/receive`, { lines });
  expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/owner_id/) } });
  expect(await levels()).toEqual([3, 20, 100]);
});

test.each<[order: Whose, expected: number[]]>([
  ["ann", [124, 100, 100]],
  ["bea", [100, 124, 100]],
  ["nobody", [124, 100, 100]],
])(
  "a delivered shipment of an order of %s becomes stock of one position, and receives the order",
  async (owner, expected) => {
    const { item, hall, sent, levels } = await shelf();
    const order = await sent({ owner_id: idOf(owner) });
    await deliver(item, hall, order, 24);
    expect(await shop.read(order)).toMatchObject({ status: "received", lines: [{ received: 24 }] });
    expect(await levels()).toEqual(expected);
    await shop.expectLedger();
  },
);

test("an owner who keeps nothing there yet gets a position by the shipment that is delivered, or by who receives", async () => {
  const [item, hall] = [await shop.item(), await shop.place("Hall")];
  const main = await shop.stock(item, hall, 100);
  const byShipment = await shop.order("restock", [[item, 24]], { ship_to_id: hall, owner_id: bea });
  const byPerson = await shop.order("restock", [[item, 9]], { ship_to_id: hall, owner_id: ann });
  for (const id of [byShipment, byPerson]) await shop.manager(`PUT /orders/${id}`, { status: "sent" });
  await deliver(item, hall, byShipment, 24);
  expect(await shop.read(byShipment)).toMatchObject({ status: "received" });
  expect(await shop.done(byPerson, "receive", { lines: [{ item_id: item, quantity: 9 }] })).toMatchObject({
    status: "received",
  });
  expect((await shop.manager(`GET /inventory-items?item_id=${item}`)).body).toMatchObject([
    { id: main, quantity: 100, owner_id: null },
    { quantity: 24, owner_id: bea, source: "ledger" },
    { quantity: 9, owner_id: ann },
  ]);
});

test("the scale counts Ann's position: it receives her order, and not Bea's that was sent before", async () => {
  const { stock, sent } = await shelf({ ann: { source: "scale" } });
  const [hers, anns] = [await sent({ owner_id: bea }), await sent({ owner_id: ann })];
  await shop.api.db.pool.query("UPDATE orders SET sent_at = now() - interval '1 hour' WHERE id = ANY($1)", [
    [hers, anns],
  ]);
  const data = { quantity: 124, source: "scale", change: 24 } as const;
  const seen = {
    key: `scale ${stock.ann}`,
    subject: `stock:${stock.ann}`,
    at: Date.now(),
    type: "counted",
    data,
  } as const;
  await inTransaction(shop.api.db.pool, (client) =>
    recordFacts(client, { facts: [{ ...seen, rule: "scale-count", evidence: [], confidence: 1 }] }),
  );
  while ((await receiveOrders(shop.api.db.pool)) > 0);
  expect(await shop.read(anns)).toMatchObject({ status: "received", lines: [{ received_by: { scale: 24 } }] });
  expect(await shop.read(hers)).toMatchObject({ status: "sent", lines: [{ received: 0 }] });
});

test.each<[order: Whose, expected: number[], damagedOf: Whose]>([
  ["ann", [122, 100, 100], "ann"],
  ["bea", [100, 122, 100], "bea"],
  ["nobody", [122, 100, 100], "ann"],
])(
  "what a person receives of an order of %s becomes stock of one position; damaged goods are of the same owner",
  async (owner, expected, damagedOf) => {
    const { item, hall, sent, levels } = await shelf();
    for (const whose of ["nobody", "bea", "ann"] as const) {
      await shop.stock(item, hall, 5, { owner_id: idOf(whose), condition: "damaged" });
    }
    const order = await sent({ owner_id: idOf(owner) });
    const lines = [
      { item_id: item, quantity: 22 },
      { item_id: item, quantity: 2, condition: "damaged" },
    ];
    expect(await shop.done(order, "receive", { lines })).toMatchObject({
      status: "received",
      lines: [{ received: 24, damaged: 2 }],
    });
    expect(await levels()).toEqual(expected);
    const all = (await shop.manager(`GET /inventory-items?item_id=${item}`)).body as unknown as Body[];
    const damaged = all.filter(({ condition, quantity }) => condition === "damaged" && quantity === 7);
    expect(damaged.map((each) => each["owner_id"])).toEqual([idOf(damagedOf)]);
    await shop.expectLedger();
  },
);

test("once something has come of a restock order it stays its owner's", async () => {
  const { item, sent } = await shelf();
  const order = await sent({});
  expect((await shop.manager(`PUT /orders/${order}`, { owner_id: ann })).status).toBe(200);
  expect((await shop.manager(`PUT /orders/${order}`, { owner_id: bea })).status).toBe(200);
  await shop.done(order, "receive", { lines: [{ item_id: item, quantity: 1 }] });
  expect((await shop.manager(`PUT /orders/${order}`, { owner_id: bea, reference: "same" })).status).toBe(200);
  const refused = await shop.manager(`PUT /orders/${order}`, { owner_id: ann });
  expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/owner_id cannot change/) } });
});
