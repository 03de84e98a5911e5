import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction, recordFacts } from "../../../ingest/decisions/record-facts.ts";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { scheduleCounts } from "../../../ingest/workers/count-scheduler.ts";
import { type ImportApi, startImportApi } from "./imports/import-api.ts";

type Body = Record<string, unknown>;
const DAY_MS = 86_400_000;

let api: ImportApi;
let operator: Awaited<ReturnType<ImportApi["as"]>>;
beforeAll(async () => {
  api = await startImportApi();
  operator = await api.as("operator");
});
afterAll(() => api?.close());

async function made(path: string, body: object): Promise<number> {
  const answer = await api.call(`POST ${path}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body["id"] as number;
}

let names = 0;
/** 40 pieces of a product on a shelf, and what is asked of people there. */
async function kept(quantity: number | null = 40) {
  const n = (names += 1);
  const [sku, shelf] = [`tin-${n}`, `Shelf ${n}`];
  const item = await made("/items", { sku, name: `Tin ${n}` });
  const place = await made("/locations", { name: shelf, stage: "storage" });
  const at = { item_id: item, location_id: place };
  const stock = await made("/inventory-items", { ...at, ...(quantity !== null && { quantity }) });
  const ask = (id = stock) => made("/cycle-counts", { inventory_item_id: id });
  const count = async (id: number) => (await api.call(`GET /cycle-counts/${id}`)).body;
  const open = async () =>
    (await api.call(`GET /cycle-counts?state=open&location_id=${place}`)).body as unknown as Body[];
  const set = async (level: number) => {
    expect((await operator(`PUT /inventory-items/${stock}`, { quantity: level })).status).toBe(200);
  };
  const newestMovement = async () => {
    const [movement] = (await api.call(`GET /movements?inventory_item_id=${stock}&order=newest`)).body as unknown as [
      { id: number },
    ];
    return movement.id;
  };
  const takeBack = async (movement: number) => {
    expect((await api.call(`POST /movements/${movement}/reverse`, { reason: "wrong shelf" })).status).toBe(201);
  };
  /** a scanner has counted then */
  const scanned = (key: string, level: number, at: number): Promise<void> =>
    inTransaction(api.db.pool, (client) => recordFacts(client, { facts: [scan(key, stock, level, at)] }));
  return { sku, shelf, at, stock, ask, count, open, set, newestMovement, takeBack, scanned };
}

const scan = (key: string, stock: number, quantity: number, at: number): NewFact => ({
  ...{ key: `scanned:${key}`, subject: `stock:${stock}`, at, type: "counted", data: { quantity, source: "person" } },
  ...{ rule: "scan-facts", evidence: [], confidence: 0.9, deviceId: "hand", signal: "scan", concludedAt: at },
});

test("a level that is set answers what asks for a count of that position, and of no other of the product there", async () => {
  const { at, stock, ask, count, set } = await kept();
  const owner_id = await made("/parties", { name: "Mill", roles: ["owner"] });
  const others = [
    await made("/inventory-items", { ...at, condition: "hold", quantity: 3 }),
    await made("/inventory-items", { ...at, owner_id, quantity: 5 }),
  ];
  const [asked, ...elsewhere] = [await ask(), await ask(others[0]), await ask(others[1])];
  await set(38);
  expect(await count(asked)).toMatchObject({
    ...{ state: "counted", counted_quantity: 38, actor_id: expect.any(Number), closed_at: expect.any(String) },
  });
  for (const id of elsewhere) expect(await count(id)).toMatchObject({ state: "open", counted_quantity: null });
  // Nothing asks for it any more: the next is a count of its own.
  await set(37);
  expect(await count(asked)).toMatchObject({ counted_quantity: 38 });
  expect((await api.call(`POST /cycle-counts/${asked}/count`, { quantity: 1 })).status).toBe(409);
  expect((await api.call(`GET /inventory-items/${stock}`)).body).toMatchObject({ quantity: 37, confidence: null });
});

test("an import of stock answers, once; a row that says what is known already is no count", async () => {
  const { sku, shelf, ask, count } = await kept();
  const file = `sku,location,quantity\n${sku},${shelf},36\n`;
  const asked = await ask();
  await api.send("stock", `sku,location,quantity\n${sku},${shelf},40\n`);
  expect(await count(asked)).toMatchObject({ state: "open" });
  await api.send("stock", file);
  expect(await count(asked)).toMatchObject({ state: "counted", counted_quantity: 36 });
  const again = await ask();
  await api.send("stock", file);
  expect(await count(again)).toMatchObject({ state: "open" });
});

test("a count of before the asking answers nothing, nor does one that is recorded again", async () => {
  const { stock, ask, count, scanned } = await kept();
  const before = Date.now() - 1;
  const asked = await ask();
  await scanned(`${stock} late`, 12, before);
  expect(await count(asked)).toMatchObject({ state: "open" });
  // Its clock is ahead: by that the count is younger than what is asked next.
  const ahead = Date.now() + 240_000;
  await scanned(`${stock} ahead`, 13, ahead);
  expect(await count(asked)).toMatchObject({ state: "counted", counted_quantity: 13, actor_id: null });
  const next = await ask();
  await scanned(`${stock} ahead`, 13, ahead);
  expect(await count(next)).toMatchObject({ state: "open" });
  expect(await count(asked)).toMatchObject({ counted_quantity: 13 });
});

test("a count that is taken back was none: it is asked for again, unless somebody has counted since", async () => {
  const { ask, count, open, set, newestMovement, takeBack } = await kept();
  await ask();
  await set(38);
  const first = await newestMovement();
  await takeBack(first);
  const [again, ...more] = await open();
  expect(more).toEqual([]);
  expect(again).toMatchObject({ reason: "asked", detail: "the count of 38 was taken back", quantity: 40 });
  await set(39);
  const second = await newestMovement();
  await set(41);
  await takeBack(second);
  expect(await open()).toEqual([]);
  expect(await count(again!["id"] as number)).toMatchObject({ state: "counted", counted_quantity: 39 });
});

test("counts that are all taken back are asked for again, in whatever order that happens", async () => {
  const { ask, open, set, newestMovement, takeBack } = await kept();
  await ask();
  await set(38);
  const first = await newestMovement();
  await set(39);
  const second = await newestMovement();
  await takeBack(first);
  expect(await open()).toEqual([]);
  await takeBack(second);
  expect(await open()).toMatchObject([{ reason: "asked", detail: "the count of 39 was taken back" }]);
});

test("the schedule goes by the last count that stands, whoever counted and by whatever way", async () => {
  const { stock, open, set, newestMovement, takeBack, scanned } = await kept(null);
  const { pool } = api.db;
  await pool.query("UPDATE inventory_items SET created_at = now() - interval '800 days' WHERE id = $1", [stock]);
  const asked = async (): Promise<number> => {
    await scheduleCounts(pool, Date.now());
    return (await open()).length;
  };
  await scanned(`${stock} first`, 20, Date.now() - 366 * DAY_MS);
  // Class C is counted once a year.
  expect(await asked()).toBe(1);
  await set(19);
  expect(await asked()).toBe(0);
  await takeBack(await newestMovement());
  expect(await open()).toMatchObject([{ reason: "asked" }]);
  await scanned(`${stock} second`, 21, Date.now());
  expect(await asked()).toBe(0);
});

test("a count that nobody has asked for, and that is taken back, leaves the position due", async () => {
  const { stock, open, set, newestMovement, takeBack } = await kept(null);
  const { pool } = api.db;
  await pool.query("UPDATE inventory_items SET created_at = now() - interval '800 days' WHERE id = $1", [stock]);
  await set(5);
  await takeBack(await newestMovement());
  expect(await open()).toEqual([]);
  await scheduleCounts(pool, Date.now());
  expect(await open()).toMatchObject([{ reason: "scheduled" }]);
});

test("an operator counts whatever is there, and moves any number; levels that are set have a limit", async () => {
  const { at, stock, ask, count } = await kept(1_000);
  expect((await operator(`PUT /inventory-items/${stock}`, { quantity: 500 })).status).toBe(403);
  const asked = await ask();
  expect((await operator(`POST /cycle-counts/${asked}/count`, { quantity: 500 })).status).toBe(200);
  expect(await count(asked)).toMatchObject({ state: "counted", counted_quantity: 500 });
  for (const condition of ["damaged", "hold"]) {
    const move = { inventory_item_id: stock, quantity: 200, reason: "leaks", to: { condition } };
    expect(await operator("POST /movements", move)).toMatchObject({ status: 201 });
  }
  const take = { ...at, condition: "damaged", quantity: -100, reason: "thrown away" };
  expect((await operator("POST /movements", take)).status).toBe(403);
});
