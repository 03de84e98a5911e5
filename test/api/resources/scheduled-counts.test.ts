import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scheduleCounts, startCountScheduler } from "../../../ingest/workers/count-scheduler.ts";
import { startApi, type TestApi } from "../support.ts";

const DAY_MS = 86_400_000;

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
});
afterAll(() => api?.close());

const made = async (path: string, body: object): Promise<number> => {
  const answer = await manager(`POST ${path}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body["id"] as number;
};

const openCounts = async () =>
  (await manager("GET /cycle-counts?state=open")).body as unknown as {
    id: number;
    inventory_item_id: number;
    reason: string;
    detail: string;
  }[];

test("stock that people book is to be counted by its class and date, once; what sensors count is not", async () => {
  const hall = await made("/locations", { name: "hall" });
  const stock = async (sku: string, value_cents: number, source = "ledger"): Promise<number> => {
    const item_id = await made("/items", { sku, name: sku, value_cents, currency: "EUR" });
    return made("/inventory-items", {
      item_id,
      location_id: hall,
      source,
      ...(source === "ledger" && { quantity: 500 }),
    });
  };
  const engine = await stock("engine", 200_000);
  const bolt = await stock("bolt", 5);
  const scale = await stock("on a scale", 200_000, "scale");
  for (const id of [engine, bolt])
    await made("/movements", { inventory_item_id: id, quantity: -100, reason: "issued" });
  const { pool } = api.db;
  const now = Date.now();
  // Nothing is due of what is new.
  expect(await scheduleCounts(pool, now)).toBe(0);
  // The bolts are class C: in a year.
  expect(await scheduleCounts(pool, now + 31 * DAY_MS, 1)).toBe(1);
  expect(await openCounts()).toMatchObject([{ inventory_item_id: engine, reason: "scheduled", detail: "class A" }]);
  expect(await scheduleCounts(pool, now + 31 * DAY_MS)).toBe(0);

  const { id } = (await openCounts())[0]!;
  expect((await manager(`POST /cycle-counts/${id}/count`, { quantity: 398 })).status).toBe(200);
  expect((await manager(`GET /inventory-items/${engine}`)).body).toMatchObject({ quantity: 398 });
  expect(await scheduleCounts(pool, now + 29 * DAY_MS)).toBe(0);
  expect(await scheduleCounts(pool, now + 31 * DAY_MS)).toBe(1);
  expect(await scheduleCounts(pool, now + 366 * DAY_MS)).toBe(1);
  const asked = (await openCounts()).map(({ inventory_item_id: stockId }) => stockId);
  expect(new Set(asked)).toEqual(new Set([engine, bolt]));
  expect(asked).not.toContain(scale);
});

test("the worker asks for what is due by itself", async () => {
  const shed = await made("/locations", { name: "shed" });
  const item_id = await made("/items", { sku: "rope", name: "rope" });
  const rope = await made("/inventory-items", { item_id, location_id: shed });
  await api.db.pool.query("UPDATE inventory_items SET created_at = now() - interval '400 days' WHERE id = $1", [rope]);
  const scheduler = startCountScheduler(api.db.pool, pino({ level: "silent" }));
  try {
    const asked = async () => (await openCounts()).map(({ inventory_item_id: stockId }) => stockId);
    await expect.poll(asked).toContain(rope);
  } finally {
    await scheduler.close();
  }
});
