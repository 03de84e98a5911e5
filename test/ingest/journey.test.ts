import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createNoise } from "./signals/noise.ts";
import { gatePass } from "../support/gate-pass.ts";
import { type IngestRig, startIngestRig } from "../support/ingest.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { worldIn } from "../support/world.ts";

let db: TestDatabase;
let rig: IngestRig;
let world: ReturnType<typeof worldIn>;

beforeAll(async () => {
  db = await createDatabase();
  world = worldIn(db.pool);
});
afterAll(() => db.drop());
beforeEach(async () => {
  rig = await startIngestRig(db.pool);
});
afterEach(() => rig.close());

const T = Date.parse("2026-03-01T08:00:00Z");
const METRES_PER_DEGREE = 111_195;
const EPC = "3174257BF4499602D2000000";
const TAG = "urn:epc:id:sscc:0614141.1234567890";

async function factsOf(subject: string): Promise<{ type: string; at: Date; data: Record<string, unknown> }[]> {
  const { rows } = await db.pool.query<{ type: string; at: Date; data: Record<string, unknown> }>(
    "SELECT type, at, data FROM facts WHERE subject = $1 AND withdrawn_at IS NULL ORDER BY at, id",
    [subject],
  );
  return rows;
}

test("a pallet leaves the hub, is driven to a shop and carried in: delivered by truck and tag together", async () => {
  const hub = await world.location("hub", "storage", { lat: 48, lon: 11, radius_m: 200 });
  const shop = await world.location("shop", "delivery", { lat: 48.05, lon: 11, radius_m: 200 });
  const truck = await world.vehicle("truck");
  const tracker = await world.device("tracker", "gps", { vehicle_id: truck });
  const portal = { antennas: { 1: "inside", 2: "outside" } };
  const hubGate = await world.device("hub-gate", "rfid", { location_id: hub, ...portal });
  const shopGate = await world.device("shop-gate", "rfid", { location_id: shop, ...portal });
  const shipment = await world.shipment(hub, shop, T - 3_600_000);
  await db.pool.query("INSERT INTO shipment_tags (epc, shipment_id) VALUES ($1, $2)", [TAG, shipment]);
  const status = async () => (await world.shipmentRow(shipment)).status;
  const read = (seconds: number, antenna: number, rssi: number) => ({
    ts: T + seconds * 1000,
    epc: EPC,
    antenna,
    rssi,
  });

  await rig.publish(`devices/${hubGate}/rfid`, gatePass(T - 120_000, EPC, [1, 2]));
  await world.fact(shipment, "loaded", { vehicleId: truck, locationId: null }, T - 60_000);
  // The hub's inner antenna reads into the truck; the shop's gate reads a reflection.
  await rig.publish(`devices/${hubGate}/rfid`, read(-30, 1, -60));
  await rig.publish(`devices/${shopGate}/rfid`, read(-29, 1, -72));
  await rig.settled();
  expect(await world.shipmentRow(shipment)).toMatchObject({
    status: "in_storage",
    location_id: hub,
    vehicle_id: truck,
  });

  const { gaussian } = createNoise(7);
  const fixes = Array.from({ length: 900 }, (_, i) => {
    const north = Math.min(0.05 * METRES_PER_DEGREE, Math.max(0, i - 60) * 10);
    const noise = () => (8 * gaussian()) / METRES_PER_DEGREE;
    return { ts: T + i * 1000, lat: 48 + north / METRES_PER_DEGREE + noise(), lon: 11 + noise(), accuracy: 8 };
  });
  for (let i = 0; i < 300; i += 50) await rig.publish(`devices/${tracker}/gps`, fixes.slice(i, i + 50));
  await rig.settled();
  expect(await status()).toBe("out_for_delivery");
  await rig.restart();
  for (let i = 300; i < 900; i += 100) await rig.publish(`devices/${tracker}/gps`, fixes.slice(i, i + 100));
  await rig.settled();
  expect(await status()).toBe("arrived");
  // One read is no delivery, however strong.
  await rig.publish(`devices/${shopGate}/rfid`, read(650, 1, -50));
  await rig.settled();
  expect(await status()).toBe("arrived");
  await rig.publish(`devices/${shopGate}/rfid`, gatePass(T + 700_000, EPC, [2, 1]));
  await rig.settled();
  expect(await world.shipmentRow(shipment)).toEqual({
    status: "delivered",
    stage: "delivery",
    location_id: shop,
    vehicle_id: null,
  });

  const driven = await factsOf(`vehicle:${truck}`);
  expect(driven.map(({ type }) => type)).toEqual(["arrived", "trip_started", "departed", "arrived", "trip"]);
  expect(driven.at(-1)?.data["distanceM"]).toBeGreaterThan(5_400);
  expect(driven.at(-1)?.data["distanceM"]).toBeLessThan(5_700);
  const sightings = (await factsOf(`tag:${TAG}`)).map(({ type, data }) =>
    [type, data["locationId"], data["direction"]].join(" "),
  );
  expect(sightings).toContain(`seen ${hub} out`);
  expect(sightings).toContain(`heard ${shop} `);
});

test("a shelf on a noisy, drifting scale that never reports `stable` keeps an exact count", async () => {
  const shop = await world.location("corner shop", "delivery");
  const item = await world.item("TIN", 400);
  const stock = await world.stock(item, shop, "scale");
  const id = await world.device("shelf", "scale", { location_id: shop, item_id: item, tare_grams: 900 });
  const { gaussian } = createNoise(11);
  const truth = [30, 30, 28, 28, 27, 27, 40, 40, 39];
  const readings = truth.flatMap((pieces, hour) =>
    Array.from({ length: 60 }, (_, i) => {
      const at = hour * 3_600_000 + i * 10_000;
      const hand = i < 2 ? 1_500 : 0;
      const grams = 900 + 400 * (pieces + at / 86_400_000);
      return { ts: T + at, grams: grams * (1 + 0.0004 * gaussian()) + hand };
    }),
  );
  for (let i = 0; i < readings.length; i += 90) await rig.publish(`devices/${id}/scale`, readings.slice(i, i + 90));
  await rig.settled();
  const counts = (await factsOf(`stock:${stock}`)).map(({ data }) => [data["quantity"], data["change"]]);
  expect(counts).toEqual([
    [30, undefined],
    [28, -2],
    [27, -1],
    [40, 13],
    [39, -1],
  ]);
});
