import { expect } from "vitest";
import { ingestApiTest } from "../../support/ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");

const test = ingestApiTest.extend("shelf", ({ rig, world, manager, n }) => {
  /** A scale below a shelf, with a tare of 1 kg. @param unitWeightGrams the weight of a piece in the catalogue */
  return async (unitWeightGrams: number | null) => {
    const shop = await world.location("shop", "delivery");
    const item = await world.item(`SKU-${n}`, unitWeightGrams);
    const stock = await world.stock(item, shop, "scale");
    const id = await world.device(`scale-${n}`, "scale", { location_id: shop, item_id: item, tare_grams: 1000 });
    const weigh = async (second: number, ...grams: number[]) => {
      await rig.publish(
        `devices/${id}/scale`,
        grams.map((g, i) => ({ ts: T + (second + i) * 1000, grams: g })),
      );
      await rig.settled();
    };
    const level = async () => (await manager(`GET /inventory-items/${stock}`)).body.quantity;
    return { id, item, level, weigh };
  };
});

test("a scale learns what a piece weighs, and counts with it from then on", async ({ shelf, manager }) => {
  const { id, item, level, weigh } = await shelf(250);
  await weigh(0, 6200, 6201, 6199);
  expect(await level()).toBe(21);
  const learnt = await manager(`POST /devices/${id}/calibrate`, { pieces: 20 });
  expect(learnt).toMatchObject({
    status: 200,
    body: {
      device_id: id,
      item_id: item,
      pieces: 20,
      unit_weight_grams: 260,
      spread_grams: 0.05,
      gross_grams: 6200,
      tare_grams: 1000,
      readings: 3,
      max_reliable_count: 1820,
      since: "2026-03-01T08:00:02.001Z",
    },
  });
  expect(learnt.body.actor_id).toEqual(expect.any(Number));
  await weigh(10, 6200, 6200, 6200);
  expect(await level()).toBe(20);
  // The weight in the catalogue is not this scale's alone: it stays.
  expect((await manager(`GET /items/${item}`)).body.unit_weight_grams).toBe(250);
});

test("earlier readings are still counted with the unit weight of their time", async ({ api, shelf, manager }) => {
  const { id, weigh } = await shelf(250);
  await weigh(0, 6000, 6000, 6000);
  await weigh(60, 6200, 6200, 6200);
  expect((await manager(`POST /devices/${id}/calibrate`, { pieces: 20 })).status).toBe(200);
  await weigh(120, 6200);
  // Late by two minutes: its window is derived again.
  await weigh(-10, 3500, 3500, 3500);
  const counts = async () => {
    const { rows } = await api.db.pool.query(
      "SELECT (data ->> 'quantity')::int AS quantity FROM facts WHERE device_id = $1 AND withdrawn_at IS NULL ORDER BY at",
      [id],
    );
    return rows.map(({ quantity }) => quantity);
  };
  await expect.poll(counts).toEqual([10, 20, 21, 20]);
});

test("an item without a unit weight takes the first one that is learnt", async ({ shelf, manager }) => {
  const { id, item, level, weigh } = await shelf(null);
  await weigh(0, 3500, 3500, 3500);
  expect(await level()).toBe(0);
  expect((await manager(`POST /devices/${id}/calibrate`, { pieces: 10 })).body.unit_weight_grams).toBe(250);
  expect((await manager(`GET /items/${item}`)).body.unit_weight_grams).toBe(250);
  // The pieces that lie there are counted with it at once.
  await expect.poll(level).toBe(10);
  await weigh(10, 3500, 3500, 3500);
  expect(await level()).toBe(10);
});

test("no unit weight is learnt from few pieces, a moving weight, an empty shelf or a silent scale", async ({
  shelf,
  manager,
  rig,
  world,
  n,
}) => {
  const { id, weigh } = await shelf(250);
  const calibrate = async (pieces: unknown) => manager(`POST /devices/${id}/calibrate`, { pieces });
  const detail = async (pieces = 10) => String((await calibrate(pieces)).body.detail);
  expect(await detail()).toContain("has not reported a weight yet");
  await weigh(0, 3500, 3500, 3500);
  for (const pieces of [9, 0, -10, 10.5, "10"]) {
    expect(await calibrate(pieces)).toMatchObject({ status: 400, body: { errors: [{ pointer: "/pieces" }] } });
  }
  await weigh(10, 3500, 3600);
  expect(await calibrate(10)).toMatchObject({ status: 409 });
  expect(await detail()).toContain("has not settled: 1 readings");
  await rig.publish(`devices/${id}/scale`, { ts: T + 20_000, grams: 3600, stable: false });
  await rig.settled();
  expect(await detail()).toContain("the scale reports it as unstable");
  await weigh(30, 1000, 1000, 1000);
  expect(await detail()).toContain("not above the tare");
  await rig.publish(`devices/${id}/scale`, { ts: T + 40_000, grams: 3500, stable: true }, Date.now() - 600_000);
  await rig.settled();
  expect(await detail()).toContain("is too old");
  await world.device(`elsewhere-${n}`, "scale");
  expect((await manager(`POST /devices/elsewhere-${n}/calibrate`, { pieces: 10 })).body.detail).toContain(
    "not mounted",
  );
  expect((await manager(`POST /devices/nobody-${n}/calibrate`, { pieces: 10 })).status).toBe(404);
});
