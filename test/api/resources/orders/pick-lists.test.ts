import { afterAll, beforeAll, expect, test } from "vitest";
import { openShop, type Shop } from "./order-shop.ts";

interface Task {
  order_id: number;
  inventory_item_id: number;
  location: string;
  quantity: number;
  picked: number;
  short: number;
  reason: string | null;
}
interface PickList {
  id: number;
  status: string;
  order_ids: number[];
  tasks: Task[];
}

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.api.close());

const made = async (order_ids: number[]): Promise<PickList> => {
  const answer = await shop.manager("POST /pick-lists", { order_ids });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body as unknown as PickList;
};
const pick = (id: number, body: object) => shop.manager(`POST /pick-lists/${id}/pick`, body);

test("a wave of orders is one walk, place by place; each stop tells what is of which order", async () => {
  const { item, place, stock, order, done, read, expectLedger } = shop;
  const hall = await place("Hall");
  const [aisle2, aisle10] = [await place("Aisle 2", hall), await place("Aisle 10", hall)];
  const [tea, rice] = [await item(), await item()];
  const teaStock = await stock(tea, await place("Bin 1", aisle10), 20);
  const riceStock = await stock(rice, await place("Bin 7", aisle2), 20);
  const first = await order("customer", [[tea, 2]], { ship_from_id: hall });
  const second = await order(
    "customer",
    [
      [tea, 3],
      [rice, 4],
    ],
    { ship_from_id: hall },
  );
  await done(first, "reserve", { expires_at: new Date(Date.now() + 3_600_000).toISOString() });
  const list = await made([first, second]);
  expect(list).toMatchObject({ status: "open", order_ids: [first, second] });
  expect(list.tasks).toMatchObject([
    { location: "Bin 7", location_path: ["Hall", "Aisle 2"], order_id: second, quantity: 4 },
    { location: "Bin 1", location_path: ["Hall", "Aisle 10"], order_id: first, quantity: 2 },
    { location: "Bin 1", order_id: second, quantity: 3 },
  ]);
  expect(await read(first)).toMatchObject({ status: "picking", lines: [{ reserved: 2 }] });
  // What is on a list is held until it is picked.
  expect((await shop.manager(`GET /reservations?order_id=${first}`)).body).toMatchObject([{ expires_at: null }]);
  const again = await shop.manager("POST /pick-lists", { order_ids: [first] });
  expect(again.status).toBe(409);

  await pick(list.id, { inventory_item_id: riceStock, quantity: 4 });
  const part = await pick(list.id, { inventory_item_id: teaStock, quantity: 3 });
  expect(part.body["tasks"]).toMatchObject([{ picked: 4 }, { picked: 2 }, { picked: 1 }]);
  expect(await read(second)).toMatchObject({ lines: [{ reserved: 2, picked: 1 }, { picked: 4 }] });
  expect((await pick(list.id, { inventory_item_id: teaStock, quantity: 3 })).body["detail"]).toBe(
    "only 2 more are to be taken there",
  );
  expect((await pick(list.id, { inventory_item_id: teaStock, quantity: 2 })).body["status"]).toBe("done");
  expect((await pick(list.id, { inventory_item_id: teaStock, quantity: 1 })).status).toBe(409);
  await expectLedger();
});

test("scans confirm place and goods, by barcodes and GS1 codes; a wrong one is refused and moves nothing", async () => {
  const { item, stock, order, made: add, read } = shop;
  const bin = await add("/locations", { name: "Bin 3", stage: "storage", barcode: "A-03-1" });
  const other = await add("/locations", { name: "Bin 4", stage: "storage" });
  const tea = await item({ gtin: "09506000134352" });
  const shelf = await stock(tea, bin, 10);
  const id = await order("customer", [[tea, 6]], { ship_from_id: bin });
  const { id: list } = await made([id]);
  const scan = (more: object) => pick(list, { inventory_item_id: shelf, quantity: 1, ...more });
  expect((await scan({ place: `LOC-${other}` })).body).toMatchObject({
    status: 409,
    errors: [{ pointer: "/place", message: expect.stringMatching(/not the label of Bin 3: take it from there/) }],
  });
  expect((await scan({ place: "A-03-1", code: "09506000134369" })).body).toMatchObject({
    status: 409,
    errors: [{ pointer: "/code" }],
  });
  expect(await read(id)).toMatchObject({ lines: [{ reserved: 6, picked: 0 }] });
  for (const [place, code] of [
    ["A-03-1", "9506000134352"],
    [`LOC-${bin}`, "(01)09506000134352(10)LOT7"],
    [`loc-${bin}`, "https://id.gs1.org/01/09506000134352/21/77"],
    ["A-03-1", "urn:epc:id:sgtin:9506000.013435.77"],
    [undefined, "ware-3"],
  ] as const) {
    const sku = code === "ware-3" ? ((await shop.manager(`GET /items/${tea}`)).body["sku"] as string) : code;
    const answer = await scan({ place, code: sku });
    expect(answer.status, `${place} ${code}: ${JSON.stringify(answer.body)}`).toBe(200);
  }
  expect(await read(id)).toMatchObject({ lines: [{ reserved: 1, picked: 5 }] });
});

test("a short pick has a reason, opens the line again, and asks for a count", async () => {
  const { item, place, stock, order, read, manager, expectLedger, position } = shop;
  const [tea, hall] = [await item(), await place("Hall")];
  const shelf = await stock(tea, hall, 10);
  const id = await order("customer", [[tea, 6]], { ship_from_id: hall });
  const list = await made([id]);
  expect((await pick(list.id, { inventory_item_id: shelf, quantity: 0 })).status).toBe(400);
  const short = await pick(list.id, { inventory_item_id: shelf, quantity: 4, short: "missing" });
  expect(short.body).toMatchObject({
    status: "done",
    tasks: [{ quantity: 6, picked: 4, short: 2, reason: "missing" }],
  });
  expect(await read(id)).toMatchObject({ lines: [{ picked: 4, reserved: 0, open: 2 }] });
  expect(await position(shelf)).toMatchObject({ quantity: 6, reserved: 0 });
  const counts = (await manager(`GET /cycle-counts?state=open&location_id=${hall}`)).body;
  expect(counts).toMatchObject([{ inventory_item_id: shelf, reason: "asked" }]);
  await expectLedger();
});

test("a list that is cancelled leaves its goods held; an order that is cancelled ends its tasks", async () => {
  const { item, place, stock, order, done, read, manager, position, expectLedger } = shop;
  const [tea, hall] = [await item(), await place("Hall")];
  const shelf = await stock(tea, hall, 10);
  const id = await order("customer", [[tea, 6]], { ship_from_id: hall });
  const list = await made([id]);
  const [held] = (await manager(`GET /reservations?order_id=${id}`)).body as unknown as { id: number }[];
  expect((await manager(`DELETE /reservations/${held!.id}`)).status).toBe(409);
  await pick(list.id, { inventory_item_id: shelf, quantity: 1 });
  expect((await manager(`POST /pick-lists/${list.id}/cancel`, {})).body).toMatchObject({
    status: "cancelled",
    tasks: [{ picked: 1, short: 5, reason: "the pick list was cancelled" }],
  });
  expect((await manager(`POST /pick-lists/${list.id}/cancel`, {})).status).toBe(409);
  expect(await read(id)).toMatchObject({ status: "picking", lines: [{ reserved: 5, picked: 1 }] });
  const second = await made([id]);
  // Beside the list, which knows of it.
  await done(id, "pick", { lines: [{ line: 1, quantity: 2 }] });
  expect((await manager(`GET /pick-lists/${second.id}`)).body["tasks"]).toMatchObject([{ quantity: 5, picked: 2 }]);
  await done(id, "cancel");
  expect((await manager(`GET /pick-lists/${second.id}`)).body).toMatchObject({
    status: "done",
    tasks: [{ picked: 2, short: 3, reason: "the order was cancelled" }],
  });
  expect(await position(shelf)).toMatchObject({ quantity: 10, reserved: 0 });
  await expectLedger();
});

test("what is to be picked has to be an order that waits for it", async () => {
  const { item, place, stock, order, manager, made: add } = shop;
  const [tea, hall] = [await item(), await place("Hall")];
  await stock(tea, hall, 10);
  const draft = await add("/orders", { kind: "customer", ship_from_id: hall, lines: [{ item_id: tea, quantity: 1 }] });
  expect((await manager("POST /pick-lists", { order_ids: [draft] })).body["detail"]).toMatch(
    /allowed: approved, cancelled/,
  );
  const back = await order("return", [[tea, 1]], { ship_to_id: hall });
  expect((await manager("POST /pick-lists", { order_ids: [back] })).status).toBe(409);
  const unknown = await manager("POST /pick-lists", { order_ids: [draft, 987_654] });
  expect(unknown).toMatchObject({ status: 400, body: { errors: [{ pointer: "/order_ids/1" }] } });
});
