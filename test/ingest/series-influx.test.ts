import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectInflux, type InfluxConnection } from "../../infra/influx/connection.ts";
import { findInfluxd, type Influxd, startInfluxd } from "../../infra/influxd.ts";
import { type IngestRig, quiet, startIngestRig } from "../support/ingest.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { requires } from "../support/requires.ts";
import { worldIn } from "../support/world.ts";

const influxdPath = requires("influxd");
const T = Date.parse("2026-03-01T08:00:00.123Z");

describe.skipIf(influxdPath === undefined)("series in a real InfluxDB", () => {
  let directory: string;
  let influxd: Influxd;
  let influx: InfluxConnection;
  let db: TestDatabase;
  let rig: IngestRig;
  let world: ReturnType<typeof worldIn>;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "waystock-influx-"));
    influxd = await startInfluxd((await findInfluxd())!, directory, quiet);
    influx = await connectInflux({ url: influxd.url, api: "auto", bucket: "waystock" });
    db = await createDatabase();
    world = worldIn(db.pool);
    rig = await startIngestRig(db.pool, influx);
  });
  afterAll(async () => {
    await rig?.close();
    await db?.drop();
    await influxd?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const points = async (device: string) =>
    (await influx.query(`SELECT "celsius", "seq" FROM "readings" WHERE "device" = '${device}'`)).flatMap(
      ({ values }) => values,
    );

  test("names its version and keeps readings, two of one millisecond apart", async () => {
    expect(influx.version).toMatch(/^1\./);
    const id = await world.device("probe 1".replace(" ", "-"), "env");
    const readings = [1, 2, 3].map((seq) => ({ ts: seq === 3 ? T + 1 : T, seq, celsius: seq }));
    await rig.publish(`devices/${id}/env`, readings);
    await rig.publish(`devices/${id}/env`, readings);
    await rig.settled();
    expect(await points(id)).toEqual([
      [T, 1, 1],
      [T, 2, 2],
      [T + 1, 3, 3],
    ]);
    expect(await world.quality(id)).toMatchObject({ received: 6, stored: 3, duplicate: 3 });
    expect((await db.pool.query("SELECT FROM env_readings")).rowCount).toBe(0);
  });

  test("keeps the first of an identity, also across a restart", async () => {
    const id = await world.device("probe-2", "env");
    await rig.publish(`devices/${id}/env`, { ts: T, celsius: 4 });
    await rig.settled();
    await rig.restart();
    await rig.publish(`devices/${id}/env`, { ts: T, celsius: 5 });
    await rig.publish(`devices/${id}/env`, { ts: T - 1000, celsius: 6 });
    await rig.settled();
    expect(await points(id)).toEqual([
      [T - 1000, 6, null],
      [T, 4, null],
    ]);
    expect(await world.quality(id)).toMatchObject({ received: 3, stored: 2, quarantined: 1 });
  });
});
