import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Mutex } from "async-mutex";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createReading } from "../../../ingest/pipeline/reading.ts";
import { startSeriesRejects } from "../../../ingest/workers/series-rejects.ts";
import { openDeviceStates } from "../../../ingest/stores/caches/device-states.ts";
import { quiet } from "../../support/ingest.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";

let db: TestDatabase;
let directory: string;

beforeAll(async () => {
  db = await createDatabase();
  directory = await mkdtemp(join(tmpdir(), "waystock-refused-"));
});
afterAll(async () => {
  await db.drop();
  await rm(directory, { recursive: true });
});

test("a rejected reading waits on disk, across a restart, until Postgres knows it; then it is counted once", async () => {
  const { pool } = db;
  const from = { message: { receivedAt: 2_000 }, source: "somewhere" };
  const reading = createReading("env", { ts: 1_000, seq: 7, celsius: 4 }, "probe", from, 0);
  const through = { segment: 3, offset: 500 };
  let cursor = { segment: 3, offset: 499 };
  const start = () =>
    startSeriesRejects({
      stores: { pool, mutex: new Mutex(), deviceStates: openDeviceStates(pool), log: quiet },
      path: join(directory, "refused"),
      journalId: "00000000-0000-4000-8000-000000000000",
      stateCursor: () => cursor,
    });
  const rows = async () => (await pool.query("SELECT detail FROM quarantine WHERE device_id = 'probe'")).rows;

  const before = await start();
  await before.add([{ reading, detail: "too warm" }], through);
  await before.close();
  expect(await rows()).toEqual([]);

  await pool.query("INSERT INTO device_states (device_id, version, received, stored) VALUES ('probe', 1, 1, 1)");
  await pool.query(
    "INSERT INTO reading_ids (device_id, ts, seq, kind, content_hash) VALUES ('probe', to_timestamp(1), 7, 'env', $1)",
    [reading.contentHash],
  );
  cursor = through;
  const after = await start();
  await expect.poll(rows, { timeout: 10_000 }).toEqual([{ detail: "too warm" }]);
  // Rejected again, because its frame was read again.
  await after.add([{ reading, detail: "too warm" }], through);
  await after.close();
  const last = await start();
  await last.close();
  expect(await rows()).toHaveLength(1);
  const { rows: states } = await pool.query("SELECT received, stored, quarantined FROM device_states");
  expect(states).toEqual([{ received: 1, stored: 0, quarantined: 1 }]);
});
