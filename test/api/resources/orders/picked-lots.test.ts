import { afterAll, beforeAll, expect, test } from "vitest";
import { type Body, openShop, type Shop } from "./order-shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.api.close());

const DAY_MS = 86_400_000;
const dayIn = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

/** A product at two shelves of a hall, in lots: at the first what came first, at the second what expires first, and what nobody may take. */
async function shelves() {
  const { item, place, stock, made } = shop;
  const tea = await item({ gtin: undefined });
  const hall = await place("Hall");
  const [first, second] = [await stock(tea, await place("1", hall), 0), await stock(tea, await place("2", hall), 0)];
  const put = (id: number, quantity: number, lot: string, days: number) =>
    made("/movements", { inventory_item_id: id, quantity, reason: "made", lot, expires_on: dayIn(days) });
  await put(first, 10, "LATE", 300);
  await put(second, 20, "OVER", -1);
  await put(second, 4, "SOON", 5);
  return { tea, hall, first, second };
}

test("what expires first is held and taken first; what has expired is neither held nor taken", async () => {
  const { order, act, done, manager, read, expectLedger } = shop;
  const { tea, hall, first, second } = await shelves();
  const id = await order("customer", [[tea, 6]], { ship_from_id: hall });
  const list = (await manager("POST /pick-lists", { order_ids: [id] })).body as { id: number; tasks: Body[] };
  expect(list.tasks).toMatchObject([
    { inventory_item_id: first, quantity: 2, lots: [{ lot: "LATE", expires_on: dayIn(300), quantity: 2 }] },
    { inventory_item_id: second, quantity: 4, lots: [{ lot: "SOON", expires_on: dayIn(5), quantity: 4 }] },
  ]);
  const sku = (await manager(`GET /items/${tea}`)).body["sku"] as string;
  await manager(`PUT /items/${tea}`, { gtin: "09506000134352" });
  const pick = (of: object) => manager(`POST /pick-lists/${list.id}/pick`, of);
  const scanned = (lot: string) => ({ inventory_item_id: second, quantity: 4, code: `(01)09506000134352(10)${lot}` });
  expect((await pick(scanned("OVER"))).body).toMatchObject({
    status: 409,
    errors: [{ pointer: "/code", message: `lot OVER expired on ${dayIn(-1)}: leave it there` }],
  });
  expect((await pick(scanned("SOON"))).status).toBe(200);
  expect((await pick({ inventory_item_id: first, quantity: 2, code: sku })).status).toBe(200);
  expect(await read(id)).toMatchObject({ lines: [{ picked: 6, open: 0 }] });
  const lotsAt = async (at: number) => (await manager(`GET /inventory-items/${at}/lots`)).body;
  expect(await lotsAt(first)).toMatchObject([{ lot: "LATE", quantity: 8 }]);
  expect(await lotsAt(second)).toMatchObject([{ lot: "OVER", quantity: 20 }]);

  // 8 of LATE remain, and 20 that nobody may take.
  const more = await order("customer", [[tea, 9]], { ship_from_id: hall });
  expect((await act(more, "reserve", { all: true })).body["detail"]).toBe("only 8 of 9 of this order is available");
  expect(await done(more, "reserve")).toMatchObject({ lines: [{ reserved: 8, open: 1 }] });
  await expectLedger();
});

test("what is put back is of the lots that were picked", async () => {
  const { order, done, manager, expectLedger } = shop;
  const { tea, hall, first, second } = await shelves();
  const lotsAt = async (at: number) => (await manager(`GET /inventory-items/${at}/lots`)).body;
  const id = await order("customer", [[tea, 7]], { ship_from_id: hall });
  await done(id, "pick");
  expect(await lotsAt(second)).toMatchObject([{ lot: "OVER", quantity: 20 }]);
  await done(id, "cancel");
  expect(await lotsAt(first)).toMatchObject([{ lot: "LATE", quantity: 10 }]);
  expect(await lotsAt(second)).toMatchObject([
    { lot: "OVER", quantity: 20 },
    { lot: "SOON", quantity: 4 },
  ]);
  await expectLedger();
});

test("a lot on hold is not taken, and a recall names the shipments in which a lot has left", async () => {
  const { order, done, manager } = shop;
  const { tea, hall } = await shelves();
  const lots = (await manager(`GET /lots?item_id=${tea}`)).body as unknown as { id: number; number: string }[];
  const idOf = (number: string) => lots.find((lot) => lot.number === number)!.id;
  const shipmentsOf = async (lot: string) => {
    const found = (await manager(`GET /lots/${idOf(lot)}/recall`)).body as unknown as Body[];
    return found.flatMap(({ kind, id, quantity }) => (kind === "shipment" ? [[id, Number(quantity)] as const] : []));
  };
  const id = await order("customer", [[tea, 7]], { ship_from_id: hall });
  await done(id, "pick", { lines: [{ line: 1, quantity: 7 }] });
  await done(id, "pack", {
    units: [{ contents: [{ line: 1, quantity: 5 }] }, { contents: [{ line: 1, quantity: 2 }] }],
  });
  const units = (await manager(`GET /orders/${id}/units`)).body as unknown as { id: number }[];
  await done(id, "ship", { units: [units[0]!.id] });
  await done(id, "ship", { units: [units[1]!.id] });
  const shipped = (await manager(`GET /orders/${id}/units`)).body as unknown as { shipment_id: number }[];
  const [one, two] = shipped.map(({ shipment_id }) => shipment_id);
  const soon = await shipmentsOf("SOON");
  const late = await shipmentsOf("LATE");
  // By the order of the picks: three of LATE and two of SOON left first, then two of SOON.
  expect(late).toEqual([[one, 3]]);
  expect(soon).toEqual([
    [one, 2],
    [two, 2],
  ]);
  expect(await shipmentsOf("OVER")).toEqual([]);

  await manager(`POST /lots/${idOf("LATE")}/hold`, { reason: "smells" });
  const more = await order("customer", [[tea, 1]], { ship_from_id: hall });
  expect((await shop.act(more, "reserve")).body["detail"]).toBe("nothing of this order is available");
});

test("goods that are put on hold are held for no order any more: its line is open, and its pick list does not ask for them", async () => {
  const { order, done, manager, read, position, expectLedger } = shop;
  const { tea, hall, first, second } = await shelves();
  const [early, last] = [
    await order("customer", [[tea, 6]], { ship_from_id: hall }),
    await order("customer", [[tea, 5]], { ship_from_id: hall }),
  ];
  for (const id of [early, last])
    expect(await done(id, "reserve", { all: true })).toMatchObject({ lines: [{ open: 0 }] });
  const list = (await manager("POST /pick-lists", { order_ids: [early] })).body["id"] as number;
  const lots = (await manager(`GET /lots?item_id=${tea}`)).body as unknown as { id: number; number: string }[];
  const { id: soon } = lots.find(({ number }) => number === "SOON")!;
  expect((await manager(`POST /lots/${soon}/hold`, { reason: "smells" })).status).toBe(200);
  // Four of the first order were of that lot; the second shelf has nothing else that may leave.
  expect(await position(second)).toMatchObject({ quantity: 20, reserved: 0 });
  expect(await read(early)).toMatchObject({ lines: [{ reserved: 2, open: 4 }] });
  expect(await read(last)).toMatchObject({ lines: [{ reserved: 5, open: 0 }] });
  expect(await position(first)).toMatchObject({ quantity: 10, reserved: 7 });
  const { tasks } = (await manager(`GET /pick-lists/${list}`)).body as { tasks: Body[] };
  expect(tasks).toMatchObject([
    { inventory_item_id: first, quantity: 2, short: 0 },
    { inventory_item_id: second, quantity: 4, short: 4, reason: "on hold" },
  ]);
  await expectLedger();
});
