import { expect } from "vitest";
import { withCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { proposeLots } from "../../../ingest/domain/stock/propose-lots.ts";
import { loadPickableLots } from "../../../api/resources/lots/pickable.ts";
import { ingestApiTest } from "../../support/ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
type Row = Record<string, string | number | boolean | null>;
const rows = (body: unknown) => body as Row[];

/** A product in two places, with a hand scanner that names the place. */
const test = ingestApiTest.extend("shop", ({ api, rig, world, n, manager }) => async () => {
  const [store, other] = [await world.location(`store ${n}`, "storage"), await world.location(`other ${n}`, "storage")];
  const item = await world.item(`MILK-${n}`);
  const gtin = withCheckDigit(`0952110${String(200_000 + n)}`);
  await api.db.pool.query("UPDATE items SET gtin = $2 WHERE id = $1", [item, gtin.slice(1)]);
  const stock = await world.stock(item, store);
  const scanner = await world.device(`hand-${n}`, "scan");
  let second = 0;
  const scan = async (elements: string, content: object = {}) => {
    second += 1;
    const message = { ts: T + second * 1000, code: `(01)${gtin}${elements}`, action: "receive", location_id: store };
    await rig.publish(`devices/${scanner}/scan`, { ...message, ...content });
    await rig.settled();
  };
  const lotsAt = async (id = stock) =>
    rows((await manager(`GET /inventory-items/${id}/lots`)).body).map(({ lot, quantity }) => `${quantity} ${lot}`);
  const lotNamed = async (number: string): Promise<Row> =>
    rows((await manager(`GET /lots?item_id=${item}&q=${number}`)).body)[0]!;
  const positions = async () => rows((await manager(`GET /inventory-items?item_id=${item}`)).body);
  return { store, other, item, gtin, stock, scan, lotsAt, lotNamed, positions };
});

test("lots come from scans, with their dates, and from movements and counts by hand", async ({ shop, manager, n }) => {
  const { stock, item, scan, lotsAt, lotNamed } = await shop();
  await scan("(10)A1(17)270331", { quantity: 10 });
  await scan("(10)A1(17)270228", { quantity: 2 });
  await scan("", { quantity: 5 });
  expect(await lotsAt()).toEqual(["12 A1", "5 null"]);
  // Of two labels the earlier date holds, until a person says it.
  const lot = await lotNamed("A1");
  expect(lot).toMatchObject({ expires_on: "2027-02-28", quantity: 12, places: 1, on_hold: false, sku: `MILK-${n}` });
  const stated = await manager(`PUT /lots/${lot["id"]}`, { expires_on: "2027-04-30", release_condition: "laboratory" });
  expect(stated.body).toMatchObject({ expires_on: "2027-04-30", release_condition: "laboratory" });
  await scan("(10)A1(17)270101", { quantity: 1 });
  expect(await lotNamed("A1")).toMatchObject({ expires_on: "2027-04-30", quantity: 13 });

  const at = new Date(T + 4500).toISOString();
  const put = { inventory_item_id: stock, quantity: 4, reason: "found", lot: "B2", expires_on: "2026-12-24", at };
  const movement = await manager("POST /movements", put);
  expect(movement.body).toMatchObject({ quantity: 4, lots: [{ lot: "B2", quantity: 4 }] });
  expect(await lotsAt()).toEqual(["4 B2", "13 A1", "5 null"]);
  await scan("(10)B2", { action: "count", quantity: 7 });
  expect(await lotsAt()).toEqual(["7 B2", "13 A1", "2 null"]);
  await scan("(10)A1", { action: "pick", quantity: 3 });
  expect(await lotsAt()).toEqual(["7 B2", "10 A1", "2 null"]);
  // What is taken back was of the lot too.
  await manager(`POST /movements/${String(movement.body["id"])}/reverse`, { reason: "was not there" });
  expect(await lotsAt()).toEqual(["7 B2", "10 A1"]);

  const refused = await manager("POST /movements", { ...put, lot: undefined });
  expect(refused.status).toBe(400);
  expect(refused.body["errors"]).toEqual([{ pointer: "/expires_on", message: "name the lot that expires then" }]);
  expect((await manager("POST /lots", { item_id: item, number: "A1" })).status).toBe(409);
  expect((await manager("POST /lots", { item_id: item, number: "C", expires_on: "2027-02-30" })).status).toBe(400);
});

test("what is moved keeps its lots, also where nobody names them", async ({ shop, manager }) => {
  const { stock, other, scan, lotsAt, positions } = await shop();
  await scan("(10)A1", { quantity: 10 });
  await scan("(10)B2", { quantity: 4 });
  const moved = await manager("POST /movements", {
    inventory_item_id: stock,
    quantity: 12,
    reason: "refill",
    to: { location_id: other },
  });
  expect(moved.status).toBe(201);
  const there = (await positions()).find(({ location_id }) => location_id === other)!;
  expect(await lotsAt(there["id"] as number)).toEqual(["10 A1", "2 B2"]);
  expect(await lotsAt()).toEqual(["2 B2"]);
});

test("a person holds a lot and releases it: nothing of it is available meanwhile, also of what comes later", async ({
  shop,
  manager,
  operator,
  api,
}) => {
  const { scan, lotNamed, positions } = await shop();
  await scan("(10)A1(17)270331", { quantity: 10 });
  await scan("(10)B2(17)280331", { quantity: 4 });
  const { id } = await lotNamed("A1");
  const availability = async () =>
    (await positions()).map(({ condition, quantity, available }) => `${condition} ${quantity} ${available}`);
  expect(await availability()).toEqual(["good 14 14"]);
  expect((await operator(`POST /lots/${id}/hold`, { reason: "smells" })).status).toBe(403);
  const held = await manager(`POST /lots/${id}/hold`, { reason: "smells" });
  expect(held.body).toMatchObject({ on_hold: true, hold_reason: "smells", quantity: 10, quantity_on_hold: 10 });
  expect(await availability()).toEqual(["good 4 4", "hold 10 0"]);
  expect((await manager(`POST /lots/${id}/hold`, { reason: "again" })).status).toBe(409);

  await scan("(10)A1", { quantity: 3 });
  await expect.poll(availability).toEqual(["good 4 4", "hold 13 0"]);
  const proposed = proposeLots(
    await loadPickableLots(
      api.db.pool,
      (await positions()).map(({ id }) => Number(id)),
    ),
    10,
    "2026-06-15",
  );
  expect(proposed).toMatchObject({ picks: [{ lot: "B2", quantity: 4 }], short: 6 });

  const released = await manager(`POST /lots/${id}/release`, { reason: "laboratory 4711" });
  expect(released.body).toMatchObject({ on_hold: false, hold_reason: null, quantity_on_hold: 0 });
  expect(await availability()).toEqual(["good 17 17", "hold 0 0"]);
  expect(rows((await manager(`GET /lots/${id}/holds`)).body)).toMatchObject([
    { reason: "smells", release_reason: "laboratory 4711" },
  ]);
  const { rows: audit } = await api.db.pool.query(
    "SELECT action, detail FROM audit WHERE action LIKE 'POST /lots%' ORDER BY id",
  );
  expect(audit.map(({ action }) => action)).toContain("POST /lots/{id}/hold");
  expect(JSON.stringify(audit)).toContain("smells");
  const { rows: sums } = await api.db.pool.query(
    `SELECT count(*)::int AS wrong FROM inventory_items i WHERE greatest(quantity, 0) <> (SELECT coalesce(sum(delta), 0) FROM movements WHERE inventory_item_id = i.id)
      OR greatest(quantity, 0) < (SELECT coalesce(sum(quantity), 0) FROM stock_lots WHERE inventory_item_id = i.id)
      OR EXISTS (SELECT FROM lot_movements m WHERE m.inventory_item_id = i.id GROUP BY lot
        HAVING sum(delta) <> coalesce((SELECT quantity FROM stock_lots s WHERE s.inventory_item_id = i.id AND s.lot = m.lot), 0))`,
  );
  expect(sums[0].wrong).toBe(0);
});
