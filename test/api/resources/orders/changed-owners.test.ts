import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction, recordFacts } from "../../../../ingest/decisions/record-facts.ts";
import { receiveOrders } from "../../../../ingest/workers/order-receipts.ts";
import { reorder } from "../../../../ingest/workers/reorder-worker.ts";
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

const change = async (order: number, body: object): Promise<void> =>
  expect(await shop.manager(`PUT /orders/${order}`, body)).toMatchObject({ status: 200 });

async function settled(): Promise<void> {
  while ((await receiveOrders(shop.api.db.pool)) > 0);
}

test("an order that was of the wrong owner receives what had come for the right one", async () => {
  const [item, hall] = [await shop.item(), await shop.place("Hall")];
  const stock = await shop.stock(item, hall, 100, { owner_id: ann, source: "scale" });
  await shop.stock(item, hall, 100, { owner_id: bea });
  const order = await shop.order("restock", [[item, 24]], { ship_to_id: hall, owner_id: bea });
  await change(order, { status: "sent" });
  const seen = { key: `scale ${stock}`, subject: `stock:${stock}`, at: Date.now(), type: "counted" } as const;
  const data = { quantity: 124, source: "scale", change: 24 } as const;
  await inTransaction(shop.api.db.pool, (client) =>
    recordFacts(client, { facts: [{ ...seen, data, rule: "scale-count", evidence: [], confidence: 1 }] }),
  );
  await settled();
  expect(await shop.read(order)).toMatchObject({ status: "sent", lines: [{ received: 0 }] });
  await change(order, { owner_id: ann });
  await settled();
  expect(await shop.read(order)).toMatchObject({ status: "received", lines: [{ received_by: { scale: 24 } }] });
});

test("a draft that is sent to another place goes by what is kept there", async () => {
  const [item, hall, yard] = [await shop.item(), await shop.place("Hall"), await shop.place("Yard")];
  await shop.stock(item, hall, 100, { owner_id: ann });
  const short = await shop.stock(item, hall, 3, { reorder_point: 10 });
  const main = await shop.stock(item, yard, 100, { owner_id: ann });
  for (const holdMs of [60_000, 0]) await reorder(shop.api.db.pool, holdMs);
  const orders = (await shop.manager("GET /orders?kind=restock&limit=200")).body as unknown as Body[];
  const draft = orders.find(({ made_for: of }) => of === short)!["id"] as number;
  await change(draft, { location_id: yard });
  for (const status of ["approved", "sent"]) await change(draft, { status });
  const { body } = await shop.manager(`GET /stock-outlooks?inventory_item_id=${main}`);
  expect(body).toMatchObject([{ orders: [{ order_id: draft }] }]);
});
