import { cp, readdir, rm } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type IngestRig, startIngestRig } from "../../support/ingest.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";
import { worldIn } from "../../support/world.ts";

let db: TestDatabase;
let rig: IngestRig;
let device: string;
let n = 0;

beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  n += 1;
  device = await worldIn(db.pool).device(`probe-${n}`, "env");
  rig = await startIngestRig(db.pool);
});
afterEach(() => rig.close());

const T = Date.parse("2026-03-01T08:00:00Z");
const publish = (i: number) => rig.publish(`devices/${device}/env`, { ts: T + i * 1000, celsius: i });

async function audited(action: string) {
  const { rows } = await db.pool.query<{ detail: unknown }>(
    "SELECT detail FROM audit WHERE action = $1 AND subject = $2",
    [action, rig.journal.id],
  );
  return rows.map(({ detail }) => detail);
}

interface Backup {
  segment: number;
  byte_offset: number;
  sequence: number;
}

/** The database as it was when only the first reading was known. */
async function restoreDatabase(backup: Backup[]): Promise<void> {
  const [{ segment, byte_offset, sequence } = backup[0]!] = backup;
  await db.pool.query("UPDATE cursors SET segment = $2, byte_offset = $3, sequence = $4 WHERE journal_id = $1", [
    rig.journal.id,
    segment,
    byte_offset,
    sequence,
  ]);
  await db.pool.query("DELETE FROM env_readings WHERE device_id = $1 AND celsius > 1", [device]);
  await db.pool.query(
    "UPDATE device_states SET version = version + 1, newest_ts = NULL, signal = '{\"newest\":{}}' WHERE device_id = $1",
    [device],
  );
}

async function stored(): Promise<number[]> {
  const { rows } = await db.pool.query<{ celsius: number }>(
    "SELECT celsius FROM env_readings WHERE device_id = $1 ORDER BY ts",
    [device],
  );
  return rows.map(({ celsius }) => celsius);
}

test("a database older than the journal's oldest frame: the gap is logged and recorded, the rest is processed", async () => {
  await publish(1);
  await rig.settled();
  const { rows: backup } = await db.pool.query<Backup>("SELECT * FROM cursors WHERE journal_id = $1", [rig.journal.id]);
  await publish(2);
  await publish(3);
  await rig.settled();
  // Every start opens a new segment; the one before is deleted when every cursor has passed it.
  await rig.whileStopped(async () => undefined);
  await publish(4);
  await rig.settled();
  await rig.whileStopped(async (directory) => {
    for (const file of (await readdir(directory)).filter((name) => name.includes("1.")))
      await rm(`${directory}/${file}`);
    await restoreDatabase(backup);
  });
  await publish(5);
  await rig.settled();
  expect(await stored()).toEqual([1, 4, 5]);
  expect(await audited("journal.skipped")).toEqual([{ from_frame: 2, to_frame: 3 }]);
});

test("a database that is restored to a moment ago finds the segments again that had been read since", async () => {
  await publish(1);
  await rig.settled();
  const { rows: backup } = await db.pool.query<Backup>("SELECT * FROM cursors WHERE journal_id = $1", [rig.journal.id]);
  await publish(2);
  await rig.settled();
  let journal = "";
  const segments = async () => (await readdir(journal)).filter((name) => name.endsWith(".segment"));
  for (let i = 3; i <= 5; i += 1) {
    await rig.whileStopped(async (directory) => void (journal = directory));
    await publish(i);
    await rig.settled();
  }
  // Once a second every segment that has been read leaves the journal.
  await expect.poll(segments).toEqual(["0000000004.segment"]);
  // The database is restored while ingest runs.
  await restoreDatabase(backup);
  await publish(6);
  await expect.poll(stored).toEqual([1, 2, 3, 4, 5, 6]);
  await rig.settled();
  expect(await audited("journal.skipped")).toEqual([]);
});

test("a journal older than the database is read from its oldest frame, that is recorded, and nothing is counted twice", async () => {
  await publish(1);
  await rig.settled();
  let copy = "";
  await rig.whileStopped((directory) => cp(directory, (copy = `${directory}-backup`), { recursive: true }));
  await rig.whileStopped(async () => undefined);
  await publish(2);
  await rig.settled();
  await rig.whileStopped(async (directory) => {
    await rm(directory, { recursive: true });
    await cp(copy, directory, { recursive: true });
  });
  await publish(3);
  await rig.settled();
  expect(await stored()).toEqual([1, 2, 3]);
  expect(await audited("journal.rewound")).toHaveLength(1);
  expect(await worldIn(db.pool).quality(device)).toMatchObject({ stored: 3, duplicate: 1 });
});

test("a start, a stop and a trimmed segment report no gap", async () => {
  for (let i = 1; i <= 3; i += 1) {
    await publish(i);
    await rig.settled();
    await rig.whileStopped(async () => undefined);
  }
  await publish(4);
  await rig.settled();
  expect(await stored()).toEqual([1, 2, 3, 4]);
  expect(await audited("journal.skipped")).toEqual([]);
  expect(await audited("journal.rewound")).toEqual([]);
});
