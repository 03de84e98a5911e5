import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { gatePass } from "../support/gate-pass.ts";
import { type IngestRig, startIngestRig } from "../support/ingest.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { worldIn } from "../support/world.ts";

let db: TestDatabase;
let rig: IngestRig;
let world: ReturnType<typeof worldIn>;
let n = 0;

beforeAll(async () => {
  db = await createDatabase();
  world = worldIn(db.pool);
});
afterAll(() => db.drop());
beforeEach(async () => {
  n += 1;
  rig = await startIngestRig(db.pool);
});
afterEach(() => rig.close());

const T = Date.parse("2026-03-01T08:00:00Z");

test("stores readings once, however often they arrive", async () => {
  const id = await world.device(`probe-${n}`, "env");
  const readings = [1, 2, 3].map((i) => ({ ts: T + i * 1000, seq: i, celsius: 4 + i }));
  await rig.publish(`devices/${id}/env`, readings);
  await rig.publish(`devices/${id}/env`, readings);
  await rig.publish(`devices/${id}/env`, readings[1]);
  await rig.settled();
  expect(await world.quality(id)).toEqual({ received: 7, stored: 3, duplicate: 4, late: 0, quarantined: 0, gap: 0 });
  await rig.restart();
  await rig.publish(`devices/${id}/env`, readings);
  await rig.settled();
  expect(await world.quality(id)).toMatchObject({ received: 10, stored: 3, duplicate: 7 });
  const { rows } = await db.pool.query("SELECT celsius FROM env_readings WHERE device_id = $1 ORDER BY ts", [id]);
  expect(rows).toEqual([{ celsius: 5 }, { celsius: 6 }, { celsius: 7 }]);
});

test("keeps the first reading of an identity and quarantines other content under it as a conflict", async () => {
  const id = await world.device(`probe-${n}`, "env");
  await rig.publish(`devices/${id}/env`, { ts: T, celsius: 4 });
  await rig.publish(`devices/${id}/env`, { ts: T, celsius: 5 });
  await rig.settled();
  const { rows } = await db.pool.query("SELECT reason, payload FROM quarantine WHERE device_id = $1", [id]);
  expect(rows.map((row) => [row.reason, JSON.parse(row.payload.toString())])).toEqual([
    ["conflict", { ts: T, celsius: 5 }],
  ]);
  expect(await world.quality(id)).toMatchObject({ received: 2, stored: 1, quarantined: 1 });
});

test("quarantines what cannot be decoded, reports it to the device, and stores the other readings", async () => {
  const id = await world.device(`probe-${n}`, "env");
  await rig.publish(`devices/${id}/env`, [
    { ts: T, celsius: 4 },
    { ts: T + 1, celsius: "warm" },
    { ts: T + 2, celsius: 6 },
  ]);
  await rig.publish(`devices/${id}/env`, Buffer.from("{not json"));
  await rig.publish(`devices/${id}/env`, { ts: Date.now() + 3_600_000, celsius: 1 });
  await rig.publish(`devices/ghost-${n}/env`, { ts: T, celsius: 1 });
  await rig.settled();
  const { rows } = await db.pool.query("SELECT reason FROM quarantine WHERE device_id = ANY($1) ORDER BY id", [
    [id, `ghost-${n}`],
  ]);
  expect(rows.map(({ reason }) => reason as string).sort((a, b) => a.localeCompare(b))).toEqual([
    "future",
    "not-a-reading",
    "not-json",
    "unknown-device",
  ]);
  expect(await world.quality(id)).toMatchObject({ received: 5, stored: 2, quarantined: 3 });
  const messages = await db.pool.query("SELECT payload FROM device_messages WHERE device_id = $1", [id]);
  expect(messages.rows.flatMap(({ payload }) => payload.errors).length).toBe(3);
});

test("a retry stores what has become decodable and counts it once", async () => {
  const ghost = `later-${n}`;
  await rig.publish(`devices/${ghost}/env`, { ts: T, celsius: 7 });
  await rig.settled();
  await world.device(ghost, "env");
  await db.pool.query("UPDATE quarantine SET retry_requested_at = now() WHERE device_id = $1", [ghost]);
  await expect.poll(() => world.quality(ghost)).toMatchObject({ received: 1, stored: 1, quarantined: 0 });
  const { rows } = await db.pool.query("SELECT FROM quarantine WHERE device_id = $1", [ghost]);
  expect(rows.length).toBe(0);
});

test("a reading is late compared with the device's own newest reading", async () => {
  const id = await world.device(`probe-${n}`, "env");
  await rig.publish(`devices/${id}/env`, { ts: T, celsius: 1 });
  await rig.publish(`devices/${id}/env`, { ts: T - 30_000, celsius: 2 });
  await rig.publish(`devices/${id}/env`, { ts: T - 30_001, celsius: 3 });
  await rig.settled();
  expect(await world.quality(id)).toMatchObject({ stored: 3, late: 1 });
  const { rows } = await db.pool.query("SELECT latest FROM device_states WHERE device_id = $1", [id]);
  expect(rows[0].latest.env).toMatchObject({ ts: T, celsius: 1 });
});

test("a presence report is no reading, and its time makes no reading late", async () => {
  const id = await world.device(`probe-${n}`, "env");
  const now = Date.now();
  await rig.publish(`devices/${id}/status`, { state: "online", session: 1 }, now);
  await rig.publish(`devices/${id}/env`, [
    { ts: T, celsius: 1 },
    { ts: T + 1000, celsius: 2 },
  ]);
  await rig.publish(`devices/${id}/status`, { state: "offline", session: 1 }, now);
  await rig.settled();
  expect(await world.quality(id)).toEqual({ received: 2, stored: 2, duplicate: 0, late: 0, quarantined: 0, gap: 0 });
  const { rows } = await db.pool.query(
    "SELECT latest->'status'->>'state' AS state FROM device_states WHERE device_id = $1",
    [id],
  );
  expect(rows).toEqual([{ state: "offline" }]);
});

describe("from readings to state", () => {
  // Each test has a road of its own, so that no geofence of another test lies on it.
  const origin = () => ({ lat: 48.1, lon: 11 + n / 10, radius_m: 300 });
  const destination = () => ({ lat: 48.2, lon: 11 + n / 10, radius_m: 300 });
  /** northwards from the origin into the destination, one fix every 10 s at 20 m/s */
  const drive = () =>
    Array.from({ length: 57 }, (_, i) => ({
      ts: T + i * 10_000,
      lat: 48.1 + (i * 200) / 111_195,
      lon: 11 + n / 10,
      accuracy: 5,
    }));

  test.each(["in order", "with neighbours swapped", "twice"])(
    "a vehicle's drive moves the shipments aboard (%s)",
    async (order) => {
      const from = await world.location("plant", "storage", origin());
      const to = await world.location("shop", "delivery", destination());
      const vehicleId = await world.vehicle("truck");
      const id = await world.device(`truck-${n}`, "gps", { vehicle_id: vehicleId });
      const shipment = await world.shipment(from, to, T - 7200_000);
      await world.fact(shipment, "loaded", { vehicleId, locationId: from }, T - 3600_000);
      expect(await world.shipmentRow(shipment)).toMatchObject({
        status: "in_storage",
        stage: "storage",
        vehicle_id: vehicleId,
      });
      const inOrder = drive();
      const swapped = inOrder.map((_, i) => inOrder[i % 2 ? i - 1 : Math.min(i + 1, 56)]!);
      const fixes = order === "with neighbours swapped" ? [...swapped, inOrder[56]!] : inOrder;
      for (const fix of fixes.slice(0, 30)) await rig.publish(`devices/${id}/gps`, fix);
      await rig.settled();
      expect(await world.shipmentRow(shipment)).toEqual({
        status: "out_for_delivery",
        stage: "transportation",
        location_id: null,
        vehicle_id: vehicleId,
      });
      await rig.publish(`devices/${id}/gps`, fixes.slice(30));
      if (order === "twice") await rig.publish(`devices/${id}/gps`, fixes);
      await rig.settled();
      expect(await world.shipmentRow(shipment)).toEqual({
        status: "arrived",
        stage: "delivery",
        location_id: to,
        vehicle_id: vehicleId,
      });
      const { rows } = await db.pool.query(
        "SELECT type, data->>'locationId' AS at FROM facts WHERE subject = $1 AND withdrawn_at IS NULL ORDER BY at",
        [`vehicle:${vehicleId}`],
      );
      expect(rows.map(({ type }) => type as string).sort((a, b) => a.localeCompare(b))).toEqual([
        "arrived",
        "arrived",
        "departed",
        "trip_started",
      ]);
      const goods = await db.pool.query("SELECT location_id, quantity FROM inventory WHERE shipment_id = $1", [
        shipment,
      ]);
      expect(goods.rows).toEqual([{ location_id: to, quantity: 10 }]);
    },
  );

  test("a loading that becomes known after the drive gives the same history", async () => {
    const from = await world.location("plant", "storage", origin());
    const to = await world.location("shop", "delivery", destination());
    const vehicleId = await world.vehicle("truck");
    const id = await world.device(`truck-${n}`, "gps", { vehicle_id: vehicleId });
    await rig.publish(`devices/${id}/gps`, drive());
    await rig.settled();
    const shipment = await world.shipment(from, to, T - 7200_000);
    await world.fact(shipment, "loaded", { vehicleId, locationId: from }, T - 3600_000);
    expect(await world.shipmentRow(shipment)).toMatchObject({ status: "arrived", location_id: to });
  });

  test("a tag that goes in through a gate moves its shipment once the pass is over", async () => {
    const yard = await world.location("yard", "production");
    const store = await world.location("warehouse", "storage");
    const id = await world.device(`gate-${n}`, "rfid", { location_id: store, antennas: { 1: "outside", 2: "inside" } });
    const shipment = await world.shipment(yard, null, T - 3600_000, "production");
    const tag = "urn:epc:id:sscc:0614141.1234567890";
    await db.pool.query("INSERT INTO shipment_tags (epc, shipment_id) VALUES ($1, $2)", [tag, shipment]);
    const reads = gatePass(T, "3174257BF4499602D2000000", [1, 2]);
    await rig.publish(`devices/${id}/rfid`, reads.slice(0, 4));
    await rig.settled();
    expect(await world.shipmentRow(shipment)).toMatchObject({ status: "in_production", location_id: yard });
    await rig.publish(`devices/${id}/rfid`, reads.slice(4));
    await rig.settled();
    expect(await world.shipmentRow(shipment)).toMatchObject({
      status: "in_storage",
      stage: "storage",
      location_id: store,
    });
  });

  test("a settled weight becomes a count; spikes do not", async () => {
    const shop = await world.location("shop", "delivery");
    const item = await world.item(`SKU-${n}`, 250);
    const stock = await world.stock(item, shop, "scale");
    const id = await world.device(`scale-${n}`, "scale", { location_id: shop, item_id: item, tare_grams: 1000 });
    const grams = [6000, 6001, 6000, 9500, 6000, 6000.5, 6000];
    for (const [i, g] of grams.entries()) await rig.publish(`devices/${id}/scale`, { ts: T + i * 1000, grams: g });
    await rig.settled();
    const level = async () =>
      (await db.pool.query("SELECT quantity FROM inventory_items WHERE id = $1", [stock])).rows[0].quantity;
    expect(await level()).toBe(20);
    await rig.publish(`devices/${id}/scale`, { ts: T + 20_000, weight: 5.75, unit: "kg", stable: true });
    await rig.settled();
    expect(await level()).toBe(19);
  });

  test("a hand scan receives a shipment and counts a product", async () => {
    const store = await world.location("warehouse", "storage");
    const item = await world.item(`SKU-${n}`);
    const stock = await world.stock(item, store);
    const plant = await world.location("plant", "production");
    const shipment = await world.shipment(plant, null, T - 3600_000, "production");
    const { rows } = await db.pool.query("SELECT tracking_number FROM shipments WHERE id = $1", [shipment]);
    const id = await world.device(`scanner-${n}`, "scan", { location_id: store });
    await rig.publish(`devices/${id}/scan`, { ts: T, code: rows[0].tracking_number, action: "receive" });
    await rig.publish(`devices/${id}/scan`, { ts: T, seq: 2, code: `SKU-${n}`, action: "count", quantity: 12 });
    await rig.publish(`devices/${id}/scan`, { ts: T + 1, code: `SKU-${n}`, action: "pick", quantity: 2 });
    await rig.settled();
    expect(await world.shipmentRow(shipment)).toMatchObject({ status: "in_storage", location_id: store });
    const { rows: levels } = await db.pool.query("SELECT quantity FROM inventory_items WHERE id = $1", [stock]);
    expect(levels).toEqual([{ quantity: 10 }]);
  });
});
