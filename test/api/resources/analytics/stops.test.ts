import { expect } from "vitest";
import type { TestResponse } from "../../support.ts";
import { ingestApiTest as test } from "../../../support/ingest-test.ts";

const MINUTE = 60_000;
const NORTH = 48.1;

type Row = Record<string, unknown>;
const rowsOf = ({ body }: TestResponse): Row[] => body as unknown as Row[];

/**
 * A truck stands, drives north to the shop in 12 minutes, stands there for 21, drives half way back, stands for 10, and drives home. In its
 * first drive it stands for a minute and a half at a light. Ann drives there, Bo back.
 */
const dayTest = test.extend("day", { scope: "file" }, async ({ rig, world, manager }) => {
  const start = Math.floor(Date.now() / MINUTE) * MINUTE - 150 * MINUTE;
  const truck = await world.vehicle("Truck 1");
  const yard = await world.location("Yard", "delivery", { lat: NORTH, lon: 11, radius_m: 3_000 });
  const shop = await world.location("Shop", "delivery", { lat: NORTH, lon: 11, radius_m: 300 });
  const far = await world.location("Far", "delivery", { lat: 50, lon: 11, radius_m: 300 });
  const bare = await world.location("Bare", "delivery");
  await world.device("front", "gps", { vehicle_id: truck });
  const ann = (await manager("POST /drivers", { name: "Ann", token: "CARD-1" })).body["id"];
  const bo = (await manager("POST /drivers", { name: "Bo", token: "CARD-2" })).body["id"];
  const fix = (minute: number, north: number, speed: number, more: object = {}) =>
    rig.publish("devices/front/gps", {
      ...{ ts: start + minute * MINUTE, lat: 48 + north, lon: 11, accuracy: 5, speed, ...more },
    });
  const tell = (minute: number, told: object) =>
    rig.publish("devices/front/vehicle", { ts: start + minute * MINUTE, ...told });

  for (let minute = 0; minute <= 5; minute += 1) await fix(minute, 0, 0);
  for (let minute = 6; minute <= 10; minute += 1) await fix(minute, (minute - 5) * 0.01, 18.5);
  for (const minute of [11, 11.5, 12, 12.5]) await fix(minute, 0.05 + (minute - 10) * 0.00001, 0);
  for (let minute = 13; minute <= 17; minute += 1) await fix(minute, (minute - 7) * 0.01, minute === 15 ? 25 : 18);
  // Off the track: what it tells of its speed is no top speed.
  await fix(14.5, 3, 60);
  for (let minute = 18; minute <= 38; minute += 1) await fix(minute, 0.1, 0);
  for (let minute = 39; minute <= 43; minute += 1) await fix(minute, (48 - minute) * 0.01, 18);
  for (let minute = 44; minute <= 53; minute += 1) await fix(minute, 0.05, 0);
  for (let minute = 54; minute <= 58; minute += 1) await fix(minute, (58 - minute) * 0.01, 18);
  for (let minute = 59; minute <= 65; minute += 1) await fix(minute, 0, 0);
  // Ann idles for 8 of 21 minutes at the shop; then Bo, for 4 before he drives. Later nobody knows.
  await tell(5, { driver: "CARD-1", ignition: true });
  for (const minute of [10, 15, 20]) await tell(minute, { ignition: true });
  await tell(25, { ignition: false });
  await tell(34, { driver: "CARD-2", ignition: true });
  await tell(38, { ignition: false });
  await rig.settled();
  return { truck, yard, shop, far, bare, ann, bo, start };
});

dayTest("a drive tells its top speed and what it idled, also as CSV", async ({ day, api, manager }) => {
  const drives = rowsOf(await manager(`GET /vehicles/${day.truck}/drives`));
  expect(drives).toMatchObject([
    { driver_name: "Ann", top_speed_kmh: 90, idling_minutes: 1.5 },
    // Its ignition was told to be off, and then no more.
    { driver_name: "Bo", top_speed_kmh: 64.8, idling_minutes: 0 },
    { driver_name: "Bo", top_speed_kmh: 64.8, idling_minutes: null },
  ]);
  const token = await api.tokenOf("viewer");
  const headers = { Authorization: `Bearer ${token}` };
  const byQuery = await api.app.request(`/vehicles/${day.truck}/drives?format=csv&limit=1`, { headers });
  expect(byQuery.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  expect(byQuery.headers.get("content-disposition")).toContain(`drives-of-vehicle-${day.truck}.csv`);
  const [head, ...lines] = (await byQuery.text()).trim().split("\r\n");
  expect(head).toBe(
    "from,to,driving_minutes,distance_m,distance_source,start_lat,start_lon,end_lat,end_lon,top_speed_kmh,idling_minutes,driver_id,driver_name,harsh_braking,harsh_acceleration,harsh_cornering,device_id",
  );
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/,90,1.5,\d+,Ann,0,0,0,front$/);
  const byHeader = await api.app.request(`/vehicles/${day.truck}/drives`, {
    headers: { ...headers, Accept: "text/csv" },
  });
  expect((await byHeader.text()).split("\r\n")[0]).toBe(head);
});

dayTest("stops have their place, their time and what was idled there", async ({ day, api, manager }) => {
  const stops = rowsOf(await manager(`GET /vehicles/${day.truck}/stops`));
  const time = (minute: number) => new Date(day.start + minute * MINUTE).toISOString();
  expect(stops).toMatchObject([
    // Of the two geofences that it stood in, the smaller one.
    {
      location_id: day.shop,
      location_name: "Shop",
      arrived_at: time(17),
      left_at: time(38),
      minutes: 21,
      idling_minutes: 12,
    },
    { location_id: null, location_name: null, lat: expect.closeTo(48.05, 3), lon: 11, minutes: 10, idling_minutes: 0 },
  ]);
  const use = rowsOf(await manager(`GET /analytics/vehicles?vehicle_id=${day.truck}`));
  expect(use).toMatchObject([{ drives: 3, stops: stops.length }]);
  const first = await manager(`GET /vehicles/${day.truck}/stops?limit=1`);
  const next = /<(.+)>; rel="next"/.exec(first.headers.get("link") ?? "")?.[1];
  expect([...rowsOf(first), ...rowsOf(await manager(`GET ${next}`))]).toEqual(stops);
  const token = await api.tokenOf("viewer");
  const file = await api.app.request(`/vehicles/${day.truck}/stops?format=csv`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  const [head, ...lines] = (await file.text()).trim().split("\r\n");
  expect(head).toBe("location_id,location_name,lat,lon,arrived_at,left_at,minutes,idling_minutes");
  expect(lines).toHaveLength(2);
  expect((await manager("GET /vehicles/987654/stops")).status).toBe(404);
  expect((await manager(`GET /vehicles/${day.truck}/stops?from=2026-03-02&to=2026-03-01`)).status).toBe(400);
});

dayTest("what a vehicle idled is told of the driver who had signed on", async ({ day, manager }) => {
  const [whole] = rowsOf(await manager(`GET /analytics/vehicles?vehicle_id=${day.truck}`));
  const byDriver = rowsOf(await manager(`GET /analytics/vehicles?by=driver&vehicle_id=${day.truck}`));
  expect(byDriver).toMatchObject([
    // The stop at the shop is Ann's, who came there, though Bo drove on; the other one is Bo's.
    { driver_id: day.ann, drives: 1, stops: 1, idling_hours: expect.closeTo(8 / 60, 2) },
    { driver_id: day.bo, drives: 2, stops: 1, idling_hours: expect.closeTo(4 / 60, 2) },
  ]);
  const sum = byDriver.reduce((hours, { idling_hours: idled }) => hours + Number(idled), 0);
  expect(sum).toBeCloseTo(Number(whole!["idling_hours"]), 2);
});

dayTest("of a place there are the vehicles that stopped there", async ({ day, api, world, manager }) => {
  const idle = await world.vehicle("Truck 2, which never drove");
  const vehiclesAt = async (place: number) =>
    rowsOf(await manager(`GET /analytics/vehicles?location_id=${place}`)).map(({ vehicle_id: id }) => id);
  expect(await vehiclesAt(day.shop)).toEqual([day.truck]);
  expect(await vehiclesAt(day.yard)).toEqual([day.truck]);
  expect(await vehiclesAt(day.far)).toEqual([]);
  expect(await vehiclesAt(day.bare)).toEqual([]);
  // A place counts with all that lies below it.
  await api.db.pool.query("UPDATE locations SET parent_id = $1 WHERE id = $2", [day.bare, day.shop]);
  expect(await vehiclesAt(day.bare)).toEqual([day.truck]);
  const path = `/analytics/vehicles?location_id=${day.shop}`;
  expect(rowsOf(await manager(`GET ${path}&vehicle_id=${idle}`))).toEqual([]);
  expect(rowsOf(await manager(`GET ${path}&by=driver`))).toHaveLength(2);
  expect(rowsOf(await manager(`GET ${path}&to=${new Date(day.start).toISOString()}`))).toEqual([]);
});
