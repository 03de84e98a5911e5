import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { replay } from "../../../ingest/reprocessing/replay.ts";
import { derivedState, allTimersFired } from "../../support/derived-state.ts";
import { type IngestRig, quiet, startIngestRig } from "../../support/ingest.ts";
import { Launched } from "../../support/launched.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";
import { createSampleDay } from "../../support/sample-day.ts";
import { worldIn } from "../../support/world.ts";

const START = Date.parse("2026-03-01T06:00:00Z");
const NOON = START + 90 * 60_000;

let db: TestDatabase;
let rig: IngestRig;

beforeAll(async () => {
  db = await createDatabase();
  rig = await startIngestRig(db.pool);
  const { messages } = await createSampleDay(worldIn(db.pool), { name: 1, seed: 7, start: START, hours: 3 });
  await Promise.all(messages.map(({ topic, reading }) => rig.publish(topic, reading, reading.ts + 1000)));
  await rig.settled();
  await allTimersFired(db.pool);
});
afterAll(async () => {
  await rig.close();
  await db.drop();
});

test.each([
  ["from the first reading", 0],
  ["from the middle of the day", NOON],
  ["from after the last reading", START + 86_400_000],
])("changes nothing when nothing was wrong, %s", async (_, since) => {
  const before = await derivedState(db.pool);
  const { changedFacts, signals } = await replay({ pool: db.pool, influx: undefined, since, log: quiet });
  expect(changedFacts).toBe(0);
  expect(signals).toBe(since > NOON ? 0 : 3);
  expect(await derivedState(db.pool)).toEqual(before);
});

test("the command reports what it did, and what is wrong with its time argument", async () => {
  const before = await derivedState(db.pool);
  const folder = await mkdtemp(join(tmpdir(), "waystock-replay-"));
  const environment = { DATABASE_URL: db.url, DATA_DIR: folder };
  const good = new Launched("replay", environment, ["--since", "2026-03-01T07:30:00Z"]);
  expect((await good.ends()).code).toBe(0);
  expect(good.output).toMatch(/^3 signals derived again, 0 facts changed, \d+ shipments and stock positions folded$/m);
  expect(await derivedState(db.pool)).toEqual(before);
  const wrong = new Launched("replay", environment, ["--since", "yesterday"]);
  expect((await wrong.ends()).code).toBe(2);
  expect(wrong.output).toContain("--since 2026-03-01T00:00:00Z");
  await rm(folder, { recursive: true });
});

test("rebuilds facts and state that were lost or corrupted, and keeps facts from people", async () => {
  const before = await derivedState(db.pool);
  const since = new Date(NOON);
  await db.pool.query("DELETE FROM facts WHERE signal IS NOT NULL AND concluded_at > $1 AND id % 2 = 0", [since]);
  await db.pool.query(
    `UPDATE facts SET data = '{"quantity": 999, "source": "scale"}' WHERE type = 'counted' AND signal = 'scale' AND concluded_at > $1`,
    [since],
  );
  await db.pool.query(
    `INSERT INTO facts (key, subject, at, type, data, rule, device_id, signal, concluded_at)
     SELECT 'never', subject, at + interval '1 s', 'arrived', data, rule, device_id, signal, concluded_at + interval '1 s'
     FROM facts WHERE type = 'departed' ORDER BY at DESC LIMIT 1`,
  );
  await db.pool.query("UPDATE shipments SET status = 'exception', stage = 'storage', vehicle_id = NULL");
  await db.pool.query("UPDATE inventory_items SET quantity = -1, fold = NULL");
  await db.pool.query("DELETE FROM shipment_on_vehicle");
  await db.pool.query("DELETE FROM inventory");
  await db.pool.query(
    "UPDATE device_states SET signal = '{\"newest\": {}}', version = version + 1 WHERE device_id = 'day-truck-1'",
  );
  const { changedFacts } = await replay({ pool: db.pool, influx: undefined, since: NOON, log: quiet });
  expect(changedFacts).toBeGreaterThan(10);
  await allTimersFired(db.pool);
  const after = await derivedState(db.pool);
  // Live counters, on which no fact depends, are not derived again.
  const { devices: devicesAfter, ...restAfter } = after;
  const { devices: devicesBefore, ...rest } = before;
  expect(restAfter).toEqual(rest);
  expect(devicesAfter!.map(withoutNewest)).toEqual(devicesBefore!.map(withoutNewest));
});

function withoutNewest(row: string): unknown {
  const { signal, ...device } = JSON.parse(row) as { signal: { newest: unknown } };
  return { ...device, signal: { ...signal, newest: undefined } };
}

test("runs beside a platform that receives readings", async () => {
  const { messages } = await createSampleDay(worldIn(db.pool), { name: 2, seed: 8, start: START, hours: 2 });
  const live = (async () => {
    for (let i = 0; i < messages.length; i += 50) {
      await Promise.all(
        messages.slice(i, i + 50).map(({ topic, reading }) => rig.publish(topic, reading, reading.ts + 1000)),
      );
    }
  })();
  for (let round = 0; round < 3; round += 1) await replay({ pool: db.pool, influx: undefined, since: 0, log: quiet });
  await live;
  await rig.settled();
  await allTimersFired(db.pool);
  const before = await derivedState(db.pool);
  expect((await replay({ pool: db.pool, influx: undefined, since: 0, log: quiet })).changedFacts).toBe(0);
  expect(await derivedState(db.pool)).toEqual(before);
});
