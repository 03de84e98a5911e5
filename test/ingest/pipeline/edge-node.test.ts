import { afterAll, beforeAll, expect, test } from "vitest";
import { type IngestRig, startIngestRig } from "../../support/ingest.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";
import { encodeSparkplug } from "../../support/sparkplug-sender.ts";
import { worldIn } from "../../support/world.ts";

let db: TestDatabase;
let rig: IngestRig;

beforeAll(async () => {
  db = await createDatabase();
  rig = await startIngestRig(db.pool);
});
afterAll(async () => {
  await rig.close();
  await db.drop();
});

const T = Date.parse("2026-05-04T06:00:00Z");
const FLOAT = 9;

/** What the edge node publishes; only its aliases are named after a birth. */
function say(type: string, behind: string, metrics: readonly object[], seq: number): Promise<void> {
  const payload = encodeSparkplug({ timestamp: T + seq, seq, metrics });
  const message = { receivedAt: T + 1_000, clientId: "edge", topic: `spBv1.0/plant/${type}/edge/${behind}`, payload };
  return new Promise((resolve, reject) => rig.journal.append(message, (error) => (error ? reject(error) : resolve())));
}

async function stored(): Promise<string[]> {
  const { rows } = await db.pool.query<{ row: string }>(
    `SELECT device_id || ' ' || celsius AS row FROM env_readings ORDER BY ts`,
  );
  return rows.map(({ row }) => row);
}

test("an edge node's readings are those of the devices behind it that are registered to speak so", async () => {
  const world = worldIn(db.pool);
  await world.device("edge", "gateway", null, "sparkplug-b");
  await world.device("probe", "env", null, "sparkplug-b");
  await world.device("other", "env");
  const born = { name: "temperature", alias: 7, datatype: FLOAT, floatValue: 4.5 };
  await say("DBIRTH", "probe", [born], 1);
  await say("DDATA", "probe", [{ alias: 7, floatValue: 5 }], 2);
  // Not registered at all; and one that speaks for itself, in whose name nobody else may.
  await say("DDATA", "unknown", [{ name: "temperature", datatype: FLOAT, floatValue: 6 }], 3);
  await say("DDATA", "other", [{ name: "temperature", datatype: FLOAT, floatValue: 7 }], 4);
  await rig.settled();
  expect(await stored()).toEqual(["probe 4.5", "probe 5", "edge 6", "edge 7"]);
  expect(await world.quality("probe")).toMatchObject({ received: 2, stored: 2, quarantined: 0 });
  expect(await world.quality("edge")).toMatchObject({ received: 2, stored: 2, quarantined: 0 });
  await rig.restart();
  await say("DDATA", "probe", [{ alias: 7, floatValue: 5.5 }], 5);
  await rig.settled();
  expect((await stored()).at(-1)).toBe("probe 5.5");
});
