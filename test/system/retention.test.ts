import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { connectInflux } from "../../infra/influx/connection.ts";
import { findInfluxd, startInfluxd } from "../../infra/influx/influxd.ts";
import { replay } from "../../ingest/reprocessing/replay.ts";
import { dropExpiredDays } from "../../ingest/reprocessing/retention.ts";
import { readingsInInflux } from "../../ingest/stores/influx/stored-readings.ts";
import { openDeviceRegistry } from "../../ingest/stores/caches/device-registry.ts";
import type { InfluxClient } from "../../ingest/stores/influx/influx-client.ts";
import { openTagStates } from "../../ingest/stores/caches/tag-states.ts";
import { readingsInPostgres } from "../../ingest/stores/queries/stored-readings.ts";
import { derivedState, allTimersFired } from "../support/derived-state.ts";
import { type IngestRig, quiet, startIngestRig } from "../support/ingest.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { requires } from "../support/requires.ts";
import { type DayMessage, createSampleDay } from "../support/sample-day.ts";
import { worldIn } from "../support/world.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const START = Date.parse("2026-03-01T06:00:00Z");
const influxdPath = requires("influxd");

/** Messages of a plant's devices: some hours on each of two days. */
async function twoDays(db: TestDatabase): Promise<DayMessage[]> {
  const { messages } = await createSampleDay(worldIn(db.pool), { name: 1, seed: 11, start: START, hours: 26 });
  return messages.filter(({ reading: { ts } }) => (ts - START) % DAY_MS < 2 * HOUR_MS);
}

describe.each([
  ["Postgres", false],
  ["InfluxDB", true],
])("raw readings of an expired day, series in %s", (_, inInflux) => {
  const skip = inInflux && influxdPath === undefined;
  const closing: (() => Promise<unknown>)[] = [];
  let influx: InfluxClient | undefined;
  let db: TestDatabase;
  let rig: IngestRig;
  let oracle: TestDatabase;
  let messages: DayMessage[];
  let oracleRig: IngestRig;

  beforeAll(async () => {
    if (skip) return;
    if (inInflux) {
      const folder = await mkdtemp(join(tmpdir(), "waystock-retention-"));
      closing.push(() => rm(folder, { recursive: true, force: true }));
      const influxd = await startInfluxd((await findInfluxd())!, folder, quiet);
      closing.push(() => influxd.close());
      influx = await connectInflux({ url: influxd.url, api: "auto", bucket: "waystock" });
    }
    [db, oracle] = [await createDatabase(), await createDatabase()];
    closing.push(
      () => db.drop(),
      () => oracle.drop(),
    );
    [rig, oracleRig] = [await startIngestRig(db.pool, influx), await startIngestRig(oracle.pool)];
    closing.push(
      () => rig.close(),
      () => oracleRig.close(),
    );
    messages = await twoDays(db);
    expect(await twoDays(oracle)).toEqual(messages);
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  async function publish(to: IngestRig, which: readonly DayMessage[]): Promise<void> {
    await Promise.all(which.map(({ topic, reading }) => to.publish(topic, reading, reading.ts + 1000)));
    await to.settled();
  }

  /** Everything derived, except the readings themselves and their flags. */
  async function derivedFacts({ pool }: TestDatabase): Promise<Record<string, string[]>> {
    await allTimersFired(pool);
    const { readings: _readings, quality: _quality, ...derived } = await derivedState(pool);
    return derived;
  }

  /** as if nothing had arrived for the day in forty days */
  async function expire(day: string): Promise<void> {
    await db.pool.query("UPDATE reading_days SET last_received_at = now() - interval '40 days' WHERE day = $1", [day]);
  }

  async function drop(): Promise<string[]> {
    const registry = await openDeviceRegistry(db.pool);
    const stored = influx ? readingsInInflux(influx, async () => () => true, quiet) : readingsInPostgres;
    try {
      const options = {
        stores: { pool: db.pool, registry, tagStates: openTagStates(db.pool), log: quiet },
        stored,
        influx,
      };
      return (await dropExpiredDays(options, Date.now() - 30 * DAY_MS)).deleted;
    } finally {
      await registry.close();
    }
  }

  async function readingsOn(day: string): Promise<number> {
    const { rows } = await db.pool.query<{ count: number }>(
      `SELECT count(*)::int FROM (SELECT ts FROM gps_readings UNION ALL SELECT ts FROM scale_readings UNION ALL SELECT ts FROM reading_ids
        UNION ALL SELECT ts FROM rfid_reads UNION ALL SELECT ts FROM scans UNION ALL SELECT ts FROM reading_flags) AS r
        WHERE ts >= $1::date AND ts < $1::date + 1`,
      [day],
    );
    const points = await influx?.query(
      `SELECT count("received_at") FROM "readings" WHERE time >= '${day}T00:00:00Z' AND time <= '${day}T23:59:59.999Z'`,
    );
    return rows[0]!.count + Number(points?.[0]?.values[0]?.[1] ?? 0);
  }

  test.skipIf(skip)(
    "are deleted, and readings that arrive later are derived as if they were there",
    async () => {
      const [first, second] = ["2026-03-01", "2026-03-02"];
      const isLate = (message: DayMessage, index: number) => message.reading.ts > START + DAY_MS && index % 15 === 0;
      await publish(oracleRig, messages);
      await publish(
        rig,
        messages.filter((message, index) => !isLate(message, index)),
      );
      await expire(first);
      const kept = await readingsOn(second);
      expect(await drop()).toEqual([first]);
      expect(await readingsOn(first)).toBe(0);
      expect(await readingsOn(second)).toBe(kept);

      // A restarted process, which has no cached states.
      await rig.restart();
      await publish(rig, messages.filter(isLate));
      const expected = await derivedFacts(oracle);
      expect(await derivedFacts(db)).toEqual(expected);

      const { changedFacts } = await replay({ pool: db.pool, influx, since: 0, log: quiet });
      expect(changedFacts).toBe(0);
      expect(await derivedFacts(db)).toEqual(expected);
    },
    60_000,
  );

  test.skipIf(skip)("a reading that arrives for that day is stored, and changes no fact", async () => {
    const facts = async () => (await derivedFacts(db)).facts;
    const before = await facts();
    const [truck] = messages.filter(({ topic }) => topic.endsWith("/gps"));
    await publish(rig, [{ topic: truck!.topic, reading: { ...truck!.reading, ts: START + HOUR_MS + 5, lat: 48.15 } }]);
    expect(await readingsOn("2026-03-01")).toBeGreaterThan(0);
    expect(await facts()).toEqual(before);
    expect(await drop()).toEqual([]);
    await expire("2026-03-01");
    expect(await drop()).toEqual(["2026-03-01"]);
    expect(await readingsOn("2026-03-01")).toBe(0);
  });

  test.skipIf(skip)("are deleted also for a day so long ago that it has no partitions", async () => {
    const [scale] = messages.filter(({ topic }) => topic.endsWith("/scale"));
    await publish(rig, [
      { topic: scale!.topic, reading: { ...scale!.reading, ts: Date.parse("2014-01-02T00:00:00Z") + 5 } },
    ]);
    expect(await readingsOn("2014-01-02")).toBeGreaterThan(0);
    await expire("2014-01-02");
    expect(await drop()).toEqual(["2014-01-02"]);
    expect(await readingsOn("2014-01-02")).toBe(0);
  });
});
