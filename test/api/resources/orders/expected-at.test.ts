import { afterAll, beforeAll, expect, test } from "vitest";
import { type Body, openShop, type Shop } from "./order-shop.ts";

const DAY_MS = 86_400_000;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.api.close());

let names = 0;
/** 5 pieces of a product at a place, and a restock order for 20 more of a supplier who needs four days. */
async function ordered(terms: object = { lead_time_days: 4 }) {
  const n = (names += 1);
  const supplier_id = await shop.made("/parties", { name: `Supplier ${n}`, roles: ["supplier"], ...terms });
  const item = await shop.item();
  const place = await shop.place(`Store ${n}`);
  const stock = await shop.stock(item, place, 5, { reorder_point: 100 });
  const id = await shop.order("restock", [[item, 20]], { supplier_id, location_id: place, reference: `PO-${n}` });
  const read = async () => (await shop.manager(`GET /orders/${id}`)).body;
  const listed = async () =>
    ((await shop.manager("GET /orders?kind=restock&limit=200")).body as unknown as Body[]).find(
      (each) => each["id"] === id,
    );
  const outlook = async () =>
    ((await shop.manager(`GET /stock-outlooks?inventory_item_id=${stock}`)).body as unknown as [Body])[0];
  const suggestion = async () =>
    ((await shop.manager(`GET /reorder-suggestions?inventory_item_id=${stock}`)).body as unknown as [Body])[0];
  /** it was sent so many days ago. @returns when, epoch milliseconds */
  const send = async (daysAgo: number): Promise<number> => {
    expect((await shop.manager(`PUT /orders/${id}`, { status: "sent" })).status).toBe(200);
    const sentAt = Date.now() - daysAgo * DAY_MS;
    await shop.api.db.pool.query("UPDATE orders SET sent_at = $2 WHERE id = $1", [id, new Date(sentAt)]);
    return sentAt;
  };
  return { id, item, place, stock, read, listed, outlook, suggestion, send };
}

const iso = (ms: number): string => new Date(ms).toISOString();

test("a restock order is expected by its supplier's lead time from when it was sent, until it has come", async () => {
  const { id, item, read, listed, outlook, send } = await ordered();
  expect(await read()).toMatchObject({ status: "approved", expected_at: null, overdue: false });
  expect(await outlook()).toMatchObject({
    on_order: 20,
    orders: [{ order_id: id, kind: "restock", quantity: 20, expected_at: null, overdue: false }],
  });
  const expected_at = iso((await send(1)) + 4 * DAY_MS);
  expect(await read()).toMatchObject({ expected_at, overdue: false });
  expect(await listed()).toMatchObject({ expected_at, overdue: false });
  await shop.done(id, "receive", { lines: [{ item_id: item, quantity: 8 }] });
  expect(await outlook()).toMatchObject({
    on_order: 12,
    orders: [{ order_id: id, quantity: 12, expected_at, overdue: false }],
  });
  await shop.done(id, "receive", { lines: [{ item_id: item, quantity: 12 }] });
  expect(await read()).toMatchObject({ status: "received", expected_at: null, overdue: false });
  expect(await outlook()).toMatchObject({ on_order: 0, orders: [] });
});

test("what is overdue says so and is on order all the same, until it is cancelled", async () => {
  const { id, read, listed, outlook, suggestion, send } = await ordered();
  const expected_at = iso((await send(7)) + 4 * DAY_MS);
  const overdue = { expected_at, overdue: true };
  expect(await read()).toMatchObject(overdue);
  expect(await listed()).toMatchObject(overdue);
  const owed = { on_order: 20, projected: 25, orders: [{ order_id: id, quantity: 20, ...overdue }] };
  expect(await outlook()).toMatchObject(owed);
  expect(await suggestion()).toMatchObject(owed);
  expect((await shop.manager(`POST /orders/${id}/cancel`)).status).toBe(200);
  expect(await read()).toMatchObject({ expected_at: null, overdue: false });
  expect(await outlook()).toMatchObject({ on_order: 0, projected: 5, orders: [] });
});

test("the estimate of a shipment that carries the goods goes before the lead time; without either nothing is said", async () => {
  const { id, item, place, read, outlook, send } = await ordered();
  const byLeadTime = iso((await send(7)) + 4 * DAY_MS);
  const truck = await shop.made("/vehicles", { name: "Truck" });
  const shipment = await shop.made("/shipments", {
    ...{ item_id: item, quantity: 20, location: "production", destination_id: place, order_id: id },
  });
  expect(await read()).toMatchObject({ expected_at: byLeadTime });
  expect((await shop.manager(`POST /shipments/${shipment}/load`, { vehicle_id: truck })).status).toBe(200);
  const expected_at = iso(Date.now() + 3 * 3_600_000);
  await shop.api.db.pool.query(
    `INSERT INTO arrival_estimates (shipment_id, eta, p90, basis, in_time) VALUES ($1, $2, $2, 'vehicle_speed', true)
    ON CONFLICT (shipment_id) DO UPDATE SET eta = excluded.eta, p90 = excluded.p90, basis = excluded.basis, problem = NULL`,
    [shipment, expected_at],
  );
  expect(await read()).toMatchObject({ expected_at, overdue: false });
  expect(await outlook()).toMatchObject({ orders: [{ order_id: id, expected_at, overdue: false }] });
  const unknown = await ordered({});
  await unknown.send(30);
  expect(await unknown.read()).toMatchObject({ expected_at: null, overdue: false });
  expect(await unknown.outlook()).toMatchObject({ on_order: 20, orders: [{ expected_at: null, overdue: false }] });
});

test("a transfer is awaited where it goes to; the next that comes stands first", async () => {
  const { id, item, place, outlook, send } = await ordered();
  const from = await shop.place("Depot");
  await shop.stock(item, from, 50);
  const transfer = await shop.order("transfer", [[item, 7]], { ship_from_id: from, ship_to_id: place });
  await send(0);
  const { on_order, orders } = (await outlook()) as { on_order: number; orders: Body[] };
  expect(on_order).toBe(27);
  expect(orders.map(({ order_id, kind, quantity }) => [order_id, kind, quantity])).toEqual([
    [id, "restock", 20],
    [transfer, "transfer", 7],
  ]);
});

test("an order whose goods are awaited is answered anew to who has it already: it is overdue by the clock", async () => {
  const { id, send } = await ordered();
  const known = async () => {
    const { headers } = await shop.manager(`GET /orders/${id}`);
    return (await shop.manager(`GET /orders/${id}`, undefined, { "If-None-Match": headers.get("ETag")! })).status;
  };
  await send(7);
  expect(await known()).toBe(200);
  expect((await shop.manager(`PUT /orders/${id}`, { status: "cancelled" })).status).toBe(200);
  expect(await known()).toBe(304);
});
