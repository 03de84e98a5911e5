import { expect } from "vitest";
import type { TestResponse } from "../../support.ts";
import { ingestApiTest as test } from "../../../support/ingest-test.ts";

const MINUTE = 60_000;
const BASE = { lat: 48, lon: 11 };

test("what a vehicle drove, by odometer and by track, who drove, where it stood, and how long it idled", async ({
  rig,
  world,
  manager,
}) => {
  const start = Math.floor(Date.now() / MINUTE) * MINUTE - 120 * MINUTE;
  const truck = await world.vehicle("Truck 1");
  await world.device("front", "gps", { vehicle_id: truck });
  await world.device("spare", "gps", { vehicle_id: truck });
  const driver = (await manager("POST /drivers", { name: "Ann", token: "CARD-7" })).body["id"];
  const fix = (device: string, minute: number, north: number) =>
    rig.publish(`devices/${device}/gps`, {
      ts: start + minute * MINUTE,
      lat: BASE.lat + north,
      lon: BASE.lon,
      accuracy: 5,
    });
  const tell = (minute: number, told: object) =>
    rig.publish("devices/front/vehicle", { ts: start + minute * MINUTE, ...told });

  // It stands, drives 0.1 degrees north in 10 minutes (11.1 km), stands for 20, and drives back; both trackers see it.
  const way: [minute: number, north: number][] = [];
  for (let minute = 0; minute <= 5; minute += 1) way.push([minute, 0]);
  for (let minute = 6; minute <= 15; minute += 1) way.push([minute, (minute - 5) * 0.01]);
  for (let minute = 16; minute <= 35; minute += 1) way.push([minute, 0.1]);
  for (let minute = 36; minute <= 45; minute += 1) way.push([minute, (45 - minute) * 0.01]);
  for (let minute = 46; minute <= 55; minute += 1) way.push([minute, 0]);
  for (const [minute, north] of way) {
    await fix("front", minute, north);
    if (minute > 3) await fix("spare", minute, north + 0.00001);
  }
  await tell(4, { odometer: 1_000_000, ignition: true, driver: "CARD-7", fuel: 0.5 });
  for (const minute of [10, 15, 20, 25]) await tell(minute, { ignition: true, fuel: 0.5 - minute / 1_000 });
  await tell(15, { odometer: 1_012_500, seq: 1 });
  await tell(26, { ignition: false });
  // Somebody else drives back, whose card nobody knows.
  await tell(36, { driver: "CARD-8" });
  await rig.settled();

  const drives = (await manager(`GET /vehicles/${truck}/drives`)).body as unknown as Record<string, unknown>[];
  expect(drives).toMatchObject([
    // Its fixes tell no speed: nobody knows how long it stood on the way, either.
    {
      distance_m: 12_500,
      distance_source: "odometer",
      driver_id: driver,
      driver_name: "Ann",
      top_speed_kmh: null,
      idling_minutes: null,
    },
    { distance_source: "track" },
  ]);
  expect(Number(drives[1]!["distance_m"])).toBeGreaterThan(10_500);
  expect(Number(drives[1]!["distance_m"])).toBeLessThan(11_500);
  const [row] = (await manager(`GET /analytics/vehicles?vehicle_id=${truck}`)).body as unknown as Record<
    string,
    number
  >[];
  expect(row).toMatchObject({ vehicle_name: "Truck 1", drives: 2, stops: 1, fuel_used_percent: 2.5 });
  expect(row!["distance_km"]).toBeGreaterThan(22);
  expect(row!["odometer_percent"]).toBeGreaterThan(50);
  // On from minute 4 to 26, of which it drove about ten.
  expect(row!["idling_hours"]).toBeGreaterThan(10 / 60);
  expect(row!["idling_hours"]).toBeLessThan(14 / 60);
  expect(row!["stopped_hours"]).toBeGreaterThan(18 / 60);
  expect(row!["stopped_hours"]).toBeLessThan(22 / 60);
  const byDriver = (await manager(`GET /analytics/vehicles?by=driver&vehicle_id=${truck}`)).body;
  expect(byDriver).toMatchObject([
    { driver_id: driver, driver_name: "Ann", drives: 1, idling_hours: row!["idling_hours"], fuel_used_percent: null },
    { driver_id: null, driver_name: "card …-8", drives: 1, idling_hours: 0 },
  ]);
  await world.vehicle("Truck 2, which nobody drives");
  const paged: unknown[] = [];
  for (let path: string | undefined = "/analytics/vehicles?by=driver&limit=1"; path !== undefined;) {
    const { body, headers }: TestResponse = await manager(`GET ${path}`);
    const rows = body as unknown as Record<string, unknown>[];
    expect(rows.length).toBeLessThanOrEqual(1);
    paged.push(...rows.map(({ driver_name: name }) => name));
    path = /<(.+)>; rel="next"/.exec(headers.get("link") ?? "")?.[1];
  }
  expect(paged).toEqual(["Ann", "card …-8"]);
  for (const path of ["/analytics/vehicles", `/vehicles/${truck}/drives`, `/vehicles/${truck}/stops`]) {
    expect((await manager(`GET ${path}?from=2020-01-01`)).body).toMatchObject({ status: 400 });
  }
});

test("a drive that is not over at the end of the period is no idling", async ({ rig, world, manager }) => {
  const start = Math.floor(Date.now() / MINUTE) * MINUTE - 120 * MINUTE;
  const truck = await world.vehicle("Under way");
  await world.device("far", "gps", { vehicle_id: truck });
  for (let minute = 0; minute <= 30; minute += 1) {
    const lat = BASE.lat + Math.max(0, minute - 5) * 0.01;
    await rig.publish("devices/far/gps", { ts: start + minute * MINUTE, lat, lon: BASE.lon, accuracy: 5 });
  }
  for (const minute of [3, 8, 13, 18, 23, 28]) {
    await rig.publish("devices/far/vehicle", { ts: start + minute * MINUTE, ignition: true, driver: "CARD-9" });
  }
  await rig.settled();
  const to = new Date(start + 31 * MINUTE).toISOString();
  for (const by of ["vehicle", "driver"]) {
    const path = `GET /analytics/vehicles?by=${by}&vehicle_id=${truck}&to=${to}`;
    const [row] = (await manager(path)).body as unknown as Record<string, number>[];
    expect(row).toMatchObject({ drives: 0 });
    // From minute 3 until it set out.
    expect(row!["idling_hours"]).toBeGreaterThan(1 / 60);
    expect(row!["idling_hours"]).toBeLessThan(6 / 60);
  }
});

test("what a device tells belongs to the vehicle that it is mounted on then", async ({ rig, world, manager }) => {
  const [before, after] = [await world.vehicle("Before"), await world.vehicle("After")];
  await world.device("moved", "gps", { vehicle_id: before });
  const moved = Date.now() - 60 * MINUTE;
  await world.mount("moved", { vehicle_id: after }, new Date(moved));
  for (const [minutes, fuel] of [
    [-10, 0.9],
    [-5, 0.8],
    [5, 0.8],
    [10, 0.5],
  ] as const) {
    await rig.publish("devices/moved/vehicle", { ts: moved + minutes * MINUTE, ignition: true, fuel });
  }
  await rig.settled();
  const useOf = async (id: number) =>
    ((await manager(`GET /analytics/vehicles?vehicle_id=${id}`)).body as unknown as object[])[0];
  expect(await useOf(before)).toMatchObject({ fuel_used_percent: 10 });
  expect(await useOf(after)).toMatchObject({ fuel_used_percent: 30 });
});

test("a vehicle that told nothing has no drives, and one that is not there is not found", async ({
  world,
  manager,
}) => {
  const idle = await world.vehicle("Idle");
  expect((await manager(`GET /vehicles/${idle}/drives`)).body).toEqual([]);
  expect((await manager(`GET /analytics/vehicles?vehicle_id=${idle}`)).body).toMatchObject([
    { drives: 0, distance_km: 0, odometer_percent: null, idling_hours: null, mean_speed_kmh: null },
  ]);
  expect((await manager("GET /vehicles/987654/drives")).status).toBe(404);
});
