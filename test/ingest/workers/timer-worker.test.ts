import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { withCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { type IngestRig, startIngestRig } from "../../support/ingest.ts";
import { twoTicks } from "../../support/ingest-test.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";
import { worldIn } from "../../support/world.ts";

let db: TestDatabase;
let rig: IngestRig;
let other: IngestRig;
let world: ReturnType<typeof worldIn>;
let n = 0;

beforeAll(async () => {
  db = await createDatabase();
  world = worldIn(db.pool);
  rig = await startIngestRig(db.pool);
  // A second node: only one of the two claims each timer.
  other = await startIngestRig(db.pool);
});
afterAll(async () => {
  await rig.close();
  await other.close();
  await db.drop();
});
beforeEach(() => (n += 1));

const T = Date.parse("2026-03-01T08:00:00Z");
const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

/** A shelf with a reader and a tagged unit; the stock is counted by its tags. */
async function shelfWithTag() {
  const shop = await world.location(`shop ${n}`, "delivery");
  const item = await world.item(`DUE-${n}`);
  const reference = String(20_000 + n);
  await db.pool.query("UPDATE items SET gtin = $2 WHERE id = $1", [item, withCheckDigit(`0061414${reference}`)]);
  const stock = await world.stock(item, shop, "rfid");
  const reader = await world.device(`reader-${n}`, "rfid", { location_id: shop, antennas: {} });
  const tag = `urn:epc:id:sgtin:0061414.0${reference}.1`;
  /** reads at these seconds; @param ageMs how long ago the last of them was received */
  const read = async (seconds: number[], ageMs: number) => {
    const receivedAt = (second: number) => Date.now() - ageMs - (seconds.at(-1)! - second) * SECOND;
    for (const second of seconds) {
      await rig.publish(`devices/${reader}/rfid`, { ts: T + second * SECOND, epc: tag, count: 3 }, receivedAt(second));
    }
    await rig.settled();
  };
  /** the reader reports that it is there, or not, at this second of its own clock */
  const report = async (second: number, state: "online" | "offline") => {
    await rig.publish(`devices/${reader}/status`, { ts: T + second * SECOND, state });
    await rig.settled();
  };
  /** the reader reads another tag every 20 seconds from one second to another */
  const readOther = async (from: number, to: number) => {
    const seconds = Array.from({ length: (to - from) / 20 + 1 }, (_, i) => from + 20 * i);
    await rig.publish(
      `devices/${reader}/rfid`,
      seconds.map((second) => ({ ts: T + second * SECOND, epc: "E2801170000002AB" })),
    );
    await rig.settled();
  };
  const facts = async () => {
    const { rows } = await db.pool.query(
      `SELECT type, (extract(epoch FROM at) * 1000 - $2)::int / 1000 AS second FROM facts
       WHERE subject = $1 AND withdrawn_at IS NULL ORDER BY at, id`,
      [`tag:${tag}`, T],
    );
    return rows.map(({ type, second }) => `${type} ${second}`);
  };
  const level = async () =>
    (await db.pool.query("SELECT quantity FROM inventory_items WHERE id = $1", [stock])).rows[0].quantity;
  const counts = async () => {
    const { rows } = await db.pool.query(
      "SELECT (data ->> 'quantity')::int AS quantity FROM facts WHERE subject = $1 AND withdrawn_at IS NULL ORDER BY at",
      [`stock:${stock}`],
    );
    return rows.map(({ quantity }) => quantity);
  };
  /** when the tag's timer fires, milliseconds from now; undefined: there is none */
  const timerFiresIn = async () => {
    const { rows } = await db.pool.query("SELECT fires_at AS at FROM timers WHERE subject = $1", [`${reader} ${tag}`]);
    return rows[0] && rows[0].at.getTime() - Date.now();
  };
  /** as if so much time had passed */
  const advanceClock = async (ms: number) => {
    await db.pool.query(
      "UPDATE device_states SET last_received_at = last_received_at - $2 * interval '1 ms' WHERE device_id = $1",
      [reader, ms],
    );
    await db.pool.query("UPDATE timers SET fires_at = fires_at - $2 * interval '1 ms' WHERE subject = $1", [
      `${reader} ${tag}`,
      ms,
    ]);
  };
  return { read, readOther, report, facts, level, counts, timerFiresIn, advanceClock };
}

test(
  "a tag that is no longer read is gone, at the time its silence became too long, when its reader still reads another",
  { timeout: 60_000 },
  async () => {
    const { read, readOther, facts, level, counts, timerFiresIn } = await shelfWithTag();
    await readOther(0, 80);
    await read([0, 1], HOUR);
    await expect.poll(level).toBe(0);
    expect(await facts()).toEqual(["seen 0", "gone 61"]);
    expect(await counts()).toEqual([1, 0]);
    expect(await timerFiresIn()).toBeUndefined();
  },
);

test("a short silence reports nothing; a restart keeps the timer, which reports the end later", async () => {
  const { read, readOther, facts, level, timerFiresIn, advanceClock } = await shelfWithTag();
  await read([0, 1], 0);
  await rig.restart();
  await rig.settled();
  await twoTicks(rig, "timers");
  expect([await level(), await facts()]).toEqual([1, ["seen 0"]]);
  expect(await timerFiresIn()).toBeGreaterThan(0);
  await readOther(0, 80);
  await advanceClock(61 * SECOND);
  await expect.poll(facts).toEqual(["seen 0", "gone 61"]);
  expect(await level()).toBe(0);
});

test(
  "a read that arrives late withdraws the end of the dwell, in whatever order both become known",
  { timeout: 90_000 },
  async () => {
    const { read, readOther, facts, level, counts } = await shelfWithTag();
    await readOther(0, 80);
    await read([0, 1], HOUR);
    await expect.poll(level).toBe(0);
    await read([40], 0);
    expect([await facts(), await level(), await counts()]).toEqual([["seen 0"], 1, [1]]);
    await readOther(80, 400);
    await readOther(4000, 4200);
    await read([4000, 4001, 4002], HOUR);
    await expect.poll(level).toBe(0);
    // A delayed read from before the first end: the late data worker derives the signal again.
    await read([90], HOUR);
    n += 1;
    const inOrder = await shelfWithTag();
    await inOrder.readOther(0, 400);
    await inOrder.readOther(4000, 4200);
    await inOrder.read([0, 1, 40, 90], HOUR);
    await inOrder.read([4000, 4001, 4002], HOUR);
    await expect.poll(inOrder.level).toBe(0);
    expect((await inOrder.facts()).map((fact) => fact.split(" ")[0])).toEqual(["seen", "gone", "seen", "gone"]);
    await expect.poll(facts).toEqual(await inOrder.facts());
    expect([await level(), await counts()]).toEqual([0, [1, 0, 1, 0]]);
  },
);

test("a reported end is not reported again by the tag's next read", { timeout: 60_000 }, async () => {
  const { read, readOther, facts, counts } = await shelfWithTag();
  await readOther(0, 80);
  await read([0], HOUR);
  await expect.poll(facts).toEqual(["seen 0", "gone 60"]);
  await read([500], 0);
  expect([await facts(), await counts()]).toEqual([
    ["seen 0", "gone 60", "seen 500"],
    [1, 0, 1],
  ]);
});

test(
  "a reader that falls silent empties no shelf; it does when it has read others for a whole timeout",
  { timeout: 60_000 },
  async () => {
    const { read, readOther, facts, level, timerFiresIn, advanceClock } = await shelfWithTag();
    await read([0, 10, 20], HOUR);
    // The timer is postponed again and again.
    await expect.poll(timerFiresIn).toBeGreaterThan(0);
    await readOther(600, 640);
    await advanceClock(MINUTE);
    await twoTicks(rig, "timers");
    expect(await level()).toBe(1);
    await readOther(640, 700);
    await advanceClock(MINUTE);
    await expect.poll(level).toBe(0);
    expect((await facts()).at(-1)).toBe("gone 670");
  },
);

test("a reader that says it is offline for ten minutes empties no shelf", { timeout: 60_000 }, async () => {
  const { read, report, level, counts, timerFiresIn, advanceClock } = await shelfWithTag();
  await read([0, 10, 20], HOUR);
  await report(60, "offline");
  await report(620, "online");
  await expect.poll(timerFiresIn).toBeGreaterThan(0);
  await advanceClock(MINUTE);
  await twoTicks(rig, "timers");
  await read([622, 630], HOUR);
  expect([await level(), await counts()]).toEqual([1, [1]]);
});

test("heartbeats prove a reader that has nothing to read", { timeout: 60_000 }, async () => {
  const { read, report, facts } = await shelfWithTag();
  for (const second of [50, 100, 150]) await report(second, "online");
  await read([0, 1], HOUR);
  await expect.poll(facts).toEqual(["seen 0", "gone 61"]);
});
