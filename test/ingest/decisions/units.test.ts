import { gatePass } from "../../support/gate-pass.ts";
import { expect } from "vitest";
import { withCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { ingestTest } from "../../support/ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");

const test = ingestTest.extend("placesWithTags", ({ db, rig, world, n }) => {
  /** A warehouse and a shop with a gate each, and an item whose units carry tags; its GTIN is printed with 13 digits. */
  return async (source: string) => {
    const store = await world.location("warehouse", "storage");
    const shop = await world.location("shop", "delivery");
    const item = await world.item(`SKU-${n}`);
    const reference = String(10_000 + n);
    const gtin13 = withCheckDigit(`0061414${reference}`);
    await db.pool.query("UPDATE items SET gtin = $2 WHERE id = $1", [item, gtin13]);
    const [atStore, atShop] = [await world.stock(item, store, source), await world.stock(item, shop, source)];
    const antennas = { 1: "outside", 2: "inside" };
    for (const place of [store, shop]) await world.device(`gate-${place}`, "rfid", { location_id: place, antennas });
    await world.device(`shelf-${shop}`, "rfid", { location_id: shop, antennas: {} });
    const tag = (serial: number) => `urn:epc:id:sgtin:0061414.0${reference}.${serial}`;
    /** the reads while a unit is carried through a gate, in or out, within a second */
    const pass = (place: number, serial: number, second: number, way: "in" | "out") =>
      gatePass(T + second * 1000, tag(serial), way === "in" ? [1, 2] : [2, 1]).map((reading) => ({
        topic: `devices/gate-${place}/rfid`,
        reading,
      }));
    const publish = async (reads: { topic: string; reading: object }[]) => {
      for (const { topic, reading } of reads) await rig.publish(topic, reading);
      await rig.settled();
    };
    const level = async (stock: number) =>
      (await db.pool.query("SELECT quantity FROM inventory_items WHERE id = $1", [stock])).rows[0].quantity;
    const counts = async (stock: number) => {
      const { rows } = await db.pool.query(
        "SELECT (data ->> 'quantity')::int AS quantity FROM facts WHERE subject = $1 AND withdrawn_at IS NULL ORDER BY at, key",
        [`stock:${stock}`],
      );
      return rows.map(({ quantity }) => quantity);
    };
    return { store, shop, atStore, atShop, tag, pass, publish, level, counts };
  };
});

test("tagged units are counted where they arrive, and no longer where they left", async ({ placesWithTags }) => {
  const { store, shop, atStore, atShop, pass, publish, level, counts } = await placesWithTags("rfid");
  await publish([...pass(store, 1, 0, "in"), ...pass(store, 2, 10, "in"), ...pass(store, 3, 20, "in")]);
  expect(await level(atStore)).toBe(3);
  await publish(pass(store, 2, 60, "out"));
  expect([await level(atStore), await level(atShop)]).toEqual([2, 0]);
  await publish(pass(shop, 2, 120, "in"));
  // No gate saw it leave the warehouse: it is where it was seen last.
  await publish(pass(shop, 3, 130, "in"));
  expect([await level(atStore), await level(atShop)]).toEqual([1, 2]);
  expect([await counts(atStore), await counts(atShop)]).toEqual([
    [1, 2, 3, 2, 1],
    [1, 2],
  ]);
});

test("in whatever order reads arrive, each count holds at its own time", async ({ placesWithTags }) => {
  const { store, atStore, pass, publish, level, counts } = await placesWithTags("rfid");
  await publish(pass(store, 1, 0, "in"));
  await publish(pass(store, 2, 100, "in"));
  // Late reads of a tag that is not known yet, from another reader that was offline.
  await publish(pass(store, 3, 50, "in"));
  await expect.poll(() => counts(atStore)).toEqual([1, 2, 3]);
  await publish(pass(store, 1, 70, "out"));
  await expect.poll(() => counts(atStore)).toEqual([1, 2, 1, 2]);
  expect(await level(atStore)).toBe(2);
  await publish(pass(store, 1, 0, "in"));
  expect(await counts(atStore)).toEqual([1, 2, 1, 2]);
});

test("a unit that a shelf reader no longer reads is gone; one that a portal no longer reads is where it went", async ({
  placesWithTags,
  db,
}) => {
  const { shop, atShop, tag, pass, publish, level } = await placesWithTags("rfid");
  const lies = (serial: number, second: number) => ({
    topic: `devices/shelf-${shop}/rfid`,
    reading: { ts: T + second * 1000, epc: tag(serial) },
  });
  await publish([...pass(shop, 1, 0, "in"), lies(2, 0), lies(2, 1), lies(2, 2)]);
  expect(await level(atShop)).toBe(2);
  // The reader proves itself: it still reads a tag of something else. From now on the unit may be found gone at any moment.
  const others = [0, 30, 60, 90].map((second) => ({
    topic: `devices/shelf-${shop}/rfid`,
    reading: { ts: T + second * 1000, epc: "E2801170000002AD" },
  }));
  await publish(others);
  // The next read of each, an hour later, shows how long it was not read.
  await publish([...pass(shop, 1, 3600, "out").slice(0, 1), lies(2, 3600)]);
  const { rows } = await db.pool.query(
    "SELECT (data ->> 'quantity')::int AS quantity FROM facts WHERE subject = $1 AND withdrawn_at IS NULL ORDER BY at, key",
    [`stock:${atShop}`],
  );
  expect(rows.map(({ quantity }) => quantity)).toEqual([1, 2, 1]);
});

test("where the ledger governs, tags are only compared", async ({ placesWithTags }) => {
  const { store, atStore, pass, publish, level, counts } = await placesWithTags("ledger");
  await publish(pass(store, 1, 0, "in"));
  expect([await level(atStore), await counts(atStore)]).toEqual([0, [1]]);
});

test("tags of items without a stock position are still recorded", async ({ placesWithTags, db }) => {
  const { store, pass, publish } = await placesWithTags("rfid");
  const epc = "urn:epc:id:sgtin:0614141.999999.1";
  await publish(pass(store, 1, 0, "in").map(({ topic, reading }) => ({ topic, reading: { ...reading, epc } })));
  const { rows } = await db.pool.query(
    "SELECT type FROM facts WHERE subject = 'tag:urn:epc:id:sgtin:0614141.999999.1'",
  );
  expect(rows).toEqual([{ type: "seen" }]);
});
