import { expect } from "vitest";
import { ingestTest as test } from "../support/ingest-test.ts";

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE - 3 * 3_600_000;
const FRIDGE = JSON.stringify({ celsius: { min: 2, max: 8, minutes: 10 }, shock: { max: 4 } });

/** Warm from minute 20 to 45, a drop at minute 60, and silence from 70 to 100. */
const READINGS = Array.from({ length: 120 }, (_, minute) => ({
  ts: NOW + minute * MINUTE,
  celsius: minute >= 20 && minute < 45 ? 11 : 5,
  ...(minute === 60 ? { shock: 6.5 } : minute === 61 ? { shock: 0.2 } : {}),
})).filter((_, minute) => minute < 70 || minute >= 100);

/** The value crosses 8 °C half way between 5 and 11. */
const EXPECTED = [
  { type: "excursion", at: 19.5 + 10, data: { quantity: "celsius", worst: 11, min: 2, max: 8, minutes: 10 } },
  { type: "excursion_over", at: 44.5, data: { quantity: "celsius", worst: 11 } },
  { type: "excursion", at: 60, data: { quantity: "shock", worst: 6.5 } },
  { type: "excursion_over", at: 61, data: { quantity: "shock", worst: 6.5 } },
];

const cold = test.extend("trip", async ({ db, world, n, rig }) => {
  const { pool } = db;
  const [plant, shop] = [
    await world.location(`plant ${n}`, "production"),
    await world.location(`shop ${n}`, "delivery"),
  ];
  const vehicle = await world.vehicle(`cold truck ${n}`);
  const probe = await world.device(`cold-probe-${n}`, "env", { vehicle_id: vehicle });
  const shipment = await world.shipment(plant, shop, NOW - MINUTE);
  await world.fact(shipment, "loaded", { vehicleId: vehicle, locationId: null }, NOW - 30_000);
  const set = (conditions: string | null) =>
    pool.query(
      `WITH s AS (UPDATE shipments SET conditions = $2, version = version + 1 WHERE id = $1 RETURNING id)
      SELECT pg_notify('changes', json_build_object('shipments', json_build_array(id))::text) FROM s`,
      [shipment, conditions],
    );
  await set(FRIDGE);
  const facts = async () => {
    const { rows } = await pool.query<{ type: string; at: number; data: object; late: boolean }>(
      `SELECT type, (extract(epoch FROM at)::float8 * 1000 - $2) / 60000 AS at, data - 'since' AS data, late FROM facts
      WHERE subject = 'shipment:' || $1::int AND type LIKE 'excursion%' AND withdrawn_at IS NULL ORDER BY facts.at, type`,
      [shipment, NOW],
    );
    return rows;
  };
  const send = (readings: readonly object[]) => rig.publish(`devices/${probe}/env`, readings);
  return { shipment, vehicle, probe, shop, set, facts, send };
});

cold(
  "excursions follow from the readings, each once, and are withdrawn when other limits are set",
  async ({ trip, rig, world }) => {
    for (const reading of READINGS) await trip.send([reading]);
    await expect.poll(trip.facts).toMatchObject(EXPECTED);
    expect((await trip.facts()).every(({ late }) => !late)).toBe(true);
    const ids = async () => (await trip.facts()).length;
    await rig.restart();
    await trip.send(READINGS);
    await trip.set(JSON.stringify({ celsius: { max: 25 } }));
    await expect.poll(ids).toBe(0);
    await trip.set(FRIDGE);
    await expect.poll(trip.facts).toMatchObject(EXPECTED);
    await trip.set(null);
    await expect.poll(ids).toBe(0);
    await trip.set(FRIDGE);
    await expect.poll(ids).toBe(4);
    // Unloaded before it became warm, as a person says later.
    await world.fact(trip.shipment, "unloaded", { locationId: trip.shop }, NOW + 10 * MINUTE);
    await expect.poll(ids).toBe(0);
  },
);

cold("in any order, late and repeated, the same readings end in the same excursions", async ({ trip }) => {
  const shuffled = READINGS.map((reading, at) => ({ reading, rank: (at * 7919) % 83 })).sort((a, b) => a.rank - b.rank);
  for (const { reading } of shuffled) await trip.send([reading]);
  await trip.send(READINGS.slice(10, 40));
  await expect.poll(trip.facts).toMatchObject(EXPECTED);
});

cold("what late readings show is marked as late", async ({ trip }) => {
  const isWarm = ({ celsius }: { celsius: number }) => celsius > 8;
  const calm = READINGS.filter(({ ts }) => ts < NOW + 55 * MINUTE);
  await trip.send(calm.filter((reading) => !isWarm(reading)));
  await trip.send([{ ts: NOW + 59 * MINUTE, celsius: 5, shock: 9 }]);
  await expect.poll(trip.facts).toMatchObject([{ data: { quantity: "shock" }, late: false }]);
  await trip.send(calm.filter(isWarm));
  await expect
    .poll(trip.facts)
    .toMatchObject([{ type: "excursion", late: true }, { type: "excursion_over", late: true }, { data: { worst: 9 } }]);
});

cold("a probe on the goods themselves counts alone while it is there", async ({ trip, world, n, rig }) => {
  const own = await world.device(`goods-probe-${n}`, "env", { shipment_id: trip.shipment });
  await rig.publish(
    `devices/${own}/env`,
    READINGS.map(({ ts }) => ({ ts, celsius: 5 })),
  );
  await trip.send(READINGS);
  await rig.publish(`devices/${own}/env`, [
    { ts: NOW + 125 * MINUTE, celsius: 12 },
    { ts: NOW + 140 * MINUTE, celsius: 12 },
  ]);
  await expect.poll(trip.facts).toMatchObject([{ type: "excursion", data: { worst: 12 } }]);
});
