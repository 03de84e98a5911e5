import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkLedger } from "../../../ingest/workers/ledger-check.ts";
import { addParties } from "../../support/parties.ts";
import { startApi, type TestApi, type TestResponse } from "../support.ts";

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
let operator: typeof manager;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
  operator = await api.as("operator");
});
afterAll(() => api?.close());

let names = 0;

/** A product with a carton of 12, kept at a new place: how many are there at first. */
async function shelf(quantity?: number, more: object = {}) {
  const n = (names += 1);
  const made = async (path: string, body: object) => {
    const answer = await manager(`POST ${path}`, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body["id"] as number;
  };
  const item = await made("/items", { sku: `oil-${n}`, name: `Oil ${n}`, packs: [{ unit: "carton", quantity: 12 }] });
  const place = await made("/locations", { name: `Shelf ${n}`, stage: "storage" });
  const stock = await made("/inventory-items", { item_id: item, location_id: place, quantity, ...more });
  const level = async (id = stock) => (await manager(`GET /inventory-items/${id}`)).body["quantity"];
  const move = (body: object, call = manager) =>
    call("POST /movements", { inventory_item_id: stock, reason: "test", ...body });
  const movements = async (id = stock) =>
    (await manager(`GET /movements?inventory_item_id=${id}&limit=200`)).body as unknown as Record<string, unknown>[];
  return { item, place, stock, level, move, movements, made };
}

const idOf = ({ body }: TestResponse): number => body["id"] as number;

test("a movement tells who, why and what shows it; the level is the sum of all", async () => {
  const { stock, level, move, movements, place } = await shelf(40);
  const taken = await move({ quantity: -3, reason: "broken glass", evidence: "photo 12" });
  expect(taken).toMatchObject({
    status: 201,
    body: {
      inventory_item_id: stock,
      location_id: place,
      kind: "adjustment",
      quantity: -3,
      level: 37,
      unfit: 0,
      reason: "broken glass",
      rule: "person",
    },
  });
  expect(taken.body["evidence"]).toEqual([{ actor_id: taken.body["actor_id"] }, { note: "photo 12" }]);
  const read = await manager(`GET /movements/${idOf(taken)}`);
  expect(read.body).toEqual(taken.body);
  expect(await movements()).toMatchObject([
    { kind: "count", quantity: 40, level: 40, source: "person" },
    { quantity: -3 },
  ]);
  const newest = (await manager(`GET /movements?location_id=${place}&order=newest&limit=1`))
    .body as unknown as object[];
  expect(newest).toMatchObject([{ id: idOf(taken) }]);
  expect(await level()).toBe(37);
});

test("5 cartons of 12 and one piece stay 61, also when the carton gets another size", async () => {
  const { item, level, move } = await shelf();
  expect(await move({ quantity: 5, unit: "carton" })).toMatchObject({
    status: 201,
    body: { quantity: 60, unit: "piece" },
  });
  expect((await move({ quantity: 1, unit: "piece" })).status).toBe(201);
  expect(await level()).toBe(61);
  expect((await manager(`PUT /items/${item}`, { packs: [{ unit: "carton", quantity: 10 }] })).status).toBe(200);
  expect(await level()).toBe(61);
  expect(await move({ quantity: 1, unit: "pallet" })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: "/unit" }] },
  });
  const box = (quantity: number) => ({ unit: "box", quantity });
  const twice = [{ packs: [box(6), box(8)] }, { packs: [{ ...box(6), unit: "piece" }] }, { base_unit: "carton" }];
  for (const body of twice) expect((await manager(`PUT /items/${item}`, body)).status).toBe(400);
});

test("a late picking dated before the last count is not subtracted twice", async () => {
  const { stock, level, move, movements } = await shelf(20);
  const before = new Date(Date.now() - 60_000).toISOString();
  expect((await manager(`PUT /inventory-items/${stock}`, { quantity: 15 })).status).toBe(200);
  // At that time nothing was known to be there: what did not fit is set off against the first count.
  const late = await move({ quantity: -5, at: before });
  expect(late).toMatchObject({ status: 201, body: { quantity: 0, unfit: -5, level: 0 } });
  expect(await level()).toBe(15);
  expect((await movements()).map(({ quantity }) => quantity)).toEqual([20, -5, 0]);
  expect((await move({ quantity: 1, at: new Date(Date.now() + 3_600_000).toISOString() })).status).toBe(400);
});

test("nothing is taken that is not there, and nothing put that cannot be held", async () => {
  const { level, move, movements } = await shelf(10);
  const refused = await move({ quantity: -11 });
  expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining("only 10") } });
  expect((await move({ quantity: 2_147_483_647 })).status).toBe(409);
  expect((await move({ quantity: 2_147_483_647, unit: "carton" })).status).toBe(400);
  expect((await move({ quantity: 0 })).status).toBe(400);
  expect((await move({ quantity: 1.5 })).status).toBe(400);
  expect(await movements()).toHaveLength(1);
  expect(await level()).toBe(10);
});

test("of 50 who take one of the last 10 at once, 10 get one", async () => {
  const { level, move, movements } = await shelf(10);
  const statuses = (await Promise.all(Array.from({ length: 50 }, () => move({ quantity: -1 })))).map(
    ({ status }) => status,
  );
  // 503: too many changes at once; the same request works later.
  expect(statuses.filter((status) => status !== 201 && status !== 409 && status !== 503)).toEqual([]);
  while ((await move({ quantity: -1 })).status !== 409) statuses.push(201);
  expect(statuses.filter((status) => status === 201)).toHaveLength(10);
  expect(await level()).toBe(0);
  expect((await movements()).map(({ level: left }) => left)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
});

describe("a reversal", () => {
  test("takes a movement back once, with its reason, at the time of the movement", async () => {
    const { level, move, movements } = await shelf(10);
    const taken = await move({ quantity: -4 });
    const reversed = await manager(`POST /movements/${idOf(taken)}/reverse`, { reason: "wrong shelf" });
    expect(reversed).toMatchObject({
      status: 201,
      body: {
        kind: "reversal",
        quantity: 4,
        level: 10,
        reason: "wrong shelf",
        reverses: idOf(taken),
        at: taken.body["at"],
      },
    });
    expect(await level()).toBe(10);
    expect(await manager(`GET /movements/${idOf(taken)}`)).toMatchObject({ body: { reversed_by: idOf(reversed) } });
    expect((await manager(`POST /movements/${idOf(taken)}/reverse`, { reason: "again" })).status).toBe(409);
    expect((await manager(`POST /movements/${idOf(reversed)}/reverse`, { reason: "back" })).status).toBe(409);
    expect((await manager(`POST /movements/${idOf(taken)}/reverse`, {})).status).toBe(400);
    expect((await manager("POST /movements/987654321/reverse", { reason: "x" })).status).toBe(404);
    expect((await movements()).map(({ quantity }) => quantity)).toEqual([10, -4, 4]);
  });

  test("changes no level that was counted after the movement, and none below what is gone", async () => {
    const { stock, level, move } = await shelf(10);
    const put = await move({ quantity: 5 });
    expect((await manager(`PUT /inventory-items/${stock}`, { quantity: 12 })).status).toBe(200);
    expect((await manager(`POST /movements/${idOf(put)}/reverse`, { reason: "never came" })).status).toBe(201);
    expect(await level()).toBe(12);
    const again = await move({ quantity: 6 });
    expect((await move({ quantity: -15 })).status).toBe(201);
    expect((await manager(`POST /movements/${idOf(again)}/reverse`, { reason: "never came" })).status).toBe(409);
    expect(await level()).toBe(3);
  });
});

test("goods move to another place, are damaged or on hold, and come back by one reversal", async () => {
  const { item, place, stock, level, move, made } = await shelf(30);
  const other = await made("/locations", { name: "Other shelf", stage: "storage" });
  const moved = await move({ quantity: 2, unit: "carton", to: { location_id: other } });
  expect(moved).toMatchObject({ status: 201, body: { kind: "transfer", quantity: -24, level: 6 } });
  const there = await manager(`GET /movements/${String(moved.body["transfer_id"])}`);
  expect(there).toMatchObject({ body: { location_id: other, quantity: 24, transfer_id: idOf(moved) } });
  expect(await level(there.body["inventory_item_id"] as number)).toBe(24);
  const held = await move({ quantity: 2, to: { condition: "hold" } });
  const onHold = (await manager(`GET /movements/${String(held.body["transfer_id"])}`)).body[
    "inventory_item_id"
  ] as number;
  expect((await manager(`GET /inventory-items/${onHold}`)).body).toMatchObject({
    ...{ item_id: item, location_id: place, condition: "hold", quantity: 2, available: 0, source: "ledger" },
  });
  // Goods that cannot be sold are not low.
  const low = (await manager(`GET /inventory-items?below_reorder_point=true&item_id=${item}`))
    .body as unknown as object[];
  expect(low).toEqual([]);
  expect((await move({ quantity: 7, to: { location_id: other } })).status).toBe(409);
  expect((await move({ quantity: 1, to: { location_id: place } })).status).toBe(400);
  expect((await move({ quantity: 1, to: { location_id: 987_654 } })).status).toBe(400);
  expect((await move({ quantity: -1, to: { location_id: other } })).status).toBe(400);
  expect((await manager(`POST /movements/${idOf(moved)}/reverse`, { reason: "stayed" })).status).toBe(201);
  expect([await level(), await level(there.body["inventory_item_id"] as number)]).toEqual([28, 0]);
  expect((await manager(`POST /movements/${String(moved.body["transfer_id"])}/reverse`, { reason: "x" })).status).toBe(
    409,
  );
  expect(
    (await manager("POST /movements", { item_id: item, location_id: place, quantity: 1, reason: "x" })).body,
  ).toMatchObject({
    inventory_item_id: stock,
  });
});

test("goods of each owner and condition are positions of their own; the first good one is what sensors count", async () => {
  const { item, place, stock } = await shelf(5);
  await addParties(api.db.pool, "owner", [70]);
  const at = { item_id: item, location_id: place };
  const owned = await manager("POST /inventory-items", { ...at, owner_id: 70, quantity: 9 });
  expect(owned).toMatchObject({ status: 201, body: { owner_id: 70, quantity: 9, condition: "good" } });
  const damaged = await manager("POST /inventory-items", { ...at, condition: "damaged", source: "scale" });
  expect(damaged).toMatchObject({ status: 201, body: { condition: "damaged", source: "ledger" } });
  expect((await manager("POST /inventory-items", { ...at, owner_id: 70 })).status).toBe(409);
  expect((await manager("POST /inventory-items", at)).status).toBe(409);
  expect((await manager("POST /inventory-items", { ...at, owner_id: 987_654 })).status).toBe(400);
  expect((await manager("POST /inventory-items", { ...at, condition: "lost" })).status).toBe(400);
  const { rows } = await api.db.pool.query("SELECT id FROM inventory_items WHERE item_id = $1 AND is_main", [item]);
  expect(rows).toEqual([{ id: stock }]);
  const moved = await manager("POST /movements", { ...at, owner_id: 70, quantity: -1, reason: "sold" });
  expect(moved.body).toMatchObject({ inventory_item_id: idOf(owned), level: 8 });
});

test("an operator changes a level by 10 or a tenth of it; a manager by more", async () => {
  const { stock, level, move } = await shelf(50);
  expect((await move({ quantity: -11 }, operator)).status).toBe(403);
  expect((await move({ quantity: -10 }, operator)).status).toBe(201);
  expect((await operator(`PUT /inventory-items/${stock}`, { quantity: 51 })).status).toBe(403);
  expect((await operator(`PUT /inventory-items/${stock}`, { quantity: 50 })).status).toBe(200);
  expect((await manager(`PUT /inventory-items/${stock}`, { quantity: 500 })).status).toBe(200);
  expect((await operator(`PUT /inventory-items/${stock}`, { quantity: 550 })).status).toBe(200);
  expect((await operator(`PUT /inventory-items/${stock}`, { quantity: 606 })).status).toBe(403);
  expect(await level()).toBe(550);
  // Nothing is known of it yet.
  const { stock: fresh } = await shelf();
  expect((await operator(`PUT /inventory-items/${fresh}`, { quantity: 700 })).status).toBe(200);
});

test("a movement repeated with its Idempotency-Key moves once", async () => {
  const { stock, level } = await shelf(10);
  const body = { inventory_item_id: stock, quantity: -2, reason: "sold" };
  const sell = () => manager("POST /movements", body, { "Idempotency-Key": "sale-1" });
  expect((await sell()).body).toEqual((await sell()).body);
  expect(await level()).toBe(8);
});

test("the nightly check finds a level that is not the sum of its movements, and shows it to managers", async () => {
  const { stock } = await shelf(10);
  const log = pino({ level: "silent" });
  expect(await checkLedger(api.db.pool, log)).toMatchObject({ different: 0 });
  await api.db.pool.query("UPDATE inventory_items SET quantity = 9 WHERE id = $1", [stock]);
  await checkLedger(api.db.pool, log);
  expect(await manager("GET /movements/check")).toMatchObject({
    status: 200,
    body: { different: 1, examples: [stock], checked_at: expect.any(String) },
  });
  expect((await operator("GET /movements/check")).status).toBe(403);
});
