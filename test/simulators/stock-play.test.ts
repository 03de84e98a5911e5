import { afterAll, beforeAll, expect, test } from "vitest";
import { receiveOrders } from "../../ingest/workers/order-receipts.ts";
import { reorder } from "../../ingest/workers/reorder-worker.ts";
import { installDevices } from "../../simulators/devices/install-devices.ts";
import { DEFAULT_FAULTS } from "../../simulators/devices/faults.ts";
import type { ApiClient } from "../../simulators/platform/api-client.ts";
import { createStockPlay, PLAY_TIMES } from "../../simulators/run/stock-play.ts";
import { PLAY_PRODUCTS } from "../../simulators/world/products.ts";
import { createRandom } from "../../simulators/world/random.ts";
import { pickOrRestock, type Shelf } from "../../simulators/world/shelf.ts";
import { siteNamed } from "../../simulators/world/sites.ts";
import { createWorld, type World } from "../../simulators/world/world.ts";
import { startApi, type TestApi } from "../api/support.ts";
import { quiet } from "../support/ingest.ts";

const START = Date.UTC(2026, 4, 4, 6);
const DAY_MS = 86_400_000;

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api?.close());

test("who takes from a shelf and who fills it scans it; a thief does not", () => {
  const world = createWorld({ seed: 3, startMs: START, trucks: 0, shelves: 10, probes: 0 });
  const changes = world.advance(START + DAY_MS / 8).filter((event) => event.type === "shelf-changed");
  expect(changes.length).toBeGreaterThan(500);
  expect(changes.every(({ isScanned }) => isScanned)).toBe(true);
  const options = { seed: 3, faults: DEFAULT_FAULTS, gates: 0, messagesPerSecond: undefined };
  expect(installDevices(world, options).shelfScanners.size).toBe(0);
  const sites = new Set(world.shelves.map(({ site }) => site.name));
  expect([...installDevices(world, { ...options, shelfScans: true }).shelfScanners.keys()]).toEqual([...sites]);
  const shelf = world.shelves[0]!;
  shelf.play = { sellsOut: false, delivered: 0, stolen: 3 };
  const before = shelf.quantity;
  expect(pickOrRestock(shelf, world.now, createRandom(1, "thief"))).toEqual({ pieces: -3, isScanned: false });
  expect(shelf.quantity).toBe(before - 3);
  expect(pickOrRestock(shelf, world.now, createRandom(1, "thief"))).toBeUndefined();
});

test("the play of a demo: a shelf sells out, its draft is approved and sent, a truck brings it, the order is received, and pieces are stolen elsewhere", async () => {
  const manager = await api.as("manager");
  const body = async <T>(line: `${string} /${string}`, given?: object): Promise<T> => {
    const answer = await manager(line, given);
    if (answer.status >= 300) throw new Error(`${line}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  };
  const client: ApiClient = {
    get: (path) => body(`GET ${path as "/"}`),
    list: (path) => body(`GET ${path as "/"}`),
    post: (path, given) => body(`POST ${path as "/"}`, given),
    put: (path, given) => body(`PUT ${path as "/"}`, given),
  };
  const made = async (path: "/", row: object) => (await client.post<{ id: number }>(path, row)).id;
  const [shop, depot] = [siteNamed("Shop Munich Freimann"), siteNamed("Warehouse Munich")];
  const locations = new Map<string, number>();
  for (const site of [shop, depot]) {
    const geofence = { lat: site.lat, lon: site.lon, radius_m: site.radiusM };
    const location = { name: site.name, stage: site.stage, geofence };
    locations.set(site.name, await made("/locations" as "/", location));
  }
  const { shelves } = createWorld({ seed: 3, startMs: START, trucks: 0, shelves: 2, probes: 0 });
  const [shelf, other] = shelves.map((each): Shelf => ({
    ...each,
    site: shop,
    runsOut: false,
    quantity: each.capacity,
  }));
  shelf!.product = PLAY_PRODUCTS[0]!;
  const items = new Map<string, number>();
  for (const { sku, name } of [shelf!.product]) items.set(sku, await made("/items" as "/", { sku, name }));
  other!.site = siteNamed("Shop Brno");
  const stock = await made("/inventory-items" as "/", {
    ...{ item_id: items.get(shelf!.product.sku), location_id: locations.get(shop.name), reorder_point: 10 },
    quantity: shelf!.quantity,
  });
  const truck = { name: "T1", ends: [depot, shop], direction: 0 } as unknown as World["trucks"][number];
  const vehicles = new Map([["T1", await made("/vehicles" as "/", { name: "T1" })]]);
  const world = { now: Date.now(), trucks: [truck], shelves: [shelf!, other!] } as unknown as World;
  const over = new AbortController();
  const times = { ...PLAY_TIMES, leftToPeople: 5, betweenSteps: 5, unpackedAfter: 5, theftAfter: 5 };
  const provisioned = { locations, items, vehicles, secrets: new Map(), lastSeenMs: 0 };
  const play = createStockPlay(world, client, provisioned, { log: quiet, signal: over.signal, times });
  const running = play.run();
  const random = createRandom(1, "hands");
  const step = (): void => {
    for (const [at, each] of [shelf!, other!].entries())
      if (at === 0 || each.play) pickOrRestock(each, Infinity, random);
  };
  await expect
    .poll(() => {
      step();
      return shelf!.quantity;
    })
    .toBe(0);
  await expect
    .poll(() => {
      step();
      return other!.quantity;
    })
    .toBe(other!.capacity - 4);
  await client.put(`/inventory-items/${stock}`, { quantity: 0 });
  await reorder(api.db.pool, 0);
  await reorder(api.db.pool, 0);
  const order = async () => (await client.list<{ status: string; made_for: number }>("/orders?kind=restock"))[0]!;
  await expect.poll(async () => (await order()).status, { timeout: 20_000 }).toBe("sent");
  // A truck may leave before the goods are at the dock: the next one takes them.
  const shipment = async () => (await client.list<{ vehicle_id: number | null; status: string }>("/shipments"))[0];
  await expect
    .poll(async () => {
      play.record({ at: Date.now(), type: "truck-left", truck: "T1", site: depot });
      return (await shipment())?.vehicle_id ?? null;
    })
    .toBe(vehicles.get("T1"));
  // The goods are delivered when the vehicle is seen there; its tracker is no part of this test.
  const id = (await client.list<{ id: number }>("/shipments"))[0]!.id;
  await client.post(`/shipments/${id}/unload`, { location_id: locations.get(shop.name) });
  await expect
    .poll(async () => {
      play.record({ at: Date.now(), type: "truck-reached", truck: "T1", site: shop });
      return (await shipment())?.status;
    })
    .toBe("delivered");
  await receiveOrders(api.db.pool);
  expect(await order()).toMatchObject({ status: "received", made_for: stock });
  await expect
    .poll(() => {
      step();
      return shelf!.quantity;
    })
    .toBeGreaterThan(0);
  over.abort();
  await running;
});
