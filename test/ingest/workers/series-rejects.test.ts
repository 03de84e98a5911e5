import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Mutex } from "async-mutex";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createReading } from "../../../ingest/pipeline/reading.ts";
import { startSeriesRejects } from "../../../ingest/workers/series-rejects.ts";
import { quarantineRejects, releaseReject, seriesReject } from "../../../ingest/stores/influx/series-rejects.ts";
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
      seriesCursorPath: join(directory, "cursor"),
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
  await expect.poll(rows).toEqual([{ detail: "too warm" }]);
  // Rejected again, because its frame was read again.
  await after.add([{ reading, detail: "too warm" }], through);
  await after.close();
  const last = await start();
  await last.close();
  expect(await rows()).toHaveLength(1);
  const { rows: states } = await pool.query("SELECT received, stored, quarantined FROM device_states");
  expect(states).toEqual([{ received: 1, stored: 0, quarantined: 1 }]);
});

test("of a device and hour the first hundred rejected readings are kept, and every one is counted, once", async () => {
  const { pool } = db;
  const rejects = Array.from({ length: 150 }, (_, index) => {
    const from = { message: { receivedAt: 7_200_000 + index }, source: "somewhere" };
    const reading = createReading("env", { ts: 5_000 + index, celsius: index }, "thermometer", from, 0);
    return seriesReject({ reading, detail: "too warm" });
  });
  await pool.query(
    "INSERT INTO device_states (device_id, version, received, stored) VALUES ('thermometer', 1, 150, 150)",
  );
  await pool.query(
    `INSERT INTO reading_ids (device_id, ts, seq, kind, content_hash)
      SELECT 'thermometer', to_timestamp(ts / 1000.0), -1, 'env', hash FROM unnest($1::float8[], $2::int[]) AS t (ts, hash)`,
    [rejects.map(({ ts }) => ts), rejects.map(({ contentHash }) => contentHash)],
  );
  // A frame that is read again, and one that holds a part of it.
  for (const some of [rejects.slice(0, 90), rejects, rejects.slice(40)]) await quarantineRejects(pool, some);
  const number = async (query: string) => (await pool.query<{ n: string }>(query)).rows.map(({ n }) => Number(n));
  expect(await number("SELECT count(*) AS n FROM quarantine WHERE device_id = 'thermometer'")).toEqual([100]);
  expect(await number("SELECT messages AS n FROM quarantine_hours WHERE source = 'thermometer'")).toEqual([150]);
  expect(await number("SELECT kept AS n FROM quarantine_hours WHERE source = 'thermometer'")).toEqual([100]);
  const { rows } = await pool.query(
    "SELECT received, stored, quarantined FROM device_states WHERE device_id = 'thermometer'",
  );
  expect(rows).toEqual([{ received: 150, stored: 0, quarantined: 150 }]);

  const [first] = rejects;
  await releaseReject(pool, first!, first!.source);
  await quarantineRejects(pool, [first!]);
  expect(await number("SELECT quarantined AS n FROM device_states WHERE device_id = 'thermometer'")).toEqual([150]);
  expect(await number("SELECT messages AS n FROM quarantine_hours WHERE source = 'thermometer'")).toEqual([151]);
});

test("a damaged file stops no start: it is set aside, and the series is written again so that the same is refused again", async () => {
  const { pool } = db;
  const path = join(directory, "damaged");
  const seriesCursorPath = join(directory, "damaged-cursor");
  for (const content of ["", "{", '{"journalId":"x","waiting":[{}]}']) {
    await writeFile(path, content);
    await writeFile(seriesCursorPath, "{}");
    const rejects = await startSeriesRejects({
      stores: { pool, mutex: new Mutex(), deviceStates: openDeviceStates(pool), log: quiet },
      path,
      seriesCursorPath,
      journalId: "00000000-0000-4000-8000-000000000000",
      stateCursor: () => undefined,
    });
    await rejects.close();
    expect(await readFile(`${path}.damaged`, "utf8")).toBe(content);
    expect(existsSync(seriesCursorPath)).toBe(false);
  }
});
