import { afterAll, beforeAll, expect, test } from "vitest";
import { freeExpired } from "../../../../ingest/workers/reservation-expiry.ts";
import { openShop, type OrderBody, type Shop } from "./order-shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.api.close());

test("50 parallel orders for the last 10 units: exactly 10 are reserved, and none is negative", async () => {
  const { item, place, stock, order, act, read, position, expectLedger } = shop;
  const [tea, hall] = [await item(), await place("Hall")];
  const shelves = [await stock(tea, await place("1", hall), 4), await stock(tea, await place("2", hall), 6)];
  const orders: number[] = [];
  for (let n = 0; n < 50; n += 1) orders.push(await order("customer", [[tea, 1]], { ship_from_id: hall }));
  // On a machine that is too busy some are told to try again, as clients do.
  const reserve = async (id: number): ReturnType<typeof act> => {
    const answer = await act(id, "reserve");
    return answer.status === 503 ? reserve(id) : answer;
  };
  const answers = await Promise.all(orders.map(reserve));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(40);
  const held = (await Promise.all(orders.map(read))).map(({ lines: [line] }) => line!.reserved);
  expect(held.reduce((sum, quantity) => sum + quantity, 0)).toBe(10);
  for (const shelf of shelves) expect(await position(shelf)).toMatchObject({ available: 0 });
  await expectLedger();
});

test("what is held until a time is free afterwards; what is held without one stays", async () => {
  const { item, place, stock, order, done, act, read, position, api, expectLedger } = shop;
  const [tea, hall] = [await item(), await place("Hall")];
  const shelf = await stock(tea, hall, 10);
  const [soon, never] = [
    await order("customer", [[tea, 4]], { ship_from_id: hall }),
    await order("customer", [[tea, 3]], { ship_from_id: hall }),
  ];
  const past = await act(soon, "reserve", { expires_at: "2020-01-01T00:00:00Z" });
  expect(past).toMatchObject({ status: 400, body: { errors: [{ pointer: "/expires_at" }] } });
  await done(soon, "reserve", { expires_at: new Date(Date.now() + 3_600_000).toISOString() });
  await done(never, "reserve");
  expect(await freeExpired(api.db.pool)).toBe(0);
  await api.db.pool.query("UPDATE reservations SET expires_at = now() WHERE order_id = $1", [soon]);
  expect(await freeExpired(api.db.pool)).toBe(1);
  expect(await read(soon)).toMatchObject({ status: "approved", lines: [{ reserved: 0, open: 4 }] });
  expect(await position(shelf)).toMatchObject({ quantity: 10, reserved: 3, available: 7 });
  expect(await freeExpired(api.db.pool)).toBe(0);
  await expectLedger();
});

test("sales hold goods for the orders that they placed, and free them again", async () => {
  const { item, place, stock, order, position, api } = shop;
  const [tea, hall] = [await item(), await place("Hall")];
  const shelf = await stock(tea, hall, 10);
  const sales = await api.as("sales");
  const foreign = await order("customer", [[tea, 1]], { ship_from_id: hall });
  expect((await sales(`POST /orders/${foreign}/reserve`, {})).status).toBe(403);
  expect((await sales(`POST /orders/${foreign}/cancel`, {})).status).toBe(403);
  const lines = [{ item_id: tea, quantity: 2 }];
  const own = (await sales("POST /orders", { kind: "customer", ship_from_id: hall, lines }))
    .body as unknown as OrderBody;
  expect((await sales(`POST /orders/${own.id}/reserve`, {})).status).toBe(200);
  expect((await sales(`POST /orders/${own.id}/pick`, {})).status).toBe(403);
  const [held] = (await sales(`GET /reservations?order_id=${own.id}`)).body as unknown as { id: number }[];
  expect((await sales(`GET /reservations/${held!.id}`)).body).toMatchObject({ quantity: 2, location_id: hall });
  expect((await sales(`DELETE /reservations/${held!.id}`)).status).toBe(204);
  expect(await position(shelf)).toMatchObject({ reserved: 0 });
  expect((await sales(`POST /orders/${own.id}/cancel`, {})).body["status"]).toBe("cancelled");
  const transfer = { kind: "transfer", ship_from_id: hall, ship_to_id: await place("Store"), lines };
  expect((await sales("POST /orders", transfer)).status).toBe(403);
  // Who handles goods may do so for any order.
  const operator = await api.as("operator");
  expect((await operator(`POST /orders/${foreign}/reserve`, {})).status).toBe(200);
  expect((await operator("POST /orders", transfer)).status).toBe(201);
});

test("goods of an owner are held for orders of that owner only", async () => {
  const { item, place, stock, order, done, act, made } = shop;
  const [tea, hall] = [await item(), await place("Hall")];
  const owner = await made("/parties", { name: "Alpine Foods", roles: ["owner"] });
  await stock(tea, hall, 5, { owner_id: owner });
  const ours = await order("customer", [[tea, 1]], { ship_from_id: hall });
  expect((await act(ours, "reserve")).status).toBe(409);
  const theirs = await order("customer", [[tea, 1]], { ship_from_id: hall, owner_id: owner });
  expect((await done(theirs, "reserve")).lines).toMatchObject([{ reserved: 1 }]);
});
