import { expect } from "vitest";
import { dropExpiredDays } from "../../../ingest/reprocessing/retention.ts";
import { openDeviceRegistry } from "../../../ingest/stores/caches/device-registry.ts";
import { openTagStates } from "../../../ingest/stores/caches/tag-states.ts";
import { readingsInPostgres } from "../../../ingest/stores/queries/stored-readings.ts";
import { quiet } from "../../support/ingest.ts";
import { ingestTest } from "../../support/ingest-test.ts";

const DAY_MS = 86_400_000;
const dayOf = (ts: number) => new Date(ts).toISOString().slice(0, 10);

const test = ingestTest
  .extend("probe", ({ world, n }) => world.device(`probe-${n}`, "env"))
  .extend("partitions", ({ db }) => async (day: string) => {
    const { rows } = await db.pool.query<{ missing: string[]; found: string[] }>(
      `SELECT coalesce(array_agg(name) FILTER (WHERE to_regclass(name) IS NULL), '{}') AS missing,
          coalesce(array_agg(name) FILTER (WHERE to_regclass(name) IS NOT NULL), '{}') AS found
        FROM (SELECT unnest(reading_tables()) || '_' || to_char($1::date, 'YYYYMMDD') AS name) AS t`,
      [day],
    );
    return rows[0]!;
  })
  /** a query over all days that goes on and on */
  .extend("reader", async ({ db }, { onCleanup }) => {
    const client = await db.pool.connect();
    onCleanup(() => client.release());
    return {
      async begin() {
        await client.query("BEGIN");
        await client.query("SELECT count(*) FROM env_readings, status_reports");
      },
      end: () => client.query("COMMIT"),
    };
  });

test("the partitions of tomorrow exist all day long", async ({ rig, partitions }) => {
  expect(rig.ingest.ticks().state).toBeGreaterThanOrEqual(0);
  await expect.poll(async () => (await partitions(dayOf(Date.now() + DAY_MS))).missing).toEqual([]);
});

test(
  "a query that goes on for long keeps no reading of a new day from being stored; its partitions follow",
  { timeout: 30_000 },
  async ({ db, rig, probe, partitions, reader }) => {
    const ts = Date.now() - 20 * DAY_MS;
    const day = dayOf(ts);
    const at = async () =>
      (await db.pool.query("SELECT tableoid::regclass::text AS at FROM env_readings WHERE device_id = $1", [probe]))
        .rows;
    await reader.begin();
    await rig.publish(`devices/${probe}/env`, { ts, celsius: 4 });
    await rig.settled();
    expect(await at()).toEqual([{ at: "env_readings_default" }]);
    expect((await partitions(day)).found).toEqual([]);
    await reader.end();
    // As if the worker's next look were now.
    await rig.restart();
    await expect.poll(at).toEqual([{ at: `env_readings_${day.replaceAll("-", "")}` }]);
    expect((await partitions(day)).missing).toEqual([]);
  },
);

test("a day that a long query reads is kept until that ends, and readings are stored meanwhile", async ({
  db,
  rig,
  probe,
  reader,
  partitions,
}) => {
  const ts = Date.now() - 50 * DAY_MS;
  const day = dayOf(ts);
  await rig.publish(`devices/${probe}/env`, { ts, celsius: 4 });
  await rig.settled();
  await db.pool.query("UPDATE reading_days SET last_received_at = now() - interval '40 days' WHERE day = $1", [day]);
  const registry = await openDeviceRegistry(db.pool);
  const options = {
    stores: { pool: db.pool, registry, tagStates: openTagStates(db.pool), log: quiet },
    stored: readingsInPostgres,
    influx: undefined,
  };
  const drop = () => dropExpiredDays(options, Date.now() - 30 * DAY_MS);
  await reader.begin();
  const [result] = await Promise.all([drop(), rig.publish(`devices/${probe}/env`, { ts: Date.now(), celsius: 5 })]);
  expect(result).toEqual({ deleted: [], kept: [{ day, reason: "a long query reads them" }] });
  await rig.settled();
  expect((await partitions(day)).missing).toEqual([]);
  await reader.end();
  expect((await drop()).deleted).toEqual([day]);
  await registry.close();
});
