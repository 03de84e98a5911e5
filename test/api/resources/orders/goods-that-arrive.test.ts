import { afterAll, beforeAll, expect, test } from "vitest";
import { openShop, type Shop } from "./order-shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.api.close());

test("goods of a transfer belong to neither place's available while they are in transit", async () => {
  const { item, place, stock, order, done, act, position, manager, expectLedger } = shop;
  const [tea, hall, store] = [await item(), await place("Hall"), await place("Store")];
  const [here, there] = [await stock(tea, hall, 10), await stock(tea, store, 1)];
  const id = await order("transfer", [[tea, 6]], { ship_from_id: hall, ship_to_id: store });
  expect((await act(id, "receive", { lines: [{ line: 1, quantity: 6 }] })).status).toBe(409);
  await done(id, "reserve");
  await done(id, "pick");
  await done(id, "pack");
  await done(id, "ship");
  expect(await position(here)).toMatchObject({ quantity: 4, available: 4 });
  expect(await position(there)).toMatchObject({ quantity: 1, available: 1 });
  const part = await done(id, "receive", {
    lines: [
      { item_id: tea, quantity: 3 },
      { line: 1, quantity: 1, condition: "damaged" },
      { line: 1, quantity: 1, condition: "scrap" },
    ],
  });
  expect(part).toMatchObject({ status: "partial", lines: [{ shipped: 6, received: 5, damaged: 1, scrapped: 1 }] });
  expect(await position(there)).toMatchObject({ quantity: 4, available: 4 });
  expect(await done(id, "receive", { lines: [], short: true })).toMatchObject({
    status: "received",
    lines: [{ received: 5, missing: 1 }],
  });
  const { body } = await manager(`GET /inventory-items?item_id=${tea}&location_id=${store}`);
  expect(body).toMatchObject([
    { quantity: 4, condition: "good", available: 4 },
    { quantity: 1, condition: "damaged", available: 0 },
  ]);
  expect((await manager(`PUT /orders/${id}`, { status: "closed" })).status).toBe(200);
  await expectLedger();
});

test("what a transfer brings counts as on order where it goes to, until it has arrived or is missing", async () => {
  const { item, place, stock, order, done, manager } = shop;
  const [tea, hall, store] = [await item(), await place("Hall"), await place("Store")];
  await stock(tea, hall, 10);
  await stock(tea, store, 1, { reorder_point: 5 });
  const projected = async () =>
    ((await manager(`GET /reorder-suggestions?location_id=${store}`)).body as unknown as Record<string, number>[]).map(
      ({ on_order, in_transit, projected }) => [on_order, in_transit, projected],
    );
  expect(await projected()).toEqual([[0, 0, 1]]);
  const id = await order("transfer", [[tea, 4]], { ship_from_id: hall, ship_to_id: store });
  expect(await projected()).toEqual([[4, 0, 5]]);
  await done(id, "pick");
  await done(id, "pack");
  await done(id, "ship");
  expect(await projected()).toEqual([[4, 0, 5]]);
  const early = await manager(`PUT /orders/${id}`, { status: "partial" });
  expect(early.status).toBe(200);
  const vanished = await manager(`PUT /orders/${id}`, { status: "received" });
  expect(vanished.body["detail"]).toMatch(/goods are under way/);
  await done(id, "receive", { lines: [{ line: 1, quantity: 1 }], short: true });
  expect(await projected()).toEqual([[0, 0, 2]]);
});

test("a transfer whose rest is cancelled waits for what has left", async () => {
  const { item, place, stock, order, done } = shop;
  const [tea, hall, store] = [await item(), await place("Hall"), await place("Store")];
  await stock(tea, hall, 10);
  const id = await order("transfer", [[tea, 6]], { ship_from_id: hall, ship_to_id: store });
  await done(id, "pick", { lines: [{ line: 1, quantity: 2 }] });
  await done(id, "pack");
  await done(id, "ship");
  expect(await done(id, "cancel")).toMatchObject({ status: "shipped", lines: [{ shipped: 2, cancelled: 4 }] });
  expect(await done(id, "receive", { lines: [{ line: 1, quantity: 3 }] })).toMatchObject({
    status: "received",
    lines: [{ shipped: 2, received: 3 }],
  });
});

test("a return is inspected: good, damaged and scrap; it has no goods to reserve", async () => {
  const { item, place, order, done, act, manager, expectLedger } = shop;
  const [tea, store] = [await item(), await place("Store")];
  const id = await order("return", [[tea, 5]], { ship_to_id: store });
  expect((await act(id, "reserve")).status).toBe(409);
  const lines = [
    { item_id: tea, quantity: 2 },
    { item_id: tea, quantity: 1, condition: "damaged" },
    { item_id: tea, quantity: 1, condition: "scrap" },
  ];
  expect(await done(id, "receive", { lines })).toMatchObject({
    status: "partial",
    lines: [{ received: 4, damaged: 1, scrapped: 1, open: 1 }],
  });
  expect(await done(id, "cancel")).toMatchObject({ status: "closed", lines: [{ received: 4, cancelled: 1 }] });
  expect((await manager(`GET /inventory-items?item_id=${tea}`)).body).toMatchObject([
    { quantity: 2, condition: "good" },
    { quantity: 1, condition: "damaged" },
  ]);
  await expectLedger();
});

test("damaged goods of a restock order have arrived, and are stock of their own", async () => {
  const { item, place, order, done, manager, expectLedger } = shop;
  const [tea, hall] = [await item(), await place("Hall")];
  const id = await order("restock", [[tea, 24]], { ship_to_id: hall });
  await manager(`PUT /orders/${id}`, { status: "sent" });
  const lines = [
    { item_id: tea, quantity: 22 },
    { line: 1, quantity: 1, condition: "damaged" },
  ];
  expect(await done(id, "receive", { lines, short: true })).toMatchObject({
    status: "received",
    lines: [{ received: 23, damaged: 1, cancelled: 1 }],
  });
  expect((await manager(`GET /inventory-items?item_id=${tea}`)).body).toMatchObject([
    { quantity: 22, condition: "good" },
    { quantity: 1, condition: "damaged" },
  ]);
  await expectLedger();
});

test("the places of an order are named once, and are those of its kind", async () => {
  const { item, place, made, manager } = shop;
  const [tea, hall, store] = [await item(), await place("Hall"), await place("Store")];
  const lines = [{ item_id: tea, quantity: 1 }];
  const id = await made("/orders", { kind: "transfer", ship_from_id: hall, ship_to_id: store, lines });
  expect((await manager(`GET /orders/${id}`)).body).toMatchObject({ location_id: hall, ship_to_id: store });
  const twice = { kind: "return", ship_to_id: hall, location_id: store, lines };
  expect((await manager("POST /orders", twice)).status).toBe(400);
  const nowhere = { kind: "transfer", ship_from_id: hall, ship_to_id: hall, lines };
  expect((await manager("POST /orders", nowhere)).body["errors"]).toMatchObject([{ pointer: "/ship_to_id" }]);
});

test("a transfer is imported with both of its places, and sent again it changes nothing", async () => {
  const { item, place, api } = shop;
  const [tea, hall, store] = [await item(), await place("Import hall"), await place("Import store")];
  const admin = await api.as("admin");
  const sku = (await admin(`GET /items/${tea}`)).body["sku"] as string;
  const file = [
    {
      kind: "transfer",
      reference: "T-1",
      location: "Import hall",
      ship_to: "Import store",
      lines: [{ sku, quantity: 3 }],
    },
  ];
  expect((await admin("POST /imports/orders", file)).body).toMatchObject({ created: 1, errors: [] });
  const all = (await admin("GET /orders?kind=transfer&limit=200")).body as unknown as { reference: string }[];
  expect(all.find(({ reference }) => reference === "T-1")).toMatchObject({ ship_from_id: hall, ship_to_id: store });
  expect((await admin("POST /imports/orders", file)).body).toMatchObject({ unchanged: 1, errors: [] });
});
