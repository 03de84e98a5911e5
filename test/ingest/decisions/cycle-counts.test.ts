import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startApi, type TestApi } from "../../api/support.ts";
import { type IngestRig, startIngestRig } from "../../support/ingest.ts";
import { worldIn } from "../../support/world.ts";

let api: TestApi;
let rig: IngestRig;
let world: ReturnType<typeof worldIn>;
let operator: Awaited<ReturnType<TestApi["as"]>>;
let n = 0;

beforeAll(async () => {
  api = await startApi();
  world = worldIn(api.db.pool);
  rig = await startIngestRig(api.db.pool);
  operator = await api.as("operator");
});
afterAll(async () => {
  await rig.close();
  await api.close();
});
beforeEach(() => (n += 1));

const HOUR = 3600_000;

/** A shelf with a scale, its stock kept in the ledger; `weigh`: so many pieces, so long ago. */
async function shelf() {
  const shop = await world.location("shop", "delivery");
  const item = await world.item(`SKU-${n}`, 250);
  const stock = await world.stock(item, shop, "ledger");
  const id = await world.device(`scale-${n}`, "scale", { location_id: shop, item_id: item });
  const weigh = async (pieces: number, agoMs: number) => {
    await rig.publish(`devices/${id}/scale`, { ts: Date.now() - agoMs, grams: pieces * 250, stable: true });
    await rig.settled();
  };
  const counts = async (): Promise<Record<string, unknown>[]> =>
    (await operator(`GET /cycle-counts?location_id=${shop}`)).body as never;
  return { shop, stock, weigh, counts };
}

test("a lasting difference asks for one count that names the suspect; what a person finds is the stock", async () => {
  const { shop, stock, weigh, counts } = await shelf();
  await weigh(20, HOUR);
  await expect.poll(counts, { timeout: 8000 }).toMatchObject([
    {
      inventory_item_id: stock,
      location_id: shop,
      sku: `SKU-${n}`,
      quantity: 0,
      state: "open",
      reason: "disagreement",
      suspect: "ledger",
      source_counts: { ledger: 0, scale: 20 },
      counted_quantity: null,
    },
  ]);
  await weigh(19, HOUR / 2);
  await new Promise((resolve) => setTimeout(resolve, 1500));
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
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(await counts()).toMatchObject([{ state: "counted" }]);
});

test("a short difference asks for nothing; one that goes away by itself is closed", async () => {
  const { stock, weigh, counts } = await shelf();
  await weigh(20, 60_000);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(await counts()).toEqual([]);
  const other = await (async () => {
    n += 1;
    return shelf();
  })();
  await other.weigh(20, HOUR);
  await expect.poll(other.counts, { timeout: 8000 }).toMatchObject([{ state: "open" }]);
  await other.weigh(0, HOUR / 2);
  await expect.poll(other.counts, { timeout: 8000 }).toMatchObject([{ state: "agreed", counted_quantity: null }]);
  const asked = await operator("POST /cycle-counts", { inventory_item_id: stock });
  expect(asked).toMatchObject({ status: 201, body: { reason: "asked", suspect: null, source_counts: {} } });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect((await operator(`GET /cycle-counts/${String(asked.body.id)}`)).body.state).toBe("open");
  expect((await operator("POST /cycle-counts", { inventory_item_id: 4711 })).status).toBe(400);
  expect((await operator("GET /cycle-counts/4711")).status).toBe(404);
});
