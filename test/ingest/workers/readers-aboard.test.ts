import { expect } from "vitest";
import { ingestTest as test, twoTicks } from "../../support/ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
const SECOND = 1_000;
const HOUR = 3_600_000;

test("a reader on a vehicle is as far as the vehicle: its trackers tell that a tag is gone", async ({
  db,
  rig,
  world,
  n,
}) => {
  const vehicle = await world.vehicle(`van ${n}`);
  const reader = await world.device(`aboard-${n}`, "rfid", { vehicle_id: vehicle });
  const tracker = await world.device(`tracker-${n}`, "gps", { vehicle_id: vehicle });
  const tag = (serial: number) => `urn:epc:id:sgtin:0061414.0777${n}.${serial}`;
  const read = async (serial: number, ...seconds: number[]) => {
    const reads = seconds.map((second) => ({ ts: T + second * SECOND, epc: tag(serial), rssi: -50, count: 3 }));
    await rig.publish(`devices/${reader}/rfid`, reads);
    await rig.settled();
  };
  const drive = async (second: number) => {
    await rig.publish(`devices/${tracker}/gps`, { ts: T + second * SECOND, lat: 48.1, lon: 11.5, accuracy: 8 });
    await rig.settled();
  };
  const facts = async (serial: number) => {
    const { rows } = await db.pool.query<{ type: string; second: number }>(
      `SELECT type, (extract(epoch FROM at) * 1000 - $2)::int / 1000 AS second FROM facts
       WHERE subject = $1 AND withdrawn_at IS NULL ORDER BY at, id`,
      [`tag:${tag(serial)}`, T],
    );
    return rows.map(({ type, second }) => `${type} ${second}`);
  };
  await read(1, 0, 1, 2);
  await drive(5);
  await twoTicks(rig, "timers");
  // A minute more than the silence of a minute: the clocks of the two may differ.
  await drive(121);
  await twoTicks(rig, "timers");
  expect(await facts(1)).toEqual(["seen 0"]);
  await drive(122);
  await expect.poll(() => facts(1)).toEqual(["seen 0", "gone 62"]);
  // Held back by the reader: it was there all the time. The clocks may be further apart: now by eight minutes.
  await read(1, 30);
  expect(await facts(1)).toEqual(["seen 0"]);
  await drive(90 + 8 * 60 - 1);
  await twoTicks(rig, "timers");
  expect(await facts(1)).toEqual(["seen 0"]);
  await drive(90 + 8 * 60);
  await expect.poll(() => facts(1)).toEqual(["seen 0", "gone 90"]);
  // A fix that ends a wait and the reads of a new dwell, in one batch.
  await read(1, 700, 701, 702);
  await twoTicks(rig, "timers");
  await rig.ingest.close();
  const reads = [3_000, 3_001].map((second) => ({ ts: T + second * SECOND, epc: tag(1), rssi: -50, count: 3 }));
  await rig.publish(`devices/${tracker}/gps`, { ts: T + 2_950 * SECOND, lat: 48.1, lon: 11.5, accuracy: 8 });
  await rig.publish(`devices/${reader}/rfid`, reads);
  await rig.restart();
  await rig.settled();
  expect((await db.pool.query("SELECT FROM quarantine")).rowCount).toBe(0);
  expect((await facts(1)).at(-1)).toBe("seen 3000");
  // The vehicle is further already when the reads arrive.
  await read(2, 0, 1, 2);
  await expect.poll(() => facts(2)).toEqual(["seen 0", "gone 62"]);
});

test("a reader on a vehicle whose clock is an hour slow has its tags called gone three times at most", async ({
  db,
  rig,
  world,
  n,
}) => {
  const vehicle = await world.vehicle(`van ${n}`);
  const reader = await world.device(`slow-${n}`, "rfid", { vehicle_id: vehicle });
  const tracker = await world.device(`tracker-${n}`, "gps", { vehicle_id: vehicle });
  const epc = `urn:epc:id:sgtin:0061414.0778${n}.1`;
  const gone = async () => {
    const { rows } = await db.pool.query(
      "SELECT withdrawn_at IS NOT NULL AS withdrawn FROM facts WHERE subject = $1 AND type = 'gone'",
      [`tag:${epc}`],
    );
    return rows;
  };
  for (let second = 0; second <= 60; second += 10) {
    await rig.publish(`devices/${tracker}/gps`, { ts: T + HOUR + second * SECOND, lat: 48.1, lon: 11.5, accuracy: 8 });
    await rig.publish(`devices/${reader}/rfid`, { ts: T + second * SECOND, epc, rssi: -50, count: 3 });
    await rig.settled();
    await twoTicks(rig, "timers");
  }
  const taken = await gone();
  expect(taken.length).toBeLessThanOrEqual(3);
  expect(taken).toEqual(taken.map(() => ({ withdrawn: true })));
});
