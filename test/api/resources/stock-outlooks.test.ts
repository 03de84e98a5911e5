import { afterAll, beforeAll, expect, test } from "vitest";
import { coverOf } from "../../../ingest/domain/stock/reorder.ts";
import { startApi, type TestApi } from "../support.ts";

type Body = Record<string, unknown>;

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
});
afterAll(() => api?.close());

async function made(path: string, body: object): Promise<number> {
  const answer = await manager(`POST ${path}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body["id"] as number;
}

let names = 0;
/** 100 pieces of a product at a place, which are not short. */
async function kept(more: object = {}) {
  const n = (names += 1);
  const item = await made("/items", { sku: `rope-${n}`, name: `Rope ${n}` });
  const place = await made("/locations", { name: `Chandler ${n}`, stage: "delivery" });
  const stock = await made("/inventory-items", { item_id: item, location_id: place, quantity: 100, ...more });
  const outlook = async (query = `inventory_item_id=${stock}`) =>
    (await manager(`GET /stock-outlooks?${query}`)).body as unknown as Body[];
  const take = (quantity: number) =>
    manager("POST /movements", { inventory_item_id: stock, quantity: -quantity, reason: "sold" });
  /** Everything that was booked so far happened so many days earlier. */
  const daysAgo = (days: number) =>
    api.db.pool.query("UPDATE movements SET at = at - make_interval(days => $2) WHERE inventory_item_id = $1", [
      stock,
      days,
    ]);
  return { item, place, stock, outlook, take, daysAgo };
}

test("days of cover are what is available at the mean of what was taken a day, once there are 14 days of movements", async () => {
  const { outlook, take, daysAgo } = await kept();
  expect(await outlook()).toMatchObject([
    { available: 100, history_days: 1, daily_mean: null, days_of_cover: null, insufficient_history: true },
  ]);
  await daysAgo(19);
  expect(await outlook()).toMatchObject([
    { history_days: 20, daily_mean: 0, days_of_cover: null, insufficient_history: false },
  ]);
  await take(40);
  expect(await outlook()).toMatchObject([
    { available: 60, history_days: 20, daily_mean: 2, days_of_cover: 30, insufficient_history: false },
  ]);
});

test("what was never counted has no history, and nothing available lasts no days", () => {
  expect(coverOf(0, null)).toMatchObject({ history_days: null, days_of_cover: null, insufficient_history: true });
  expect(coverOf(-3, { days: 20, taken: 5 })).toMatchObject({ days_of_cover: 0 });
  expect(coverOf(10, { days: 13, taken: 5 })).toMatchObject({ insufficient_history: true });
});

test("what is on its way is told though nothing is short", async () => {
  const { item, place, stock, outlook } = await kept({ reorder_point: 10 });
  const shipment = await made("/shipments", {
    ...{ item_id: item, quantity: 7, location: "production", destination_id: place },
  });
  expect((await manager(`GET /reorder-suggestions?inventory_item_id=${stock}`)).body).toEqual([]);
  expect(await outlook()).toMatchObject([
    {
      ...{ id: stock, item_id: item, location_id: place, available: 100, on_order: 0, in_transit: 7, projected: 107 },
      arrivals: [{ shipment_id: shipment, quantity: 7, eta: null, problem: "not_aboard", in_time: true }],
    },
  ]);
});

test("goods on hold are not available, and nothing is ordered for them", async () => {
  const { item, place, stock, outlook } = await kept();
  await made("/shipments", { item_id: item, quantity: 7, location: "production", destination_id: place });
  const moved = {
    inventory_item_id: stock,
    quantity: 5,
    reason: "hold",
    to: { location_id: place, condition: "hold" },
  };
  expect(await manager("POST /movements", moved)).toMatchObject({ status: 201 });
  const positions = await outlook(`location_id=${place}`);
  expect(positions.map(({ available, in_transit }) => [available, in_transit])).toEqual([
    [95, 7],
    [0, 0],
  ]);
});

test("outlooks are listed by product and by place, page by page", async () => {
  const { item, place, stock, outlook } = await kept();
  const other = await made("/locations", { name: "Loft", stage: "storage" });
  const second = await made("/inventory-items", { item_id: item, location_id: other, quantity: 1 });
  const ids = async (query: string) => (await outlook(query)).map(({ id }) => id);
  expect(await ids(`item_id=${item}`)).toEqual([stock, second]);
  expect(await ids(`item_id=${item}&location_id=${place}`)).toEqual([stock]);
  const first = await manager(`GET /stock-outlooks?item_id=${item}&limit=1`);
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get("link") ?? "")?.[1];
  expect((await manager(`GET ${next}`)).body).toMatchObject([{ id: second }]);
  expect((await manager("GET /stock-outlooks?colour=red")).status).toBe(400);
  expect(await ids(`inventory_item_ids=${second},${stock}`)).toEqual([stock, second]);
  for (const wrong of ["", "1,", "x", "0", "2147483648", Array.from({ length: 201 }, (_, at) => at + 1).join()]) {
    expect(await manager(`GET /stock-outlooks?inventory_item_ids=${wrong}`)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: expect.stringContaining("inventory_item_ids") }] },
    });
  }
});
