import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openShop, type Shop } from "./order-shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop({ gs1CompanyPrefix: "0614141" });
});
afterAll(() => shop?.api.close());

describe("a customer order", () => {
  test("is reserved, picked, packed and shipped; its goods leave their place when they are picked", async () => {
    const { item, place, stock, order, done, position, manager, expectLedger } = shop;
    const [tea, hall] = [await item(), await place("Hall")];
    const shelf = await stock(tea, await place("Shelf 1", hall), 10);
    const id = await order("customer", [[tea, 4]], { ship_from_id: hall });
    expect((await done(id, "reserve")).lines).toMatchObject([{ reserved: 4, open: 0 }]);
    expect(await position(shelf)).toMatchObject({ quantity: 10, reserved: 4, available: 6 });
    const picked = await done(id, "pick");
    expect(picked).toMatchObject({ status: "picking", lines: [{ reserved: 0, picked: 4 }] });
    expect(await position(shelf)).toMatchObject({ quantity: 6, reserved: 0, available: 6 });
    expect(await done(id, "pack")).toMatchObject({ status: "packed", lines: [{ packed: 4 }] });
    expect(await done(id, "ship")).toMatchObject({ status: "shipped", lines: [{ shipped: 4 }] });
    const [unit] = (await manager(`GET /orders/${id}/units`)).body as unknown as Record<string, unknown>[];
    expect(unit).toMatchObject({
      sscc: expect.stringMatching(/^\d0614141\d{10}$/),
      contents: [{ line: 1, item_id: tea, quantity: 4 }],
    });
    const shipment = unit!["shipment_id"] as number;
    expect((await manager(`GET /shipments/${shipment}`)).body).toMatchObject({
      order_id: id,
      item_id: tea,
      quantity: 4,
      location_id: hall,
    });
    expect((await manager(`GET /shipments/${shipment}/handling-units`)).body).toMatchObject([
      { sscc: unit!["sscc"], contents: [{ item_id: tea, quantity: 4 }] },
    ]);
    expect((await manager(`PUT /orders/${id}`, { status: "closed" })).body["status"]).toBe("closed");
    await expectLedger();
  });

  test("two lines of one item are two lines, from the place where the goods lie longest", async () => {
    const { item, place, stock, order, done, position, manager } = shop;
    const [tea, hall] = [await item(), await place("Hall")];
    const first = await stock(tea, await place("Shelf B", hall), 5);
    const second = await stock(tea, await place("Shelf A", hall), 5);
    const id = await order(
      "customer",
      [
        [tea, 3],
        [tea, 4],
      ],
      { ship_from_id: hall },
    );
    await done(id, "reserve");
    expect(await position(first)).toMatchObject({ reserved: 5 });
    expect(await position(second)).toMatchObject({ reserved: 2 });
    const held = (await manager(`GET /reservations?order_id=${id}`)).body;
    expect(held).toMatchObject([
      { line: 1, quantity: 3, inventory_item_id: first },
      { line: 2, quantity: 2, inventory_item_id: first },
      { line: 2, quantity: 2, inventory_item_id: second },
    ]);
    const one = await done(id, "pick", { lines: [{ line: 2, quantity: 4 }] });
    expect(one.lines).toMatchObject([
      { line: 1, reserved: 3, picked: 0 },
      { line: 2, reserved: 0, picked: 4 },
    ]);
  });

  test("cancelling the rest of one that was shipped in part closes it, and frees exactly the rest", async () => {
    const { item, place, stock, order, done, act, position, expectLedger } = shop;
    const [tea, hall] = [await item(), await place("Hall")];
    const shelf = await stock(tea, hall, 10);
    const id = await order("customer", [[tea, 9]], { ship_from_id: hall });
    await done(id, "reserve");
    await done(id, "pick", { lines: [{ line: 1, quantity: 6 }] });
    await done(id, "pack", {
      units: [{ contents: [{ line: 1, quantity: 4 }] }, { contents: [{ line: 1, quantity: 1 }] }],
    });
    const { body } = await shop.manager(`GET /orders/${id}/units`);
    const [unit] = body as unknown as { id: number }[];
    expect(await done(id, "ship", { units: [unit!.id] })).toMatchObject({
      status: "shipped",
      lines: [{ reserved: 3, picked: 6, packed: 5, shipped: 4, open: 0 }],
    });
    // 6 left the shelf, 4 the house.
    expect(await position(shelf)).toMatchObject({ quantity: 4, reserved: 3 });
    expect(await done(id, "cancel")).toMatchObject({
      status: "closed",
      lines: [{ quantity: 9, reserved: 0, picked: 4, packed: 4, shipped: 4, cancelled: 5, open: 0 }],
    });
    expect(await position(shelf)).toMatchObject({ quantity: 6, reserved: 0, available: 6 });
    expect((await act(id, "cancel")).status).toBe(409);
    expect((await act(id, "reserve")).body["detail"]).toMatch(/nothing can be reserved for an order that is closed/);
    await expectLedger();
  });

  test("one that is cancelled puts everything back; nothing is done with it any more", async () => {
    const { item, place, stock, order, done, act, position, manager, expectLedger } = shop;
    const [tea, hall] = [await item(), await place("Hall")];
    const shelf = await stock(tea, hall, 10);
    const id = await order("customer", [[tea, 4]], { ship_from_id: hall });
    await done(id, "reserve");
    await done(id, "pick", { lines: [{ line: 1, quantity: 1 }] });
    expect(await done(id, "cancel")).toMatchObject({
      status: "cancelled",
      lines: [{ reserved: 0, picked: 0, cancelled: 4 }],
    });
    expect(await position(shelf)).toMatchObject({ quantity: 10, reserved: 0 });
    for (const action of ["reserve", "pick", "pack", "ship", "receive", "cancel"]) {
      const body = action === "receive" ? { lines: [{ line: 1, quantity: 1 }] } : {};
      const refused = await act(id, action, body);
      expect(refused.status, action).toBe(409);
    }
    expect((await act(id, "reserve")).body["detail"]).toBe(
      "nothing can be reserved for an order that is cancelled; allowed: none",
    );
    const movements = (await manager(`GET /movements?inventory_item_id=${shelf}`)).body as unknown as { id: number }[];
    const undone = await manager(`POST /movements/${movements.at(-1)!.id}/reverse`, { reason: "no" });
    expect(undone.body["detail"]).toMatch(new RegExp(`this belongs to order ${id}`));
    await expectLedger();
  });

  test("a status that a person sets frees the goods too, and lines that change do", async () => {
    const { item, place, stock, order, done, position, manager } = shop;
    const [tea, hall] = [await item(), await place("Hall")];
    const shelf = await stock(tea, hall, 10);
    const id = await order("customer", [[tea, 4]], { ship_from_id: hall });
    await done(id, "reserve");
    const elsewhere = await manager(`PUT /orders/${id}`, { ship_from_id: await place("Other hall") });
    expect(elsewhere.status).toBe(409);
    await manager(`PUT /orders/${id}`, { lines: [{ item_id: tea, quantity: 2 }] });
    expect(await position(shelf)).toMatchObject({ reserved: 0 });
    await done(id, "reserve");
    expect(await position(shelf)).toMatchObject({ reserved: 2 });
    await manager(`PUT /orders/${id}`, { status: "cancelled" });
    expect(await position(shelf)).toMatchObject({ reserved: 0 });
  });

  test("one that was shipped in part and that a person closes has its rest cancelled", async () => {
    const { item, place, stock, order, done, position, manager, read } = shop;
    const [tea, hall] = [await item(), await place("Hall")];
    const shelf = await stock(tea, hall, 10);
    const id = await order("customer", [[tea, 5]], { ship_from_id: hall });
    await done(id, "reserve");
    await done(id, "pick", { lines: [{ line: 1, quantity: 2 }] });
    await done(id, "pack");
    await done(id, "ship");
    expect((await manager(`PUT /orders/${id}`, { status: "closed" })).status).toBe(200);
    expect(await read(id)).toMatchObject({ lines: [{ shipped: 2, cancelled: 3, reserved: 0 }] });
    expect(await position(shelf)).toMatchObject({ quantity: 8, available: 8 });
  });

  test("what is not there is not picked, packed or shipped", async () => {
    const { item, place, stock, order, done, act } = shop;
    const [tea, hall] = [await item(), await place("Hall")];
    await stock(tea, hall, 3);
    await stock(tea, hall, 5, { condition: "damaged" });
    await stock(tea, hall, 5, { condition: "hold" });
    const id = await order("customer", [[tea, 4]], { ship_from_id: hall });
    expect((await act(id, "pick")).body["detail"]).toBe("only 3 of 4 are available");
    expect((await act(id, "reserve", { all: true })).body["detail"]).toBe("only 3 of 4 of this order is available");
    expect((await act(id, "reserve", { lines: [{ line: 1, quantity: 5 }] })).status).toBe(409);
    expect((await act(id, "reserve", { lines: [{ line: 2, quantity: 1 }] })).status).toBe(400);
    expect((await act(id, "pack")).status).toBe(409);
    expect((await act(id, "ship")).status).toBe(409);
    expect((await done(id, "reserve")).lines).toMatchObject([{ reserved: 3, open: 1 }]);
    expect((await act(id, "reserve")).body["detail"]).toBe("nothing of this order is available");
    await done(id, "pick", { lines: [{ line: 1, quantity: 3 }] });
    expect((await act(id, "pack", { units: [{ contents: [{ line: 1, quantity: 4 }] }] })).status).toBe(409);
    expect((await act(id, "pack", { units: [{ sscc: "000000000000000001" }] })).status).toBe(400);
  });
});
