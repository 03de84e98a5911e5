import { expect } from "vitest";
import { ingestApiTest as test } from "../../support/ingest-test.ts";

const MINUTE = 60_000;

test("a driver signs on by a scan of the card with the vehicle's scanner: drives, telemetry and custody name the driver", async ({
  rig,
  world,
  api,
  manager,
  operator,
}) => {
  const truck = await world.vehicle("Truck 9");
  await world.device("t9-gps", "gps", { vehicle_id: truck });
  await world.device("t9-scan", "scan", { vehicle_id: truck });
  const ann = (await manager("POST /drivers", { name: "Ann", token: "CARD-9" })).body["id"];
  const start = Math.floor(Date.now() / MINUTE) * MINUTE - 90 * MINUTE;
  await rig.publish("devices/t9-scan/scan", { ts: start, code: " CARD-9 ", action: "load" });
  for (let minute = 1; minute <= 40; minute += 1) {
    const north = Math.min(Math.max(minute - 10, 0), 20) * 0.01;
    await rig.publish("devices/t9-gps/gps", { ts: start + minute * MINUTE, lat: 48 + north, lon: 11, accuracy: 5 });
  }
  await rig.settled();
  expect((await manager(`GET /vehicles/${truck}/drives`)).body).toMatchObject([{ driver_id: ann, driver_name: "Ann" }]);
  expect((await manager(`GET /vehicles/${truck}/telemetry`)).body).toEqual({
    ...{ ignition: null, odometer_m: null, fuel_percent: null, engine_hours: null, voltage: null },
    driver: {
      value: { driver_id: ann, name: "Ann", token: null },
      ts: new Date(start).toISOString(),
      device_id: "t9-scan",
    },
  });
  const goods = await operator("POST /shipments", {
    ...{ product_name: "Bolts", quantity: 1, location: "storage", at: new Date(start).toISOString() },
  });
  const path = `/shipments/${goods.body["id"] as number}`;
  const at = new Date(start + 5 * MINUTE).toISOString();
  expect((await operator(`POST ${path}/load`, { vehicle_id: truck, at })).status).toBeLessThan(300);
  const custody = (await manager(`GET ${path}/custody`)).body as unknown as Record<string, unknown>[];
  expect(custody.find(({ event }) => event === "loaded")).toMatchObject({
    driver: { driver_id: ann, name: "Ann", basis: "signed_on" },
  });
  const { rows } = await api.db.pool.query("SELECT FROM quarantine WHERE device_id = 't9-scan'");
  expect(rows).toEqual([]);
});

test("a driver's card that a scanner at a dock reads is said to sign on nobody", async ({
  rig,
  world,
  api,
  manager,
}) => {
  const dock = await world.location("Dock 4", "storage");
  await world.device("dock-scan", "scan", { location_id: dock });
  expect((await manager("POST /drivers", { name: "Bo", token: "CARD-4" })).status).toBe(201);
  await rig.publish("devices/dock-scan/scan", { ts: Date.now() - MINUTE, code: "CARD-4", action: "receive" });
  await rig.settled();
  const { rows } = await api.db.pool.query("SELECT reason, detail FROM quarantine WHERE device_id = 'dock-scan'");
  expect(rows).toEqual([
    { reason: "no-vehicle", detail: expect.stringMatching(/card of Bo: .* mounted on the vehicle/) as string },
  ]);
});

test("telemetry is the last of each value, with its age, of devices while they are mounted there", async ({
  rig,
  world,
  manager,
  operator,
}) => {
  const [truck, other] = [await world.vehicle("Truck 10"), await world.vehicle("Truck 11")];
  await world.device("t10", "gps", { vehicle_id: truck });
  const start = Date.now() - 60 * MINUTE;
  const tell = (minute: number, told: object) =>
    rig.publish("devices/t10/vehicle", { ts: start + minute * MINUTE, ...told });
  await tell(1, { odometer: 184_230_500, fuel: 0.62, ignition: true, engine_hours: 812.5, voltage: 24.1 });
  await tell(2, { fuel: 0.6 });
  await tell(3, { ignition: false, driver: "UNKNOWN-CARD" });
  await world.mount("t10", { vehicle_id: other }, new Date(start + 10 * MINUTE));
  await tell(20, { fuel: 0.2 });
  await rig.settled();
  const told = (minute: number, value: unknown) => ({
    ...{ value, ts: new Date(start + minute * MINUTE).toISOString(), device_id: "t10" },
  });
  expect((await manager(`GET /vehicles/${truck}/telemetry`)).body).toEqual({
    ignition: told(3, false),
    odometer_m: told(1, 184_230_500),
    fuel_percent: told(2, 60),
    engine_hours: told(1, 812.5),
    voltage: told(1, 24.1),
    driver: told(3, { driver_id: null, name: "card …CARD", token: "UNKNOWN-CARD" }),
  });
  const seen = (await operator(`GET /vehicles/${truck}/telemetry`)).body;
  expect(seen["driver"]).toEqual(told(3, { driver_id: null, name: "card …CARD" }));
  expect((await manager(`GET /vehicles/${other}/telemetry`)).body).toMatchObject({ fuel_percent: { value: 20 } });
  expect((await manager("GET /vehicles/987654/telemetry")).status).toBe(404);
});

test("what a vehicle tells is summed up by the hour", async ({ rig, world, manager }) => {
  const truck = await world.vehicle("Truck 15");
  await world.device("t15", "vehicle", { vehicle_id: truck });
  const hour = Math.floor(Date.now() / (60 * MINUTE)) * 60 * MINUTE - 120 * MINUTE;
  const tell = (minute: number, told: object) =>
    rig.publish("devices/t15/vehicle", { ts: hour + minute * MINUTE, ...told });
  await tell(1, { odometer: 1_000, fuel: 0.5, ignition: true, driver: "CARD-15" });
  await tell(30, { odometer: 3_000, fuel: 0.25, voltage: 24 });
  await tell(70, { engine_hours: 812 });
  await rig.settled();
  const told = (ts: number, count: number, values: object) => ({
    ...{ ts: new Date(ts).toISOString(), kind: "vehicle", count, ...values },
  });
  const first = told(hour, 2, {
    odometer: { mean: 2_000, min: 1_000, max: 3_000 },
    fuel: { mean: 0.375, min: 0.25, max: 0.5 },
    voltage: { mean: 24, min: 24, max: 24 },
  });
  const second = told(hour + 60 * MINUTE, 1, { engine_hours: { mean: 812, min: 812, max: 812 } });
  const page = await manager("GET /devices/t15/readings?aggregate=hour&limit=1");
  expect(page.body).toEqual([first]);
  const next = /^<(.+)>; rel="next"$/.exec(page.headers.get("Link")!)![1]!;
  expect((await manager(`GET ${next}`)).body).toEqual([second]);
  expect((await manager("GET /devices/t15/readings?kind=vehicle&aggregate=hour")).body).toEqual([first, second]);
});

test("who signed on belongs to the vehicle on which it becomes known that the device was", async ({
  rig,
  world,
  manager,
}) => {
  const [truck, other] = [await world.vehicle("Truck 12"), await world.vehicle("Truck 13")];
  await world.device("t12", "vehicle", { vehicle_id: truck });
  const start = Date.now() - 60 * MINUTE;
  await rig.publish("devices/t12/vehicle", { ts: start, driver: "CARD-A", fuel: 0.5 });
  await rig.settled();
  const driverOf = async (id: number) =>
    ((await manager(`GET /vehicles/${id}/telemetry`)).body["driver"] as { value: { name: string } } | null)?.value.name;
  expect(await driverOf(truck)).toBe("card …-A");
  const mount = { vehicle_id: other, since: new Date(start - MINUTE).toISOString() };
  expect((await manager("PUT /devices/t12", { mount })).status).toBe(200);
  await expect.poll(() => driverOf(other), { timeout: 15_000 }).toBe("card …-A");
  expect(await driverOf(truck)).toBeUndefined();
});

test("a card that is left in the reader does not outdo whoever has scanned another one since", async ({
  rig,
  world,
  manager,
  operator,
}) => {
  const truck = await world.vehicle("Truck 14");
  await world.device("t14", "vehicle", { vehicle_id: truck });
  await world.device("t14-scan", "scan", { vehicle_id: truck });
  for (const [name, token] of [
    ["Cy", "CARD-C"],
    ["Di", "CARD-D"],
  ])
    expect((await manager("POST /drivers", { name, token })).status).toBe(201);
  const start = Date.now() - 9 * 60 * MINUTE;
  const reads = (hours: number, driver: string) =>
    rig.publish("devices/t14/vehicle", { ts: start + hours * 60 * MINUTE, driver });
  await reads(0, "CARD-C");
  await rig.publish("devices/t14-scan/scan", { ts: start + 60 * MINUTE, code: "CARD-D" });
  for (const hours of [2, 4, 6.5]) await reads(hours, "CARD-C");
  await rig.settled();
  const driver = async () => (await manager(`GET /vehicles/${truck}/telemetry`)).body["driver"];
  expect(await driver()).toMatchObject({ value: { name: "Di" }, ts: new Date(start + 60 * MINUTE).toISOString() });
  const goods = await operator("POST /shipments", {
    ...{ product_name: "Nuts", quantity: 1, location: "storage", at: new Date(start).toISOString() },
  });
  const path = `/shipments/${goods.body["id"] as number}`;
  const at = new Date(start + 5 * 60 * MINUTE).toISOString();
  expect((await operator(`POST ${path}/load`, { vehicle_id: truck, at })).status).toBe(200);
  const custody = (await manager(`GET ${path}/custody`)).body as unknown as { event: string; driver: object | null }[];
  expect(custody.map(({ event, driver: by }) => [event, by])).toEqual([
    ["created", null],
    ["loaded", expect.objectContaining({ name: "Di" }) as object],
  ]);
  // The next card that the reader reads has signed on since.
  await reads(7, "CARD-E");
  await rig.settled();
  expect(await driver()).toMatchObject({ value: { name: "card …-E" } });
});
