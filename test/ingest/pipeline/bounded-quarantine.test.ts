import { afterAll, beforeAll, expect, test } from "vitest";
import { type IngestRig, startIngestRig } from "../../support/ingest.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";
import { worldIn } from "../../support/world.ts";

const T = Date.parse("2026-11-01T12:20:00Z");

let db: TestDatabase;
let rig: IngestRig;
let world: ReturnType<typeof worldIn>;
beforeAll(async () => {
  db = await createDatabase();
  world = worldIn(db.pool);
  rig = await startIngestRig(db.pool);
});
afterAll(async () => {
  await rig?.close();
  await db?.drop();
});

const kept = async (device: string) =>
  (await db.pool.query("SELECT FROM quarantine WHERE device_id = $1", [device])).rowCount;

async function hour(source: string): Promise<object | undefined> {
  const { rows } = await db.pool.query<object>(
    "SELECT messages, kept FROM quarantine_hours WHERE source = $1 ORDER BY hour",
    [source],
  );
  return rows.at(-1);
}

const faulty = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({ ts: T + from + at, celsius: "warm" }));

test("of a device and hour the first hundred are kept in quarantine, every one is counted, and one report waits", async () => {
  const id = await world.device("wrong-firmware", "env");
  const other = await world.device("good-neighbour", "env");
  for (let message = 0; message < 5; message += 1) {
    await rig.publish(`devices/${id}/env`, faulty(message * 50, 50), T);
    await rig.publish(`devices/${other}/env`, { ts: T + message, celsius: 4 }, T);
    await rig.settled();
  }
  await rig.publish(`devices/${other}/env`, faulty(0, 1), T);
  await rig.settled();
  expect([await kept(id), await kept(other)]).toEqual([100, 1]);
  expect(await hour(id)).toEqual({ messages: 250, kept: 100 });
  expect(await world.quality(id)).toMatchObject({ received: 250, quarantined: 250 });
  expect(await world.quality(other)).toMatchObject({ received: 6, stored: 5, quarantined: 1 });
  const reports = await db.pool.query("SELECT payload FROM device_messages WHERE device_id = $1", [id]);
  expect(reports.rows).toHaveLength(1);
  expect(reports.rows[0].payload.quarantined).toBe(250);
  expect(reports.rows[0].payload.errors).toHaveLength(20);

  await rig.publish(`devices/${id}/env`, faulty(1_000, 7), T + 3_600_000);
  await rig.settled();
  expect(await kept(id)).toBe(107);
});

test("a retry of what is kept counts nothing again", async () => {
  const id = await world.device("retried", "env");
  await rig.publish(`devices/${id}/env`, faulty(0, 3), T);
  await rig.settled();
  await db.pool.query("UPDATE quarantine SET retry_requested_at = now() WHERE device_id = $1", [id]);
  const waiting = async () =>
    (await db.pool.query("SELECT FROM quarantine WHERE device_id = $1 AND retry_requested_at IS NOT NULL", [id]))
      .rowCount;
  await expect.poll(waiting).toBe(0);
  expect(await kept(id)).toBe(3);
  expect(await hour(id)).toEqual({ messages: 3, kept: 3 });
});

test("long messages fill at most a mebibyte of an hour, and devices that are not registered share one limit", async () => {
  const id = await world.device("long-winded", "env");
  const long = Buffer.from(`{${"x".repeat(100 * 1024)}`);
  for (let message = 0; message < 12; message += 1) await rig.publish(`devices/${id}/env`, long, T);
  for (let ghost = 0; ghost < 150; ghost += 1)
    await rig.publish(`devices/ghost-${ghost}/env`, { ts: T, celsius: 1 }, T);
  await rig.settled();
  expect(await kept(id)).toBe(10);
  expect(await hour(id)).toEqual({ messages: 12, kept: 10 });
  expect(await hour("")).toEqual({ messages: 150, kept: 100 });
});
