import { expect } from "vitest";
import { ingestApiTest, twoTicks } from "../../support/ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");

/** A shelf of 1 kg on a scale that governs its stock; a piece weighs 200 g. */
const test = ingestApiTest.extend("shelf", async ({ api, rig, world, operator, manager, n }) => {
  const shop = await world.location(`shop ${n}`, "delivery");
  const item = await world.item(`REV-${n}`, 200);
  const stock = await world.stock(item, shop, "scale");
  const id = await world.device(`scale-${n}`, "scale", { location_id: shop, item_id: item, tare_grams: 1000 });
  const weigh = async (from: number, to: number, grams: number) => {
    const readings = [];
    for (let second = from; second <= to; second += 1) readings.push({ ts: T + second * 1000, grams });
    await rig.publish(`devices/${id}/scale`, readings);
    await rig.settled();
  };
  const level = async () => (await operator(`GET /inventory-items/${stock}`)).body;
  const counts = async (): Promise<Record<string, unknown>[]> =>
    (await operator(`GET /cycle-counts?location_id=${shop}`)).body as never;
  const events = async () =>
    ((await operator(`GET /inventory-items/${stock}/events`)).body as unknown as Record<string, unknown>[]).map(
      ({ type, quantity, reason }) => [type, quantity ?? reason].join(" "),
    );
  /** as the broker does when the device has acknowledged it */
  const acknowledge = async (ok: boolean) => {
    const { body } = await manager(`POST /devices/${id}/commands`, { type: "tare" });
    await api.db.pool.query("UPDATE device_messages SET acknowledged_at = now(), result = $2 WHERE id = $1", [
      body.id,
      { ok },
    ]);
  };
  return { id, stock, weigh, level, counts, events, acknowledge };
});

test("a shelf that is taken off asks for a review with its evidence, which ends when the shelf is back", async ({
  shelf,
}) => {
  const { id, stock, weigh, level, counts, events } = shelf;
  await weigh(0, 5, 3000);
  await weigh(10, 100, 0);
  const suspect = {
    source: "scale",
    problem: "below_tare",
    since: "2026-03-01T08:00:12.000Z",
    device_id: id,
    detail: expect.stringContaining("the scale shows 0.0 g, less than the empty shelf of 1000.0 g"),
  };
  expect(await level()).toMatchObject({ quantity: 10, confidence: 1, stale: true, suspect });
  await expect.poll(counts).toMatchObject([
    {
      inventory_item_id: stock,
      state: "open",
      reason: "below_tare",
      suspect: "scale",
      device_id: id,
      detail: suspect.detail,
    },
  ]);
  await weigh(200, 205, 3000);
  expect(await level()).toMatchObject({ quantity: 10, stale: false, suspect: null });
  await expect.poll(counts).toMatchObject([{ state: "agreed" }]);
  expect(await events()).toEqual(["counted 10", "sensor_suspect below_tare", "sensor_trusted below_tare"]);
});

test("a scale zeroed by hand is asked about once; a person's count becomes the stock and the scale stays suspect", async ({
  rig,
  shelf,
  operator,
}) => {
  const { weigh, level, counts } = shelf;
  await weigh(0, 5, 1000);
  await weigh(10, 20, 0);
  await weigh(30, 120, 2000);
  await expect.poll(counts).toMatchObject([{ state: "open", reason: "below_tare" }]);
  const [review] = await counts();
  expect((await operator(`POST /cycle-counts/${String(review!.id)}/count`, { quantity: 10 })).status).toBe(200);
  await weigh(130, 140, 2000);
  await twoTicks(rig, "reconciliation");
  expect(await level()).toMatchObject({ quantity: 10, stale: true });
  expect(await counts()).toMatchObject([{ state: "counted" }]);
});

test("the tare command is a tare version from its acknowledgement on: ten pieces are ten", async ({
  shelf,
  manager,
}) => {
  const { id, weigh, level, acknowledge } = shelf;
  await weigh(0, 5, 1000);
  await acknowledge(false);
  expect((await manager(`GET /devices/${id}`)).body.mount).toMatchObject({ tare_grams: 1000 });
  await acknowledge(true);
  await weigh(20, 25, 2000);
  expect(await level()).toMatchObject({ quantity: 10, stale: false });
  // A reading from before the command that arrives late is still one with the tare of its time.
  await weigh(-60, -55, 3000);
  expect(await level()).toMatchObject({ quantity: 10, stale: false });
});

test("a tare with goods on the shelf asks a person to count, and reports no removal", async ({ shelf }) => {
  const { weigh, level, counts, events, acknowledge } = shelf;
  await weigh(0, 5, 3000);
  await acknowledge(true);
  await weigh(20, 400, 0);
  await expect.poll(counts).toMatchObject([{ reason: "retared", suspect: "scale" }]);
  expect((await level()).quantity).toBe(0);
  expect(await events()).toEqual(["counted 10", "counted 0", "sensor_suspect retared"]);
});

test("the count of a silent reader is stale and its reader suspect; after a quarter of an hour it is to be counted", async ({
  api,
  rig,
  world,
  operator,
  n,
}) => {
  const shop = await world.location(`rack ${n}`, "delivery");
  const item = await world.item(`RACK-${n}`);
  const stock = await world.stock(item, shop, "rfid");
  await operator(`PUT /inventory-items/${stock}`, { quantity: 5 });
  const reader = await world.device(`rack-${n}`, "rfid", { location_id: shop, antennas: {} });
  const read = async (agoMs: number) => {
    await rig.publish(
      `devices/${reader}/rfid`,
      { ts: Date.now() - agoMs, epc: "E2801170000002AC" },
      Date.now() - agoMs,
    );
    await rig.settled();
  };
  const level = async () => (await operator(`GET /inventory-items/${stock}`)).body;
  const counts = async () => (await operator(`GET /cycle-counts?location_id=${shop}`)).body;
  await read(16 * 60_000);
  const suspect = { source: "rfid", problem: "reader_silent", device_id: reader };
  await expect.poll(level).toMatchObject({ quantity: 5, stale: true, suspect });
  await expect
    .poll(counts)
    .toMatchObject([{ state: "open", reason: "reader_silent", suspect: "rfid", device_id: reader }]);
  await read(0);
  await expect.poll(level).toMatchObject({ quantity: 5, stale: false, suspect: null });
  await expect.poll(counts).toMatchObject([{ state: "agreed" }]);
  expect((await api.db.pool.query("SELECT FROM silent_readers WHERE device_id = $1", [reader])).rowCount).toBe(0);
});
