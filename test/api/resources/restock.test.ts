import { afterAll, beforeAll, expect, test } from "vitest";
import { reorder } from "../../../ingest/workers/reorder-worker.ts";
import { startApi, type TestApi } from "../support.ts";

type Body = Record<string, unknown>;

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
});
afterAll(() => api?.close());

let names = 0;

async function made(path: string, body: object): Promise<number> {
  const answer = await manager(`POST ${path}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body["id"] as number;
}

/** A product of a supplier that delivers packs of 12, and at least 24; kept at a new place with a reorder point. */
async function kept(
  quantity: number,
  reorderPoint: number,
  terms: object = { minimum_quantity: 24, pack_quantity: 12 },
) {
  const n = (names += 1);
  const supplier = await made("/parties", { name: `Supplier ${n}`, roles: ["supplier"], lead_time_days: 4, ...terms });
  const item = await made("/items", { sku: `soap-${n}`, name: `Soap ${n}`, supplier_id: supplier, value_cents: 500 });
  const place = await made("/locations", { name: `Shop ${n}`, stage: "delivery", time_zone: "Europe/Berlin" });
  const stock = await made("/inventory-items", {
    item_id: item,
    location_id: place,
    quantity,
    reorder_point: reorderPoint,
  });
  const orders = async () =>
    ((await manager("GET /orders?kind=restock&limit=200")).body as unknown as Body[]).filter(
      ({ made_for }) => made_for === stock,
    );
  const suggestions = async () =>
    (await manager(`GET /reorder-suggestions?location_id=${place}&inventory_item_id=${stock}`))
      .body as unknown as Body[];
  const take = (pieces: number) =>
    manager("POST /movements", { inventory_item_id: stock, quantity: -pieces, reason: "sold" });
  const status = (id: unknown, to: string) => manager(`PUT /orders/${String(id)}`, { status: to });
  const level = async () => (await manager(`GET /inventory-items/${stock}`)).body["quantity"];
  return { supplier, item, place, stock, orders, suggestions, take, status, level };
}

/** One look of the job, for shortages that have lasted for so long. */
const run = (holdMs = 0) => reorder(api.db.pool, holdMs);
/** What is not about this test's position is settled before. */
const settle = async (): Promise<void> => {
  await run();
  await run();
};

test("a shortage that lasts gets one draft; a second run changes nothing, and a worse shortage changes the draft", async () => {
  const { orders, take, item, place, supplier, suggestions } = await kept(30, 10);
  await settle();
  expect(await orders()).toEqual([]);
  await take(20);
  // 10 pieces: at the reorder point. It has to last for a minute.
  await run(60_000);
  expect(await orders()).toEqual([]);
  expect(await suggestions()).toMatchObject([
    { available: 10, projected: 10, reorder_point: 10, suggested_quantity: 24, order_id: null },
  ]);
  await run();
  const [draft] = await orders();
  expect(draft).toMatchObject({
    status: "draft",
    supplier_id: supplier,
    location_id: place,
    lines: [{ item_id: item, quantity: 24 }],
  });
  expect(await run()).toEqual({ begun: 0, ended: 0, drafted: 0, changed: 0 });
  expect(await orders()).toHaveLength(1);
  await take(9);
  await manager(`PUT /reorder-points/${String(draft!["made_for"])}`, { reorder_point: 20 });
  expect(await run()).toMatchObject({ drafted: 0, changed: 1 });
  expect(await orders()).toMatchObject([{ id: draft!["id"], lines: [{ quantity: 48 }] }]);
  expect(await suggestions()).toMatchObject([{ available: 1, suggested_quantity: 48, order_id: draft!["id"] }]);
});

test("what is approved counts as on order; it arrives in parts and short, and becomes stock", async () => {
  const { orders, status, suggestions, level, item, stock } = await kept(5, 10);
  await settle();
  const [draft] = await orders();
  const id = draft!["id"];
  expect((await status(id, "approved")).status).toBe(200);
  expect(await suggestions()).toEqual([]);
  await settle();
  expect(await orders()).toHaveLength(1);
  const receive = (body: object) => manager(`POST /orders/${String(id)}/receive`, body);
  expect((await receive({ lines: [{ item_id: item, quantity: 1 }] })).status).toBe(409);
  expect((await status(id, "sent")).status).toBe(200);
  const part = await receive({ lines: [{ item_id: item, quantity: 12 }], evidence: "note 1" });
  expect(part).toMatchObject({
    status: 200,
    body: { status: "partial", lines: [{ quantity: 24, received: 12, cancelled: 0 }] },
  });
  expect(await level()).toBe(17);
  const rest = await receive({ lines: [{ item_id: item, quantity: 6 }], short: true });
  expect(rest).toMatchObject({ status: 200, body: { status: "received", lines: [{ received: 18, cancelled: 6 }] } });
  expect(await level()).toBe(23);
  expect((await receive({ lines: [{ item_id: item, quantity: 1 }] })).status).toBe(409);
  const movements = (await manager(`GET /movements?inventory_item_id=${stock}`)).body as unknown as Body[];
  expect(movements.map(({ kind, quantity }) => [kind, quantity])).toEqual([
    ["count", 5],
    ["receipt", 12],
    ["receipt", 6],
  ]);
  expect(movements[1]).toMatchObject({
    evidence: expect.arrayContaining([{ note: `order ${String(id)}` }, { note: "note 1" }]),
  });
});

test("a draft that a person has dismissed is not made again on that day", async () => {
  const { orders, status, stock } = await kept(3, 10);
  await settle();
  const [draft] = await orders();
  expect((await status(draft!["id"], "cancelled")).status).toBe(200);
  await settle();
  expect(await orders()).toMatchObject([{ status: "cancelled" }]);
  await api.db.pool.query("UPDATE orders SET dismissed_at = dismissed_at - interval '1 day' WHERE made_for = $1", [
    stock,
  ]);
  await settle();
  expect((await orders()).map((order) => order["status"])).toEqual(["cancelled", "draft"]);
});

test("a draft that a person has changed stays as it is, however short it becomes", async () => {
  const { orders, take, item, stock, suggestions } = await kept(10, 10);
  await settle();
  const [draft] = await orders();
  const lines = [{ item_id: item, quantity: 12 }];
  expect((await manager(`PUT /orders/${String(draft!["id"])}`, { lines })).status).toBe(200);
  await settle();
  await take(9);
  await settle();
  expect(await orders()).toMatchObject([{ status: "draft", lines: [{ quantity: 12 }] }]);
  expect(await suggestions()).toMatchObject([{ suggested_quantity: 24, order_id: draft!["id"] }]);
  // It is no shortage any more: what the person has asked for is still asked for.
  expect((await manager("POST /movements", { inventory_item_id: stock, quantity: 90, reason: "found" })).status).toBe(
    201,
  );
  await settle();
  expect(await orders()).toMatchObject([{ status: "draft", lines: [{ quantity: 12 }] }]);
});

test("a shortage ends above its threshold, not at it, and takes its draft with it", async () => {
  const { orders, stock } = await kept(10, 10);
  await settle();
  const put = (quantity: number) => manager("POST /movements", { inventory_item_id: stock, quantity, reason: "found" });
  await put(1);
  expect(await run()).toMatchObject({ ended: 0 });
  expect(await orders()).toMatchObject([{ status: "draft" }]);
  await put(1);
  expect(await run()).toMatchObject({ ended: 1 });
  expect(await orders()).toMatchObject([{ status: "cancelled" }]);
  // It was not a person who cancelled it.
  await manager("POST /movements", { inventory_item_id: stock, quantity: -3, reason: "sold" });
  await settle();
  expect((await orders()).map((order) => order["status"])).toEqual(["cancelled", "draft"]);
});

test("goods under way to the place count, those of a restock order once", async () => {
  const { orders, item, place, suggestions } = await kept(5, 10);
  await made("/shipments", { item_id: item, quantity: 3, location: "production", destination_id: place });
  expect(await suggestions()).toMatchObject([{ in_transit: 3, projected: 8, suggested_quantity: 24 }]);
  await made("/shipments", { item_id: item, quantity: 9, location: "production", destination_id: place });
  expect(await suggestions()).toEqual([]);
  await settle();
  expect(await orders()).toEqual([]);
});

test("demand is told with its inputs after 14 days, and that there is too little history before", async () => {
  const { stock, suggestions, take } = await kept(100, 90, {});
  await take(14);
  expect(await suggestions()).toMatchObject([{ insufficient_history: true, demand: null, suggested_quantity: 94 }]);
  // Twenty days of which each took two, but the last.
  await api.db.pool.query("UPDATE movements SET at = at - interval '20 days' WHERE inventory_item_id = $1", [stock]);
  expect(await suggestions()).toMatchObject([
    {
      insufficient_history: false,
      demand: {
        history_days: 21,
        daily_mean: 0.667,
        lead_time_days: 4,
        z: 1.645,
        economic_quantity: expect.any(Number),
        safety_stock: 10,
        reorder_point: 13,
      },
    },
  ]);
});
