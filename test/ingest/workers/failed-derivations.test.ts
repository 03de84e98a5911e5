import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { InfluxError } from "../../../infra/influx/connection.ts";
import { wouldFailAgain } from "../../../ingest/pipeline/poison-message.ts";
import { dropExpiredDays } from "../../../ingest/reprocessing/retention.ts";
import { openDeviceRegistry } from "../../../ingest/stores/caches/device-registry.ts";
import { loadLateSignals } from "../../../ingest/stores/queries/late-windows.ts";
import { openTagStates } from "../../../ingest/stores/caches/tag-states.ts";
import { readingsInPostgres } from "../../../ingest/stores/queries/stored-readings.ts";
import type { Stores } from "../../../ingest/pipeline/process-batch.ts";
import { NotYetStored } from "../../../ingest/stores/influx/stored-readings.ts";
import { startLateDataWorker } from "../../../ingest/workers/late-data-worker.ts";
import { quiet } from "../../support/ingest.ts";
import { ingestApiTest } from "../../support/ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
const HOUR_MS = 3_600_000;

/** A shelf scale with readings of an hour, whose recorded state no rule can read. */
const test = ingestApiTest
  .extend("db", ({ api }) => api.db.pool)
  .extend("scale", async ({ api, rig, world, n }) => {
    const { pool } = api.db;
    const item = await world.item(`bolts-${n}`, 100);
    const location = await world.location(`shelf-${n}`, "storage");
    const scale = await world.device(`scale-${n}`, "scale", { location_id: location, item_id: item, tare_grams: 0 });
    const send = (ts: number) => rig.publish(`devices/${scale}/scale`, { ts, grams: 500 }, ts + 500);
    for (let minute = 0; minute < 130; minute += 1) await send(T + minute * 60_000);
    await rig.settled();
    const { rowCount } = await pool.query("UPDATE signal_checkpoints SET state = '[1]' WHERE device_id = $1", [scale]);
    expect(rowCount).toBeGreaterThan(0);
    return {
      id: scale,
      pool,
      /** a late reading that must be derived from the damaged state */
      sendLate: () => send(T + HOUR_MS + 90_500),
      attempts: async () =>
        (await pool.query<{ attempts: number }>("SELECT attempts FROM late_windows WHERE device_id = $1", [scale]))
          .rows,
      /** as if the next attempt were due */
      makeDue: () => pool.query("UPDATE late_windows SET retry_at = now() WHERE device_id = $1", [scale]),
      repair: () => pool.query("DELETE FROM signal_checkpoints WHERE device_id = $1", [scale]),
    };
  });

test(
  "a late window that always fails is tried again later and later, then set aside with its reason, and can be retried",
  { timeout: 60_000 },
  async ({ api, rig, scale, manager }) => {
    await scale.sendLate();
    await expect.poll(scale.attempts).toEqual([{ attempts: 1 }]);
    const { rows: waits } = await scale.pool.query<{ s: number }>(
      "SELECT extract(epoch FROM retry_at - now())::float8 AS s FROM late_windows WHERE device_id = $1",
      [scale.id],
    );
    expect(waits[0]!.s).toBeGreaterThan(1);
    expect(waits[0]!.s).toBeLessThanOrEqual(5);
    await scale.pool.query("UPDATE late_windows SET attempts = 13, retry_at = now() WHERE device_id = $1", [scale.id]);
    await expect.poll(scale.attempts).toEqual([]);

    type Row = { id: number; reason: string; detail: string; payload_base64: string };
    const quarantined = async () => (await manager(`GET /quarantine?device_id=${scale.id}`)).body as unknown as Row[];
    const [row] = await quarantined();
    expect(row!.reason).toBe("not-derived");
    expect(row!.detail).toMatch(/^late readings are stored, but 14 attempts to derive facts from them failed: ./);
    const quality = (await manager(`GET /devices/${scale.id}/quality`)).body as { warnings: string[] };
    expect(quality.warnings[0]).toMatch(
      /^its late scale readings from 2026-03-01T09:01:30Z to 2026-03-01T09:01:30Z changed nothing/,
    );
    const setAside = async () => (await rig.ingest.status()).late.setAside;
    await expect.poll(setAside).toBe(1);

    await scale.repair();
    expect((await manager(`POST /quarantine/${row!.id}/retry`)).status).toBe(202);
    await expect.poll(quarantined).toEqual([]);
    await rig.settled();
    await expect.poll(setAside).toBe(0);
    expect((await api.db.pool.query("SELECT FROM late_windows")).rowCount).toBe(0);
  },
);

test("a late window of a journal whose node has gone for good is any node's, with a series store too", async ({
  rig,
  db,
}) => {
  const [own, gone, heard] = [rig.journal.id, randomUUID(), randomUUID()];
  await rig.whileStopped(async () => {
    await db.query("INSERT INTO ingest_nodes (journal_id, received_until) VALUES ($1, now())", [heard]);
    await db.query(
      `INSERT INTO late_windows (device_id, kind, from_ts, to_ts, journal_id, segment, byte_offset)
        SELECT name, 'scale', to_timestamp(0), to_timestamp(0), id, 900, 7
        FROM unnest(ARRAY['own', 'gone', 'heard'], $1::uuid[]) AS t (name, id)`,
      [[own, gone, heard]],
    );
    const late = await loadLateSignals(db, own, true);
    expect(late.map(({ signal, through }) => [signal.deviceId, through])).toEqual([
      ["own", { segment: 900, offset: 7 }],
      // What the other journal has not brought by now, nobody waits for.
      ["gone", undefined],
    ]);
  });
  await rig.settled();
});

test("late signals take at most half of the time while current readings come, and all of it when none do", async ({
  rig,
  db,
}) => {
  const DERIVATION_MS = 200;
  const LATE = 4;
  await rig.whileStopped(async () => {
    for (const isQuiet of [false, true]) {
      await db.query(
        `INSERT INTO late_windows (device_id, kind, from_ts, to_ts)
          SELECT 'paced-' || n, 'scale', to_timestamp(0), to_timestamp(0) FROM generate_series(1, $1::int) n`,
        [LATE],
      );
      const derivations: { began: number; ended: number }[] = [];
      // Deriving takes as long as reading the registry does, and ends as if the series store had yet to be written.
      const current = async (): Promise<never> => {
        const began = performance.now();
        await sleep(DERIVATION_MS);
        derivations.push({ began, ended: performance.now() });
        throw new NotYetStored("not yet");
      };
      const stores = { pool: db, log: quiet, registry: { current } } as unknown as Stores;
      const worker = startLateDataWorker({
        stores,
        stored: readingsInPostgres,
        journalId: randomUUID(),
        seriesCursor: undefined,
        isQuiet: () => isQuiet,
      });
      try {
        await expect.poll(() => derivations.length).toBeGreaterThanOrEqual(LATE);
      } finally {
        await worker.close();
      }
      const pauses = derivations.slice(1, LATE).map(({ began }, at) => began - derivations[at]!.ended);
      // A timer may be a millisecond early.
      if (isQuiet) expect(Math.min(...pauses)).toBeLessThan(DERIVATION_MS);
      else for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(DERIVATION_MS - 2);
      await db.query("DELETE FROM late_windows WHERE device_id LIKE 'paced-%'");
    }
  });
  await rig.settled();
});

test("what fails for its data counts; a store that is away, busy or full does not", () => {
  const withCode = (code: string) => Object.assign(new Error("from Postgres"), { code });
  const lasting = [
    new TypeError("x is undefined"),
    withCode("22P02"),
    withCode("XX000"),
    withCode("42501"),
    withCode("57014"),
  ];
  const passing = ["53100", "55P03", "57P01", "40001", "08006", "58030", "58P01"].map(withCode);
  expect(lasting.map(wouldFailAgain)).toEqual(lasting.map(() => true));
  expect(passing.map(wouldFailAgain)).toEqual(passing.map(() => false));
  const store = (status: number | undefined) => new InfluxError(status, "from InfluxDB");
  expect([200, 400, 401, 503, undefined].map((status) => wouldFailAgain(store(status)))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  const connection = [
    Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }),
    new Error("Connection terminated"),
  ];
  expect(connection.map(wouldFailAgain)).toEqual([false, false]);
});

test("retention goes on around days with late windows, and says why it keeps them", async ({ db, rig }) => {
  // The cleanup of a running ingest would delete the day first.
  await rig.whileStopped(async () => {
    const days = ["2020-01-01", "2020-01-05", "2020-01-06"];
    await db.query("INSERT INTO reading_days (day, last_received_at) SELECT unnest($1::date[]), '2020-02-01'", [days]);
    // Its node is heard, so that it waits for that.
    await db.query(`WITH node AS (INSERT INTO ingest_nodes (journal_id, received_until) VALUES (gen_random_uuid(), now()) RETURNING journal_id)
      INSERT INTO late_windows (device_id, kind, from_ts, to_ts, journal_id, retry_at)
        SELECT 'd', 'scale', '2020-01-05 12:00Z', '2020-01-05 12:00Z', journal_id, now() + interval '1 day' FROM node`);
    const registry = await openDeviceRegistry(db);
    const options = {
      stores: { pool: db, registry, tagStates: openTagStates(db), log: quiet },
      stored: readingsInPostgres,
      influx: undefined,
    };
    const reason = "late readings wait to be derived";
    expect(await dropExpiredDays(options, Date.parse("2020-03-03T00:00:00Z"))).toEqual({
      deleted: ["2020-01-01"],
      kept: [
        { day: "2020-01-05", reason },
        { day: "2020-01-06", reason },
      ],
    });
    await db.query("DELETE FROM late_windows");
    await registry.close();
  });
});
