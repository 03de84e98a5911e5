import { expect } from "vitest";
import { ingestApiTest, twoTicks } from "../support/ingest-test.ts";

const HOUR = 3600_000;

const test = ingestApiTest.extend("shelf", ({ rig, world, operator, n }) => {
  let shelves = 0;
  /** A shelf on a scale, whose stock is governed by the ledger. */
  return async () => {
    const name = `${n}-${(shelves += 1)}`;
    const shop = await world.location("shop", "delivery");
    const sku = `SKU-${name}`;
    const item = await world.item(sku, 250);
    const stock = await world.stock(item, shop, "ledger");
    const id = await world.device(`scale-${name}`, "scale", { location_id: shop, item_id: item });
    const weigh = async (pieces: number, agoMs: number) => {
      await rig.publish(`devices/${id}/scale`, { ts: Date.now() - agoMs, grams: pieces * 250, stable: true });
      await rig.settled();
    };
    const counts = async (): Promise<Record<string, unknown>[]> =>
      (await operator(`GET /cycle-counts?location_id=${shop}`)).body as never;
    return { shop, sku, stock, weigh, counts };
  };
});

test("a lasting disagreement opens one cycle count that names the suspect; what a person counts becomes the stock", async ({
  api,
  rig,
  shelf,
  operator,
}) => {
  const { shop, sku, stock, weigh, counts } = await shelf();
  await weigh(20, HOUR);
  await expect.poll(counts).toMatchObject([
    {
      inventory_item_id: stock,
      location_id: shop,
      sku,
      quantity: 0,
      state: "open",
      reason: "disagreement",
      suspect: "ledger",
      source_counts: { ledger: 0, scale: 20 },
      counted_quantity: null,
    },
  ]);
  await weigh(19, HOUR / 2);
  await twoTicks(rig, "reconciliation");
  const [open, ...others] = await counts();
  expect(others).toEqual([]);
  expect((await operator("POST /cycle-counts", { inventory_item_id: stock })).status).toBe(409);
  const path = `POST /cycle-counts/${String(open!.id)}/count`;
  expect(await operator(path, { quantity: -1 })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: "/quantity" }] },
  });
  expect((await operator(path, { quantity: 18 }, { "If-Match": '"v99"' })).status).toBe(412);
  const closed = await operator(path, { quantity: 18 });
  expect(closed).toMatchObject({ status: 200, body: { state: "counted", counted_quantity: 18, quantity: 18 } });
  expect(closed.body.actor_id).toEqual(expect.any(Number));
  expect((await operator(path, { quantity: 18 })).status).toBe(409);
  expect((await operator(`GET /inventory-items/${stock}`)).body.quantity).toBe(18);
  const { rows } = await api.db.pool.query(
    "SELECT data, rule, actor_id FROM facts WHERE subject = $1 AND rule = 'person'",
    [`stock:${stock}`],
  );
  expect(rows).toEqual([{ data: { quantity: 18, source: "person" }, rule: "person", actor_id: closed.body.actor_id }]);
  await twoTicks(rig, "reconciliation");
  expect(await counts()).toMatchObject([{ state: "counted" }]);
});

test("a short disagreement opens no cycle count; one that ends by itself closes it", async ({
  rig,
  shelf,
  operator,
}) => {
  const { stock, weigh, counts } = await shelf();
  await weigh(20, 60_000);
  await twoTicks(rig, "reconciliation");
  expect(await counts()).toEqual([]);
  const other = await shelf();
  await other.weigh(20, HOUR);
  await expect.poll(other.counts).toMatchObject([{ state: "open" }]);
  await other.weigh(0, HOUR / 2);
  await expect.poll(other.counts).toMatchObject([{ state: "agreed", counted_quantity: null }]);
  const asked = await operator("POST /cycle-counts", { inventory_item_id: stock });
  expect(asked).toMatchObject({ status: 201, body: { reason: "asked", suspect: null, source_counts: {} } });
  await twoTicks(rig, "reconciliation");
  expect((await operator(`GET /cycle-counts/${String(asked.body.id)}`)).body.state).toBe("open");
  expect((await operator("POST /cycle-counts", { inventory_item_id: 4711 })).status).toBe(400);
  expect((await operator("GET /cycle-counts/4711")).status).toBe(404);
});
