import { expect } from "vitest";
import { ingestApiTest } from "../../support/ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const iso = (ms: number) => new Date(T + ms).toISOString();

/** Two trucks and a tracker on the first of them. */
const test = ingestApiTest.extend("fleet", async ({ rig, world, manager, n }) => {
  const [first, second] = [await world.vehicle(`first ${n}`), await world.vehicle(`second ${n}`)];
  const tracker = await world.device(`tracker-${n}`, "gps", { vehicle_id: first });
  const move = (vehicleId: number, since: number) =>
    manager(`PUT /devices/${tracker}`, { mount: { vehicle_id: vehicleId, since: iso(since) } });
  const where = async (vehicleId: number) => {
    const { position } = (await manager(`GET /vehicles/${vehicleId}`)).body as {
      position: { ts: string; lat: number } | null;
    };
    return position && [position.ts, position.lat];
  };
  const send = async (...fixes: object[]) => {
    await rig.publish(`devices/${tracker}/gps`, fixes);
    await rig.settled();
  };
  return { first, second, move, where, send };
});
const fix = (ms: number, lat: number) => ({ ts: T + ms, lat, lon: 11.5, accuracy: 5 });

test("a tracker leaves its former truck at its last fix there, however its fixes are split into messages", async ({
  fleet,
}) => {
  const { first, second, move, where, send } = fleet;
  await move(second, HOUR);
  await send(fix(0, 48.1), fix(MINUTE, 48.1001), fix(2 * HOUR, 48.2), fix(2 * HOUR + MINUTE, 48.2001));
  expect([await where(first), await where(second)]).toEqual([
    [iso(MINUTE), 48.1001],
    [iso(2 * HOUR + MINUTE), 48.2001],
  ]);
  // A fix that was delayed for hours, from the truck that the tracker has left.
  await send(fix(2 * MINUTE, 48.1002));
  await expect.poll(() => where(first)).toEqual([iso(2 * MINUTE), 48.1002]);
  expect(await where(second)).toEqual([iso(2 * HOUR + MINUTE), 48.2001]);
});

test("facts from a tracker are corrected when a person records that it was on another truck", async ({
  fleet,
  rig,
  world,
  n,
}) => {
  const { first, second, move, where, send } = fleet;
  const fence = (lat: number) => ({ lat, lon: 11.5, radius_m: 300 });
  const [hub, shop] = [
    await world.location(`hub ${n}`, "storage", fence(48.1)),
    await world.location(`shop ${n}`, "delivery", fence(48.2)),
  ];
  const [aboardFirst, aboardSecond] = [
    await world.shipment(hub, shop, T - HOUR),
    await world.shipment(hub, shop, T - HOUR),
  ];
  await world.fact(aboardFirst, "loaded", { vehicleId: first, locationId: null }, T - 30 * MINUTE);
  await world.fact(aboardSecond, "loaded", { vehicleId: second, locationId: null }, T - 30 * MINUTE);
  // Northwards from the hub into the shop's geofence, one fix every 10 s at 20 m/s.
  const drive = Array.from({ length: 57 }, (_, i) => fix(i * 10_000, 48.1 + (i * 200) / 111_195));
  await send(fix(-10 * MINUTE, 48.1), fix(-9 * MINUTE, 48.1), ...drive);
  expect(await world.shipmentRow(aboardFirst)).toMatchObject({ status: "arrived", location_id: shop });
  expect(await world.shipmentRow(aboardSecond)).toMatchObject({ status: "in_storage", location_id: hub });

  expect((await move(second, -5 * MINUTE)).status).toBe(200);
  const rows = async () => [await world.shipmentRow(aboardFirst), await world.shipmentRow(aboardSecond)];
  await expect.poll(rows).toMatchObject([
    { status: "in_storage", location_id: hub },
    { status: "arrived", location_id: shop },
  ]);
  await rig.settled();
  expect([await where(first), await where(second)]).toMatchObject([
    [iso(-9 * MINUTE), 48.1],
    [iso(560_000), {}],
  ]);
});

test("readings of a scale count once its item gets a stock position there", async ({ rig, world, manager, n }) => {
  const [shop, item] = [await world.location(`kiosk ${n}`, "delivery"), await world.item(`RE-${n}`, 100)];
  const scale = await world.device(`kiosk-${n}`, "scale", { location_id: shop, item_id: item });
  await rig.publish(`devices/${scale}/scale`, { ts: T, grams: 700, stable: true });
  await rig.settled();
  const made = await manager("POST /inventory-items", { item_id: item, location_id: shop, source: "scale" });
  const level = async () => (await manager(`GET /inventory-items/${String(made.body.id)}`)).body.quantity;
  await expect.poll(level).toBe(7);
});
