import { expect } from "vitest";
import { withCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { dropExpiredDays, forgetDepartedTags } from "../../../ingest/reprocessing/retention.ts";
import { openDeviceRegistry } from "../../../ingest/stores/caches/device-registry.ts";
import { openTagStates } from "../../../ingest/stores/caches/tag-states.ts";
import { deleteExpired } from "../../../ingest/stores/queries/retention/expired-rows.ts";
import { readingsInPostgres } from "../../../ingest/stores/queries/stored-readings.ts";
import { gatePass } from "../../support/gate-pass.ts";
import { quiet } from "../../support/ingest.ts";
import { ingestTest } from "../../support/ingest-test.ts";

const DAY_MS = 86_400_000;
const DAY = "2026-03-01";
const T = Date.parse(`${DAY}T08:00:00Z`);
const MINUTE = 60_000;
const DAYS_LATER = 2 * DAY_MS;

/** A store with a gate, a reader on a shelf, and an item whose tagged units are its stock. */
const test = ingestTest.extend("store", async ({ db, rig, world, n }) => {
  const place = await world.location(`store ${n}`, "storage");
  const item = await world.item(`UNIT-${n}`);
  const reference = String(30_000 + n);
  await db.pool.query("UPDATE items SET gtin = $2 WHERE id = $1", [item, withCheckDigit(`0061414${reference}`)]);
  const stock = await world.stock(item, place, "rfid");
  const antennas = { 1: "outside", 2: "inside" };
  const gate = await world.device(`gate-${n}`, "rfid", { location_id: place, antennas });
  const shelf = await world.device(`shelf-${n}`, "rfid", { location_id: place, antennas: {} });
  const registry = await openDeviceRegistry(db.pool);
  const stores = { pool: db.pool, registry, tagStates: openTagStates(db.pool), log: quiet };
  const options = { stores, stored: readingsInPostgres, influx: undefined };
  const all = async (query: string) => (await db.pool.query<{ it: unknown }>(query)).rows.map(({ it }) => it);
  const publish = async (reader: string, reads: readonly { ts: number; epc: string; antenna?: number }[]) => {
    for (const read of reads) await rig.publish(`devices/${reader}/rfid`, read, read.ts + 1000);
    await rig.settled();
    // Whether a tag has left a gate needs no proof.
    const waiting = () => all(`SELECT subject AS it FROM timers WHERE subject LIKE '${gate} %'`);
    await expect.poll(waiting).toEqual([]);
  };
  return {
    gate,
    shelf,
    options,
    publish,
    all,
    tag: (serial: number) => `urn:epc:id:sgtin:0061414.0${reference}.${serial}`,
    pass: (ts: number, epc: string, way: "in" | "out") =>
      publish(gate, gatePass(ts, epc, way === "in" ? [1, 2] : [2, 1])),
    level: () => all(`SELECT quantity AS it FROM inventory_items WHERE id = ${stock}`),
    /** keys of what is known of the stock */
    facts: (readers: string) =>
      all(`SELECT key AS it FROM facts WHERE device_id IN (${readers}) AND withdrawn_at IS NULL ORDER BY key`),
    tagsKnown: () => all(`SELECT epc AS it FROM tag_states WHERE device_id IN ('${gate}', '${shelf}') ORDER BY epc`),
    checkpoints: () =>
      all(
        `SELECT device_id || ' ' || epc AS it FROM signal_checkpoints WHERE device_id IN ('${gate}', '${shelf}') ORDER BY 1`,
      ),
    /** deletes the day as if nothing had arrived for it in forty days */
    async dropDay() {
      await db.pool.query("UPDATE reading_days SET last_received_at = now() - interval '40 days' WHERE day = $1", [
        DAY,
      ]);
      expect((await dropExpiredDays(options, Date.now() - 30 * DAY_MS)).deleted).toEqual([DAY]);
      // A restarted process, which has no cached states.
      await rig.restart();
    },
  };
});

const stranger = (index: number) => `E280117000000000${String(index).padStart(8, "0")}`;

test(
  "of tags that have gone nothing is kept but one row for each reader; one that is still there keeps its state",
  { timeout: 60_000 },
  async ({ store, db }) => {
    const { gate, shelf, publish, all, tagsKnown, checkpoints } = store;
    const three = (epc: string, ts: number) => [0, 400, 800].map((ms) => ({ ts: ts + ms, epc, antenna: 1 }));
    await publish(gate, Array.from({ length: 60 }, (_, index) => three(stranger(index), T + index * MINUTE)).flat());
    // Nothing proves that the shelf's reader was at work after the last read, so its tag is still there.
    const pallet = "E28011700000AAAA0000000A";
    await publish(
      shelf,
      Array.from({ length: 10 }, (_, index) => ({ ts: T + index * 10_000, epc: pallet })),
    );
    expect(await tagsKnown()).toHaveLength(61);
    await store.dropDay();
    expect(await tagsKnown()).toEqual([pallet]);
    expect(await checkpoints()).toEqual([`${gate} `, `${shelf} ${pallet}`]);

    // Late for the deleted day: a tag that was known, one that was not, and the one that is still there.
    const facts = () => store.facts(`'${gate}', '${shelf}'`);
    const before = await facts();
    const stored = () =>
      all(`SELECT stored AS it FROM device_states WHERE device_id IN ('${gate}', '${shelf}') ORDER BY 1`);
    const [shelfStored, gateStored] = (await stored()) as [number, number];
    await publish(gate, [...three(stranger(5), T + 30 * MINUTE), ...three(stranger(900), T + 31 * MINUTE)]);
    await publish(shelf, three(pallet, T + 15_000));
    expect(await stored()).toEqual([shelfStored + 3, gateStored + 6]);
    expect(await facts()).toEqual(before);
    expect(await tagsKnown()).toEqual([pallet]);

    // Derived again days later, what was concluded of the deleted day stays: the last pass of all ended after its last read.
    const newest = T + DAYS_LATER - 3 * 60 * MINUTE;
    for (const minute of [0, 5, 10, 2]) await publish(gate, three(stranger(59), newest + minute * MINUTE));
    expect(await facts()).toEqual(expect.arrayContaining(before));
    expect((await facts()).length).toBeGreaterThan(before.length);

    // Read again days later, each is detected as ever; what was on the shelf is gone, as its reader reads others there.
    const later = T + DAYS_LATER;
    await publish(shelf, three(stranger(5), later));
    await publish(
      shelf,
      Array.from({ length: 40 }, (_, index) => ({ ts: later + index * 30_000, epc: stranger(7) })),
    );
    // The timer of what lies on the shelf is asked again within a minute.
    await db.pool.query("UPDATE timers SET fires_at = now()");
    await expect.poll(facts).toContainEqual(expect.stringMatching(`^gone:${pallet}:${shelf}:`));
    expect(await facts()).toContainEqual(expect.stringMatching(`^seen:${stranger(5)}:${shelf}:`));
    expect(await forgetDepartedTags(store.options, 100)).toBe(1);
    expect(await tagsKnown()).toEqual([stranger(5), stranger(7), stranger(59)]);
    expect(((await checkpoints()) as string[]).filter((row) => row.endsWith(" "))).toEqual([`${gate} `, `${shelf} `]);
    expect((await db.pool.query("SELECT FROM late_windows")).rowCount).toBe(0);
  },
);

test(
  "dwells of units go with the day they ended on, and the stock stays right, also when a late read follows",
  { timeout: 60_000 },
  async ({ store, db }) => {
    const { pass, tag, level, all } = store;
    await pass(T, tag(1), "in");
    await pass(T + 5 * MINUTE, tag(2), "in");
    await pass(T + 10 * MINUTE, tag(2), "out");
    await pass(T + 15 * MINUTE, tag(3), "in");
    expect(await level()).toEqual([2]);
    await store.dropDay();
    const dwells = () =>
      all(`SELECT epc AS it FROM unit_dwells WHERE epc IN ('${tag(1)}', '${tag(2)}', '${tag(3)}') ORDER BY epc`);
    // The cleanup that begins with the restart deletes them.
    await expect.poll(dwells).toEqual([tag(1), tag(3)]);
    // Nor are versions kept that nobody can have read.
    await db.pool.query("UPDATE fold_versions SET changed_on = changed_on - 31");
    const retention = { quarantineDays: 30, auditDays: 730, rawDays: 30, rollupDays: 30 };
    expect(await deleteExpired(db.pool, "fold_versions", 1000, retention)).toBeGreaterThan(3);

    const counts = (before: number) =>
      all(`SELECT key || ' ' || data::text AS it FROM facts WHERE type = 'counted' AND at < to_timestamp(${before / 1000})
        AND withdrawn_at IS NULL ORDER BY key`);
    const ofThatDay = await counts(T + DAY_MS);
    await pass(T + DAYS_LATER, tag(2), "in");
    expect(await level()).toEqual([3]);
    await pass(T + DAYS_LATER + 10 * MINUTE, tag(1), "out");
    expect(await level()).toEqual([2]);
    // Late: it had gone in between, and come back.
    await pass(T + DAYS_LATER - MINUTE * 30, tag(3), "out");
    expect(await level()).toEqual([1]);
    await pass(T + DAYS_LATER - MINUTE * 20, tag(3), "in");
    await expect.poll(level).toEqual([2]);
    expect(await counts(T + DAY_MS)).toEqual(ofThatDay);
  },
);

test(
  "a unit that another reader turns out to have read on a deleted day counts from the end of that day on",
  { timeout: 60_000 },
  async ({ store, world, db, rig }) => {
    const { pass, tag, level, all } = store;
    await pass(T, tag(1), "in");
    await store.dropDay();
    const place = (
      await all(`SELECT (mount ->> 'location_id')::int AS it FROM device_mounts WHERE device_id = '${store.gate}'`)
    )[0];
    const offline = await world.device(`offline-${store.gate}`, "rfid", { location_id: place, antennas: {} });
    // It was offline for all that time.
    const reads = [0, 1, 2].map((second) => ({ ts: T + MINUTE + second * 1000, epc: tag(2) }));
    await rig.restart();
    await store.publish(offline, reads);
    expect(await level()).toEqual([2]);
    const { rows } = await db.pool.query<{ at: Date }>(
      "SELECT at FROM facts WHERE type = 'counted' AND withdrawn_at IS NULL AND key LIKE $1",
      [`%${tag(2)}%`],
    );
    expect(rows).toEqual([{ at: new Date(`2026-03-02T00:00:00Z`) }]);
  },
);
