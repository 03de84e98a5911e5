import { afterAll, beforeAll, expect, test } from "vitest";
import { estimateArrivals } from "../../../ingest/workers/estimates/arrival-estimates.ts";
import { startApi, type TestApi } from "../support.ts";

type Body = Record<string, unknown>;
const MINUTE = 60_000;

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
});
afterAll(() => api?.close());

let names = 0;
async function made(path: string, body: object): Promise<number> {
  const answer = await manager(`POST ${path}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body["id"] as number;
}

/** A product that is short at a shop, of a supplier who needs two days, and a truck with 20 of it on the way there. */
async function awaited() {
  const n = (names += 1);
  const supplier = await made("/parties", { name: `Supplier ${n}`, roles: ["supplier"], lead_time_days: 2 });
  const item = await made("/items", { sku: `tea-${n}`, name: `Tea ${n}`, supplier_id: supplier });
  const geofence = { lat: 48, lon: 11.5, radius_m: 500 };
  const shop = await made("/locations", { name: `Shop ${n}`, stage: "delivery", geofence });
  const depot = await made("/locations", { name: `Depot ${n}`, stage: "storage" });
  const stock = await made("/inventory-items", { item_id: item, location_id: shop, quantity: 5, reorder_point: 40 });
  const truck = await made("/vehicles", { name: `Truck ${n}` });
  const shipment = await made("/shipments", {
    ...{ item_id: item, quantity: 20, location: depot, destination_id: shop },
    at: new Date(Date.now() - 180 * MINUTE).toISOString(),
  });
  const suggestion = async () =>
    ((await manager(`GET /reorder-suggestions?inventory_item_id=${stock}`)).body as unknown as Body[])[0]!;
  /** The truck is so far south of the shop then. */
  const drive = async (km: number, minutesAgo: number) => {
    await api.db.pool.query(
      `INSERT INTO vehicle_positions (vehicle_id, device_id, ts, received_at, lat, lon) VALUES ($1, 'tracker', $2, $2, $3, 11.5)
      ON CONFLICT (vehicle_id) DO UPDATE SET ts = excluded.ts, lat = excluded.lat`,
      [truck, new Date(Date.now() - minutesAgo * MINUTE), 48 - km / 111.195],
    );
    await estimateArrivals(api.db.pool);
  };
  const load = () =>
    manager(`POST /shipments/${shipment}/load`, {
      vehicle_id: truck,
      at: new Date(Date.now() - 120 * MINUTE).toISOString(),
    });
  return { shipment, truck, stock, suggestion, drive, load };
}

test("a shipment on its way counts as projected stock with its estimated arrival, and says what that follows from", async () => {
  const { shipment, truck, suggestion, drive, load } = await awaited();
  await estimateArrivals(api.db.pool);
  expect(await suggestion()).toMatchObject({
    ...{ in_transit: 20, in_transit_late: 0, projected: 25 },
    arrivals: [{ shipment_id: shipment, quantity: 20, eta: null, problem: "not_aboard", in_time: true }],
  });
  await load();
  for (const [km, ago] of [
    [160, 50],
    [140, 30],
    [120, 10],
    [110, 0],
  ] as const)
    await drive(km, ago);
  const { arrivals } = (await suggestion()) as { arrivals: Body[] };
  expect(arrivals).toMatchObject([
    { ...{ vehicle_id: truck, problem: null, observed_minutes: 50, in_time: true }, eta: expect.any(String) },
  ]);
  const [{ distance_m: metres, speed_mps: speed, eta }] = arrivals as [Record<string, never>];
  expect(Math.round(Number(metres) / 1_000)).toBe(110);
  expect(Number(speed) * 3.6).toBeCloseTo(60, 0);
  expect((Date.parse(String(eta)) - Date.now()) / MINUTE).toBeCloseTo((109.5 * 1.3 * 60) / 60, -1);
});

test("what comes later than goods that are ordered now does not count until it makes up for it; the alert engine is told", async () => {
  const { stock, suggestion, drive, load } = await awaited();
  await load();
  const notices: Body[] = [];
  const client = await api.db.pool.connect();
  client.on("notification", ({ payload }) => notices.push(JSON.parse(payload ?? "{}") as Body));
  await client.query("LISTEN changes");
  await drive(2_030, 30);
  await drive(2_020, 15);
  await drive(2_010, 0);
  // 2,613 km of road at 40 km/h are 65 hours: a new order takes 48.
  expect(await suggestion()).toMatchObject({
    ...{ in_transit: 0, in_transit_late: 20, projected: 5, suggested_quantity: 75 },
    arrivals: [{ in_time: false }],
  });
  await expect.poll(() => JSON.stringify(notices)).toContain(`"stock":[${stock}]`);
  await client.query("UNLISTEN changes");
  client.release();
  await api.db.pool.query("UPDATE vehicle_positions SET lat = 47, ts = now() + interval '1 second'");
  await estimateArrivals(api.db.pool);
  expect(await suggestion()).toMatchObject({ in_transit: 20, in_transit_late: 0, projected: 25 });
});

test("estimates and trails go with what they are of", async () => {
  const { shipment, drive, load } = await awaited();
  await load();
  await drive(50, 0);
  const rows = async (table: string) => (await api.db.pool.query(`SELECT FROM ${table}`)).rowCount;
  const counted = async () =>
    (await api.db.pool.query("SELECT FROM arrival_estimates WHERE shipment_id = $1", [shipment])).rowCount;
  expect(await counted()).toBe(1);
  expect((await manager(`PUT /shipments/${shipment}`, { status: "cancelled" })).status).toBe(200);
  await estimateArrivals(api.db.pool);
  expect(await counted()).toBe(0);
  await api.db.pool.query("UPDATE vehicle_positions SET ts = now() - interval '2 days'");
  await estimateArrivals(api.db.pool);
  expect(await rows("vehicle_trails")).toBe(0);
});
