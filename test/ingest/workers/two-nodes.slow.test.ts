import { expect } from "vitest";
import { ingestTest, twoTicks } from "../../support/ingest-test.ts";
import { startIngestRig } from "../../support/ingest.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
const SECOND = 1_000;
const MINUTE = 60_000;

/** A second node on the same database, whose ingest can be stopped: its broker goes on and fills the journal. */
const test = ingestTest
  .extend("other", { scope: "file" }, async ({ db }, { onCleanup }) => {
    const other = await startIngestRig(db.pool);
    onCleanup(() => other.close());
    return other;
  })
  .extend("lagging", async ({ db, rig, other }) => {
    const journal = other.journal.id;
    return {
      /** stops the ingest of the second node, as if an hour ago, just after it heard these devices */
      async stop() {
        await expect
          .poll(async () => (await db.pool.query("SELECT FROM ingest_nodes WHERE journal_id = $1", [journal])).rowCount)
          .toBe(1);
        await other.ingest.close();
        const hourBefore = (column: string) => `${column} = ${column} - interval '1 hour'`;
        await db.pool.query(`UPDATE ingest_nodes SET ${hourBefore("received_until")} WHERE journal_id = $1`, [journal]);
        await db.pool.query(`UPDATE device_states SET ${hourBefore("last_received_at")} WHERE journal_id = $1`, [
          journal,
        ]);
        await db.pool.query(`UPDATE timers SET ${hourBefore("fires_at")}`);
        await twoTicks(rig, "timers");
      },
      start: () => other.restart(),
    };
  });

test("a tag at a reader of a node that lags behind is not gone by the clock of another node", async ({
  db,
  rig,
  other,
  lagging,
  world,
  n,
}) => {
  const vehicle = await world.vehicle(`van ${n}`);
  const reader = await world.device(`aboard-${n}`, "rfid", { vehicle_id: vehicle });
  const epc = `urn:epc:id:sgtin:0061414.0900${n}.1`;
  const read = (second: number) =>
    other.publish(`devices/${reader}/rfid`, { ts: T + second * SECOND, epc, antenna: 1, rssi: -50, count: 3 });
  /** also those that were withdrawn */
  const facts = async () =>
    (await db.pool.query("SELECT type FROM facts WHERE subject = $1 ORDER BY id", [`tag:${epc}`])).rows;
  await read(0);
  await read(1);
  await other.settled();
  expect(await facts()).toEqual([{ type: "seen" }]);
  await lagging.stop();
  expect(await facts()).toEqual([{ type: "seen" }]);
  await read(40);
  await lagging.start();
  await other.settled();
  await twoTicks(other, "timers");
  await twoTicks(rig, "timers");
  expect(await facts()).toEqual([{ type: "seen" }]);
});

test("a removal from a shelf of a node that lags behind is not reported by the clock of another node", async ({
  db,
  rig,
  other,
  lagging,
  world,
  n,
}) => {
  const shop = await world.location(`store ${n}`, "storage");
  const item = await world.item(`LAG-${n}`, 250);
  const stock = await world.stock(item, shop, "scale");
  const scale = await world.device(`scale-${n}`, "scale", { location_id: shop, item_id: item });
  const scanner = await world.device(`scanner-${n}`, "scan", { location_id: shop });
  const weigh = async (pieces: number, minute: number) => {
    await other.publish(`devices/${scale}/scale`, { ts: T + minute * MINUTE, grams: pieces * 250, stable: true });
    await other.settled();
  };
  /** also those that were withdrawn */
  const removals = async () =>
    (await db.pool.query("SELECT data FROM facts WHERE subject = $1", [`removals:${stock}`])).rows;
  await weigh(10, 0);
  await weigh(7, 10);
  await lagging.stop();
  await other.publish(`devices/${scanner}/scan`, {
    ts: T + 11 * MINUTE,
    code: `LAG-${n}`,
    action: "pick",
    quantity: 3,
  });
  await twoTicks(rig, "timers");
  expect(await removals()).toEqual([]);
  await lagging.start();
  await other.settled();
  await expect
    .poll(async () => (await db.pool.query("SELECT FROM timers WHERE rule = 'unexplained-removal'")).rowCount)
    .toBe(0);
  expect(await removals()).toEqual([]);
});

test("a reader of a node that lags behind is not silent by the clock of another node", async ({
  db,
  rig,
  other,
  lagging,
  world,
  n,
}) => {
  const shop = await world.location(`shop ${n}`, "delivery");
  const stock = await world.stock(await world.item(`RFID-${n}`), shop, "rfid");
  const reader = await world.device(`shelf-${n}`, "rfid", { location_id: shop, antennas: {} });
  await other.publish(`devices/${reader}/rfid`, { ts: T, epc: `urn:epc:id:sgtin:0061414.0900${n}.1`, count: 3 });
  await other.settled();
  await db.pool.query("UPDATE inventory_items SET quantity = 1 WHERE id = $1", [stock]);
  const silent = async () =>
    (await db.pool.query("SELECT FROM silent_readers WHERE device_id = $1", [reader])).rowCount;
  await lagging.stop();
  await twoTicks(rig, "reconciliation");
  expect(await silent()).toBe(0);
  // The node goes on, and has nothing from the reader: nothing was heard for an hour.
  await lagging.start();
  await expect.poll(silent).toBe(1);
});

test("a node that was not heard of for a day holds up nothing", async ({ db, other, lagging, world, n }) => {
  const vehicle = await world.vehicle(`van ${n}`);
  const reader = await world.device(`aboard-${n}`, "rfid", { vehicle_id: vehicle });
  const epc = `urn:epc:id:sgtin:0061414.0900${n}.1`;
  await other.publish(`devices/${reader}/rfid`, { ts: T, epc, count: 3 });
  await other.settled();
  await lagging.stop();
  await db.pool.query("UPDATE ingest_nodes SET seen_at = seen_at - interval '25 hours' WHERE journal_id = $1", [
    other.journal.id,
  ]);
  const gone = async () =>
    (await db.pool.query("SELECT FROM facts WHERE subject = $1 AND type = 'gone'", [`tag:${epc}`])).rowCount;
  await expect.poll(gone).toBe(1);
  // It comes back after all, and is heard again.
  await lagging.start();
  await twoTicks(other, "timers");
});
