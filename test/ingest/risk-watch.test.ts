import { expect } from "vitest";
import { pointAt } from "../../ingest/domain/geo/geofence.ts";
import { ingestTest as test } from "../support/ingest-test.ts";

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE - 6 * 3_600_000;
const START = { lat: 48.1, lon: 11.5 };
const at = (minute: number, east: number, north = 0) => {
  const { lat, lon } = pointAt(START, east, north);
  return { ts: NOW + minute * MINUTE, lat, lon, accuracy: 8 };
};
const end = pointAt(START, 60_000, 0);
const ROUTE = {
  type: "LineString",
  coordinates: [
    [START.lon, START.lat],
    [end.lon, end.lat],
  ],
  width_m: 1_000,
};

/** 750 m a minute to the east; beside the route from minute 20 to 30, 15 min at rest from 40 on, silent from 60 to 80. */
const place = (minute: number): [east: number, north: number] => [
  750 * (minute < 40 ? minute : minute < 55 ? 40 : minute - 15),
  minute >= 20 && minute < 30 ? 3_000 : 0,
];
const MINUTES = Array.from({ length: 91 }, (_, minute) => minute).filter((minute) => minute <= 60 || minute >= 80);
const TRUCK = MINUTES.map((minute) => at(minute, ...place(minute)));
/** The goods' own tracker reads half a minute later; it leaves the truck at minute 85. */
const GOODS = MINUTES.filter((minute) => minute < 90).map((minute) => {
  const [[a, b], [c, d]] = [place(minute), place(minute + 1)];
  return minute < 85 ? at(minute + 0.5, (a + c) / 2, (b + d) / 2) : at(minute + 0.5, place(85)[0], 0);
});
const EXPECTED = [
  "risk off_route 20.5 since 19.5",
  "risk_over off_route 30.5 since 19.5",
  "risk light 35 since 35",
  "risk_over light 36 since 35",
  "risk unscheduled_stop 50.5 since 40.5",
  "risk_over unscheduled_stop 55.5 since 40.5",
  "risk shipment_silent 75.5 since 60.5",
  "risk_over shipment_silent 80.5 since 60.5",
  "risk separation 87.5 since 86.5",
];

const trip = test.extend("trip", async ({ db, world, rig, n }) => {
  const circle = { lat: START.lat, lon: START.lon, radius_m: 400 };
  const plant = await world.location(`plant ${n}`, "production", circle);
  const shop = await world.location(`shop ${n}`, "delivery");
  const vehicle = await world.vehicle(`armoured ${n}`);
  const truck = await world.device(`truck-${n}`, "gps", { vehicle_id: vehicle });
  const shipment = await world.shipment(plant, shop, NOW - MINUTE);
  const goods = await world.device(`goods-${n}`, "gps", { shipment_id: shipment });
  await world.fact(shipment, "loaded", { vehicleId: vehicle, locationId: null }, NOW - 30_000);
  await db.pool.query(
    `WITH s AS (UPDATE shipments SET profiles = '{high_value}', route = $2, version = version + 1 WHERE id = $1 RETURNING id)
    SELECT pg_notify('changes', json_build_object('shipments', json_build_array(id))::text) FROM s`,
    [shipment, ROUTE],
  );
  const facts = async () => {
    const { rows } = await db.pool.query<{ type: string; kind: string; at: number; since: number; late: boolean }>(
      `SELECT type, data ->> 'kind' AS kind, (extract(epoch FROM at)::float8 * 1000 - $2) / 60000 AS at,
        ((data ->> 'since')::float8 - $2) / 60000 AS since, late FROM facts
      WHERE subject = 'shipment:' || $1::int AND type LIKE 'risk%' AND withdrawn_at IS NULL ORDER BY facts.at, facts.type DESC`,
      [shipment, NOW],
    );
    return rows;
  };
  const told = async () =>
    (await facts())
      .filter(({ kind, since }) => kind !== "unscheduled_stop" || since < 80)
      .map(({ type, kind, at, since }) => `${type} ${kind} ${at} since ${since}`);
  const send = (device: string, kind: string, readings: readonly object[]) =>
    rig.publish(`devices/${device}/${kind}`, readings);
  const lux = (minute: number, value: number) => ({ ts: NOW + minute * MINUTE, lux: value });
  return { shipment, vehicle, shop, truck, goods, told, facts, send, light: [lux(34, 0), lux(35, 300), lux(36, 2)] };
});

trip("what happens to goods of high value on their way are facts, each once", async ({ trip, rig, world }) => {
  const { truck, goods, send } = trip;
  for (const [index, fix] of TRUCK.entries()) {
    await send(truck, "gps", [fix]);
    if (GOODS[index]) await send(goods, "gps", [GOODS[index]]);
  }
  await send(goods, "env", trip.light);
  await expect.poll(trip.told).toEqual(EXPECTED);
  await rig.restart();
  await send(truck, "gps", TRUCK);
  await expect.poll(trip.told).toEqual(EXPECTED);
  await world.fact(trip.shipment, "unloaded", { locationId: trip.shop }, NOW + 15 * MINUTE);
  await expect.poll(trip.told).toEqual([]);
});

trip("in any order, late and repeated, the same readings end in the same risks", async ({ trip }) => {
  const { truck, goods, send } = trip;
  const shuffled = <T>(list: readonly T[]): T[] =>
    list
      .map((each, index) => ({ each, rank: (index * 7919) % 83 }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ each }) => each);
  await send(goods, "gps", shuffled(GOODS));
  await send(goods, "env", shuffled(trip.light));
  for (const fix of shuffled(TRUCK)) await send(truck, "gps", [fix]);
  await send(goods, "gps", GOODS.slice(10, 50));
  await expect.poll(trip.told).toEqual(EXPECTED);
});
