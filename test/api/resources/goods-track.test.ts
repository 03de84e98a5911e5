import { expect } from "vitest";
import { ingestApiTest as test } from "../../support/ingest-test.ts";

const MINUTE = 60_000;

test("the track goes by the tracker on the goods where it tells, by those of the vehicle else, and ends with the shipment", async ({
  rig,
  world,
  operator,
}) => {
  const start = Math.floor(Date.now() / MINUTE) * MINUTE - 180 * MINUTE;
  const truck = await world.vehicle("Truck");
  await world.device("truck-gps", "gps", { vehicle_id: truck });
  const timed = (minute: number) => new Date(start + minute * MINUTE).toISOString();
  const { body: goods } = await operator("POST /shipments", {
    ...{ product_name: "Phones", quantity: 1, location: "storage", at: timed(0) },
  });
  const id = goods["id"] as number;
  const path = `/shipments/${id}`;
  await world.device("goods-gps", "gps", { shipment_id: id });
  const fix = (device: string, minute: number, north: number) =>
    rig.publish(`devices/${device}/gps`, {
      ...{ ts: start + minute * MINUTE, lat: 48 + north, lon: 11, accuracy: 5 },
    });
  // Before it existed the tracker was elsewhere. The goods part from the truck at minute 30, where their tracker goes on alone.
  await fix("goods-gps", -90, 0.9);
  expect((await operator(`POST ${path}/load`, { vehicle_id: truck, at: timed(1) })).status).toBe(200);
  for (let minute = 2; minute <= 70; minute += 2) await fix("truck-gps", minute, minute * 0.001);
  for (let minute = 20; minute <= 40; minute += 2)
    await fix("goods-gps", minute, Math.min(minute, 30) * 0.001 + 0.0001);
  await rig.settled();
  expect((await operator(`POST ${path}/proof-of-delivery`, { name: "Ada", at: timed(80) })).status).toBe(200);
  await fix("goods-gps", 90, 0.5);
  await rig.settled();
  const { geometry, properties } = (await operator(`GET ${path}/track`)).body as unknown as {
    geometry: { coordinates: number[][] };
    properties: { coordTimes: string[] };
  };
  const track = properties.coordTimes.map((time, at) => [
    (Date.parse(time) - start) / MINUTE,
    Math.round((geometry.coordinates[at]![1]! - 48) * 10_000),
  ]);
  const byTruck = (from: number, to: number) =>
    Array.from({ length: (to - from) / 2 + 1 }, (_, at) => [from + 2 * at, (from + 2 * at) * 10]);
  const byGoods = Array.from({ length: 11 }, (_, at) => [20 + 2 * at, Math.min(20 + 2 * at, 30) * 10 + 1]);
  expect(track).toEqual([...byTruck(2, 10), ...byGoods, ...byTruck(50, 70)]);
});
