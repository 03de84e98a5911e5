import type { IngestRig } from "../../support/ingest.ts";
import type pg from "pg";
import { expect } from "vitest";
import { ingestTest as test } from "../../support/ingest-test.ts";
import { encodeSparkplug } from "../../support/sparkplug-sender.ts";

const T = Date.parse("2026-05-04T06:00:00Z");
const FLOAT = 9;

/** Publishes as the edge node: after a birth it sends only aliases of metric names. */
function publish(
  rig: IngestRig,
  type: string,
  childDevice: string,
  metrics: readonly object[],
  seq: number,
): Promise<void> {
  const payload = encodeSparkplug({ timestamp: T + seq, seq, metrics });
  const message = {
    receivedAt: T + 1_000,
    clientId: "edge",
    topic: `spBv1.0/plant/${type}/edge/${childDevice}`,
    payload,
  };
  return new Promise((resolve, reject) => rig.journal.append(message, (error) => (error ? reject(error) : resolve())));
}

async function stored(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ row: string }>(
    `SELECT device_id || ' ' || celsius AS row FROM env_readings ORDER BY ts`,
  );
  return rows.map(({ row }) => row);
}

test("an edge node's readings belong to its child devices, when these are registered with its decoder", async ({
  db,
  rig,
  world,
}) => {
  await world.device("edge", "gateway", null, "sparkplug-b");
  await world.device("probe", "env", null, "sparkplug-b");
  await world.device("other", "env");
  const born = { name: "temperature", alias: 7, datatype: FLOAT, floatValue: 4.5 };
  await publish(rig, "DBIRTH", "probe", [born], 1);
  await publish(rig, "DDATA", "probe", [{ alias: 7, floatValue: 5 }], 2);
  // One is not registered; the other has a decoder of its own, so the edge node may not publish for it.
  await publish(rig, "DDATA", "unknown", [{ name: "temperature", datatype: FLOAT, floatValue: 6 }], 3);
  await publish(rig, "DDATA", "other", [{ name: "temperature", datatype: FLOAT, floatValue: 7 }], 4);
  await rig.settled();
  expect(await stored(db.pool)).toEqual(["probe 4.5", "probe 5", "edge 6", "edge 7"]);
  expect(await world.quality("probe")).toMatchObject({ received: 2, stored: 2, quarantined: 0 });
  expect(await world.quality("edge")).toMatchObject({ received: 2, stored: 2, quarantined: 0 });
  await rig.restart();
  await publish(rig, "DDATA", "probe", [{ alias: 7, floatValue: 5.5 }], 5);
  await rig.settled();
  expect((await stored(db.pool)).at(-1)).toBe("probe 5.5");
});
