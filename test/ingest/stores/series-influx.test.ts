import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectInflux, type InfluxConnection } from "../../../infra/influx/connection.ts";
import { findInfluxd, type Influxd, startInfluxd } from "../../../infra/influx/influxd.ts";
import { type IngestRig, quiet, startIngestRig } from "../../support/ingest.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";
import { encodeSparkplug } from "../../support/sparkplug-sender.ts";
import { requires } from "../../support/requires.ts";
import { worldIn } from "../../support/world.ts";

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

  test("reports its version and stores readings, two of one millisecond as two points", async () => {
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

  test("keeps the first of an identity, also where the first reading after a restart is an older one", async () => {
    const id = await world.device("probe-2b", "env");
    const publishAt = async (at: number, celsius: number) => {
      await rig.publish(`devices/${id}/env`, { ts: T + at, celsius });
      await rig.settled();
    };
    for (const at of [0, 10_000, 20_000]) await publishAt(at, at / 1000);
    await rig.restart();
    await publishAt(5_000, 5);
    await publishAt(20_000, 99);
    await publishAt(30_000, 30);
    expect((await points(id)).map(([ts, celsius]) => [Number(ts) - T, celsius])).toEqual(
      [0, 5, 10, 20, 30].map((s) => [s * 1000, s]),
    );
  });

  test("decodes a format whose messages need earlier ones, in separate batches and across a restart", async () => {
    const id = await world.device("edge-1", "gateway", null, "sparkplug-b");
    const publish = (type: string, message: Record<string, unknown>) =>
      new Promise<void>((resolve, reject) => {
        const topic = `spBv1.0/plant/${type}/${id}`;
        rig.journal.append(
          { receivedAt: Date.now(), clientId: id, topic, payload: encodeSparkplug(message) },
          (error) => (error ? reject(error) : resolve()),
        );
      });
    const value = { alias: 7, doubleValue: 5.25 };
    const metrics = [
      { name: "bdSeq", datatype: 8, longValue: 1 },
      { ...value, name: "Cold Room/Temperature", datatype: 10 },
    ];
    await publish("NBIRTH", { timestamp: T, seq: 0, metrics });
    await rig.settled();
    await publish("NDATA", { timestamp: T + 1000, seq: 1, metrics: [value] });
    await rig.settled();
    await rig.restart();
    await publish("NDATA", { timestamp: T + 2000, seq: 2, metrics: [value] });
    await rig.settled();
    expect((await points(id)).map(([ts, celsius]) => [ts, celsius])).toEqual([
      [T, 5.25],
      [T + 1000, 5.25],
      [T + 2000, 5.25],
    ]);
  });

  test("a reading that InfluxDB rejects waits in quarantine with the error text, the others are stored, until a retry succeeds", async () => {
    const id = await world.device("probe-3", "env");
    const may = Date.parse("2026-05-01T08:00:00Z");
    // Another program has made `celsius` a text in that week's shard.
    await influx.write([`readings,device=other,kind=env celsius="warm" ${may}000000`]);
    const readings = Array.from({ length: 500 }, (_, i) => ({
      ts: i === 321 ? may : T + i * 1000,
      seq: i,
      celsius: i,
    }));
    await rig.publish(`devices/${id}/env`, readings);
    await rig.publish(`devices/${id}/env`, readings[321]);
    await rig.settled();
    const quarantined = async () =>
      (
        await db.pool.query<{ id: number; reason: string; detail: string; payload: Buffer; waits: boolean }>(
          "SELECT id, reason, detail, payload, retry_requested_at IS NOT NULL AS waits FROM quarantine WHERE device_id = $1",
          [id],
        )
      ).rows;
    await expect.poll(async () => (await quarantined()).length).toBe(1);
    const [row] = await quarantined();
    expect(row).toMatchObject({
      reason: "refused-by-series-store",
      detail: expect.stringContaining("field type conflict"),
    });
    expect(JSON.parse(row!.payload.toString())).toEqual(readings[321]);
    const others = readings.flatMap(({ ts, celsius, seq }) => (seq === 321 ? [] : [[ts, celsius, seq]]));
    expect(await points(id)).toEqual(others);
    expect(await world.quality(id)).toMatchObject({ received: 501, stored: 499, duplicate: 1, quarantined: 1 });

    const retry = () => db.pool.query("UPDATE quarantine SET retry_requested_at = now() WHERE id = $1", [row!.id]);
    await retry();
    // InfluxDB rejects it again: the row stays, and the retry request is gone.
    await expect.poll(async () => (await quarantined())[0]?.waits).toBe(false);

    const shards = await influx.query("SHOW SHARDS");
    const ofMay = shards
      .flatMap(({ columns, values }) =>
        values.map((shard) => Object.fromEntries(columns.map((name, i) => [name, shard[i]]))),
      )
      .find(({ start_time, end_time }) => Date.parse(String(start_time)) <= may && may < Date.parse(String(end_time)));
    await influx.query(`DROP SHARD ${Number(ofMay!.id)}`);
    await retry();
    await expect.poll(quarantined).toEqual([]);
    expect(await points(id)).toEqual([...others, [may, 321, 321]]);
    // The next reading is counted on top.
    await rig.publish(`devices/${id}/env`, { ts: may + 1, celsius: 0 });
    await rig.settled();
    expect(await world.quality(id)).toMatchObject({ received: 502, stored: 501, duplicate: 1, quarantined: 0 });
  });
});
