import { afterAll, beforeAll, expect, test } from "vitest";
import { type IngestRig, startIngestRig } from "../../support/ingest.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";
import { worldIn } from "../../support/world.ts";

const T = Date.parse("2026-03-01T08:00:00Z");

let db: TestDatabase;
let rig: IngestRig;

beforeAll(async () => {
  db = await createDatabase();
  rig = await startIngestRig(db.pool);
});
afterAll(async () => {
  await rig?.close();
  await db?.drop();
});

test("several tags that were read in one millisecond and come late are all stored", async () => {
  const world = worldIn(db.pool);
  const id = await world.device("gate-late", "rfid");
  const epcs = ["3174257BF4499602D2000001", "3174257BF4499602D2000002", "3174257BF4499602D2000003"];
  await rig.publish(`devices/${id}/rfid`, { ts: T, epc: epcs[0] });
  await rig.settled();
  await rig.publish(
    `devices/${id}/rfid`,
    epcs.map((epc) => ({ ts: T - 60_000, epc })),
  );
  await rig.settled();
  expect(await world.quality(id)).toMatchObject({ stored: 4, late: 3, quarantined: 0 });
});
