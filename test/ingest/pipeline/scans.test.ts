import { expect } from "vitest";
import { listCycleCounts } from "../../../api/resources/cycle-counts/queries.ts";
import { getInventoryItem } from "../../../api/resources/inventory/queries.ts";
import { withCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { scheduleCounts } from "../../../ingest/workers/count-scheduler.ts";
import { warehouseTest as test } from "../../support/warehouse.ts";

const T = Date.parse("2026-03-01T08:00:00Z");

test("no scan is without effect and without word", async ({ warehouse }) => {
  const { n, gtin, other, scan, told, quarantined, level, world, scanner } = await warehouse();
  const wrongDigit = gtin.slice(0, -1) + String((Number(gtin.at(-1)) + 1) % 10);
  const refused: [string, object, string, RegExp][] = [
    ["WIDGET-1", {}, "unknown-code", /WIDGET-1 is no tracking number, tag, SKU or barcode/],
    [wrongDigit, {}, "bad-checksum", /wrong check digit/],
    [`(01)${gtin}(17)260431`, {}, "impossible-date", /date that does not exist/],
    [`01${gtin}21ABC17261231`, {}, "unclear-code", /cannot be told apart/],
    [`BOLT-${n}`, { location_id: 999_999 }, "unknown-location", /no location 999999/],
    [`BOLT-${n}`, { location_id: other, action: "pick" }, "not-kept-there", new RegExp(`not kept at other ${n}`)],
    [`BOLT-${n}`, { action: undefined }, "no-action", /does not say what was done/],
    [`BOLT-${n}`, { action: "count" }, "no-quantity", /needs a quantity/],
    [`BOLT-${n}`, { quantity: 0 }, "no-quantity", /above 0/],
    [`BOLT-${n}`, { action: "deliver" }, "no-effect", /is for shipments/],
  ];
  for (const [code, content] of refused) await scan(code, content);
  expect(await quarantined()).toEqual(refused.map(([, , reason]) => reason));
  const messages = await told();
  for (const [at, [, , reason, detail]] of refused.entries()) {
    expect(messages[at]).toMatchObject({ reason });
    expect(messages[at]!.detail).toMatch(detail);
  }
  expect(await level()).toBe(0);
  expect(await world.quality(scanner)).toMatchObject({
    received: refused.length,
    stored: 0,
    quarantined: refused.length,
  });
});

test("a scanner that is mounted nowhere must name the place", async ({ warehouse }) => {
  const { n, db, rig, world, scan, told, quarantined } = await warehouse();
  const loose = await world.device(`loose-${n}`, "scan");
  const shipment = await world.shipment(await world.location("plant", "production"), null, T - 3600_000);
  const { rows } = await db.pool.query("SELECT tracking_number FROM shipments WHERE id = $1", [shipment]);
  await scan(`BOLT-${n}`, {}, loose);
  await scan(rows[0].tracking_number, { action: "load" }, loose);
  expect(await quarantined(loose)).toEqual(["no-location", "no-location"]);
  expect((await told(loose))[0]!.detail).toMatch(/mounted nowhere/);
  await rig.settled();
});

test("a scan that is refused is said once, and accepted by a retry when its target exists", async ({ warehouse }) => {
  const { n, db, rig, world, store, scanner, quarantined, told } = await warehouse();
  const late = { ts: T, code: `NUT-${n}`, action: "receive", quantity: 7 };
  for (let i = 0; i < 3; i += 1) await rig.publish(`devices/${scanner}/scan`, late);
  await rig.settled();
  await rig.publish(`devices/${scanner}/scan`, [late, late]);
  await rig.settled();
  expect(await quarantined()).toEqual(["unknown-code"]);
  expect(await told()).toHaveLength(1);
  expect(await world.quality(scanner)).toMatchObject({ received: 5, stored: 0, duplicate: 4, quarantined: 1 });
  const retry = async () => {
    await db.pool.query("UPDATE quarantine SET retry_requested_at = now() WHERE device_id = $1", [scanner]);
    await expect
      .poll(async () => (await db.pool.query("SELECT FROM quarantine WHERE retry_requested_at IS NOT NULL")).rowCount)
      .toBe(0);
  };
  await retry();
  expect(await quarantined()).toEqual(["unknown-code"]);
  expect(await told()).toHaveLength(1);
  const nut = await world.item(`NUT-${n}`);
  await retry();
  expect(await quarantined()).toEqual([]);
  const { rows } = await db.pool.query("SELECT location_id, quantity FROM inventory_items WHERE item_id = $1", [nut]);
  expect(rows).toEqual([{ location_id: store, quantity: 7 }]);
  expect(await world.quality(scanner)).toMatchObject({ stored: 1, quarantined: 0 });
});

test("a known product received at a new place is kept there from now on", async ({ warehouse }) => {
  const { n, other, scan, stockAt, level, quarantined } = await warehouse();
  // The pick comes first, and waits for the receipt before it.
  await scan(`BOLT-${n}`, { location_id: other, action: "pick", quantity: 2, ts: T + 500_000 });
  expect(await quarantined()).toEqual(["not-kept-there"]);
  await scan(`BOLT-${n}`, { location_id: other, quantity: 5 });
  const stock = await stockAt(other);
  expect(stock).toBeDefined();
  await expect.poll(() => level(stock)).toBe(3);
  expect(await quarantined()).toEqual([]);
});

test("more picked than is there is said to the scanner and opens a count, until the receipt comes", async ({
  warehouse,
}) => {
  const { n, db, stock, scan, level, told } = await warehouse();
  await scan(`BOLT-${n}`, { quantity: 3 });
  await scan(`BOLT-${n}`, { action: "pick", quantity: 5 });
  expect(await told()).toEqual([{ reason: "more-than-there", detail: expect.stringContaining("2 too many") }]);
  const counts = async () =>
    (await db.pool.query("SELECT state, reason FROM cycle_counts WHERE inventory_item_id = $1", [stock])).rows;
  await expect.poll(counts).toEqual([{ state: "open", reason: "overdrawn" }]);
  const detail = "2 more were taken than were known to be here: count what is here";
  const shown = {
    quantity: 0,
    available: 0,
    stale: false,
    suspect: { source: "ledger", problem: "overdrawn", detail },
  };
  expect(await getInventoryItem(db.pool, stock)).toMatchObject(shown);
  const reviews = await listCycleCounts(db.pool, { after: 0, state: "open", locationId: undefined, limit: 200 });
  expect(reviews.filter((review) => review.inventory_item_id === stock)).toMatchObject([{ quantity: 0, detail }]);
  // The receipt was scanned before, and arrives late.
  await scan(`BOLT-${n}`, { quantity: 10, ts: T });
  expect(await level()).toBe(8);
  expect(await getInventoryItem(db.pool, stock)).toMatchObject({ quantity: 8, suspect: null });
  await expect.poll(counts).toEqual([{ state: "agreed", reason: "overdrawn" }]);
});

test("a pick is not said to be too much where the scale has seen it before the scanner", async ({ warehouse }) => {
  const { n, db, rig, world, store, stock, scan, level, told } = await warehouse();
  await db.pool.query("UPDATE items SET unit_weight_grams = 100 WHERE sku = $1", [`BOLT-${n}`]);
  await db.pool.query("UPDATE inventory_items SET source = 'scale' WHERE id = $1", [stock]);
  const { rows } = await db.pool.query("SELECT item_id FROM inventory_items WHERE id = $1", [stock]);
  const scale = await world.device(`scale-${n}`, "scale", { location_id: store, item_id: rows[0].item_id });
  const weigh = async (second: number, grams: number) => {
    await rig.publish(`devices/${scale}/scale`, { ts: T - 60_000 + second * 1000, grams, stable: true });
    await rig.settled();
  };
  await weigh(0, 2_000);
  expect(await level()).toBe(20);
  await weigh(59, 500);
  await scan(`BOLT-${n}`, { action: "pick", quantity: 15 });
  await scan(`BOLT-${n}`, { action: "pick", quantity: 2 });
  expect(await level()).toBe(5);
  expect(await told()).toEqual([]);
});

test("the label of one piece or case is no count of a place; one that says how many cases counts their pieces", async ({
  warehouse,
}) => {
  const { gtin, scan, told, quarantined, level } = await warehouse();
  await scan(`(01)${gtin}(21)S1`, { action: "count" });
  await scan(`(01)${gtin}(21)S2`, { action: "count", quantity: 1 });
  await scan(`(00)${withCheckDigit("39521101000000017")}(02)${gtin}(37)48`, { action: "count" });
  expect(await quarantined()).toEqual(["no-quantity", "no-quantity", "no-quantity"]);
  expect((await told())[0]!.detail).toMatch(/label of one piece or case .* enter how many are there/);
  await scan(`(02)${gtin}(37)6`, { action: "count" });
  expect(await level()).toBe(6);
  await scan(`(01)${gtin}(21)S1`, { action: "count", quantity: 9 });
  expect(await level()).toBe(9);
});

test("a scanned count answers what asks for a count, and the schedule goes by it; a count of one lot does not", async ({
  warehouse,
}) => {
  const { n, gtin, db, scan, stock, level } = await warehouse();
  await db.pool.query("UPDATE inventory_items SET created_at = now() - interval '400 days' WHERE id = $1", [stock]);
  const counts = async () =>
    (await db.pool.query("SELECT state, counted_quantity FROM cycle_counts WHERE inventory_item_id = $1", [stock]))
      .rows;
  await scheduleCounts(db.pool, Date.now());
  const open = [{ state: "open", counted_quantity: null }];
  expect(await counts()).toEqual(open);
  await scan(`BOLT-${n}`, { action: "count", quantity: 5 });
  await scan(`(01)${gtin}(10)LOT1`, { action: "count", quantity: 3, ts: Date.now() });
  expect(await counts()).toEqual(open);
  await scan(`BOLT-${n}`, { action: "count", quantity: 7, ts: Date.now() });
  expect(await level()).toBe(7);
  expect(await counts()).toEqual([{ state: "counted", counted_quantity: 7 }]);
  await scheduleCounts(db.pool, Date.now());
  expect(await counts()).toHaveLength(1);
});

test("a code without separators is said to be doubtful", async ({ warehouse }) => {
  const { gtin, scan, level, told } = await warehouse();
  await scan(`01${gtin}10LOT121S1`);
  expect(await level()).toBe(1);
  expect(await told()).toEqual([{ reason: "unclear-code", detail: expect.stringContaining("(10)LOT1 and (21)S1") }]);
});

test("a scanner on a vehicle scans stock where the vehicle is", async ({ warehouse }) => {
  const { n, rig, world, item, quarantined, level, told } = await warehouse();
  const fence = { lat: 48 + n, lon: 11, radius_m: 150 };
  const yard = await world.location("yard", "storage", fence);
  const stock = await world.stock(item, yard);
  const van = await world.vehicle("van");
  const tracker = await world.device(`tracker-${n}`, "gps", { vehicle_id: van });
  const scanner = await world.device(`driver-${n}`, "scan", { vehicle_id: van });
  const drive = async (from: number, to: number, offset: number) => {
    const fixes = [];
    for (let s = from; s < to; s += 10)
      fixes.push({ ts: T + s * 1000, lat: fence.lat + offset, lon: 11, accuracy: 5, speed: 0 });
    await rig.publish(`devices/${tracker}/gps`, fixes);
  };
  // The scan comes before the positions that tell where it was.
  await rig.publish(`devices/${scanner}/scan`, { ts: T + 700_000, code: `BOLT-${n}`, action: "receive", quantity: 4 });
  await rig.settled();
  expect(await quarantined(scanner)).toEqual(["no-location"]);
  expect((await told(scanner))[0]!.detail).toMatch(/vehicle was in no known place/);
  await drive(0, 300, 0.1);
  await drive(600, 900, 0);
  await rig.settled();
  await expect.poll(() => level(stock)).toBe(4);
  await rig.publish(`devices/${scanner}/scan`, { ts: T + 800_000, code: `BOLT-${n}`, action: "pick" });
  await rig.settled();
  expect(await level(stock)).toBe(3);
  expect(await quarantined(scanner)).toEqual([]);
});
