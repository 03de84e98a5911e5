import { expect } from "vitest";
import { withCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { ingestTest } from "../../support/ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
const GS = "\u001D";

const test = ingestTest.extend("warehouse", ({ db, rig, world, n }) => {
  /** A store with a product in stock, and a hand scanner there. */
  return async () => {
    const store = await world.location(`store ${n}`, "storage");
    const other = await world.location(`other ${n}`, "storage");
    const item = await world.item(`BOLT-${n}`);
    const gtin = withCheckDigit(`0952110${String(100_000 + n)}`);
    await db.pool.query("UPDATE items SET gtin = $2 WHERE id = $1", [item, gtin.slice(1)]);
    const stock = await world.stock(item, store);
    const scanner = await world.device(`hand-${n}`, "scan", { location_id: store });
    const second = await world.device(`hand2-${n}`, "scan", { location_id: store });
    const level = async (id = stock): Promise<number> =>
      (await db.pool.query("SELECT quantity FROM inventory_items WHERE id = $1", [id])).rows[0]?.quantity;
    const stockAt = async (location: number): Promise<number | undefined> =>
      (await db.pool.query("SELECT id FROM inventory_items WHERE item_id = $1 AND location_id = $2", [item, location]))
        .rows[0]?.id;
    const quarantined = async (device = scanner): Promise<string[]> => {
      const { rows } = await db.pool.query("SELECT reason FROM quarantine WHERE device_id = $1 ORDER BY id", [device]);
      return rows.map(({ reason }) => reason);
    };
    /** what the device was told, in order */
    const told = async (device = scanner): Promise<{ reason: string; detail: string }[]> => {
      const { rows } = await db.pool.query(
        "SELECT e AS error FROM device_messages m, jsonb_array_elements(m.payload -> 'errors') e WHERE device_id = $1 ORDER BY m.id",
        [device],
      );
      return rows.map(({ error }) => ({ reason: error.reason, detail: error.detail }));
    };
    let second_ = 0;
    const scan = async (code: string, content: object = {}, device = scanner) => {
      second_ += 1;
      await rig.publish(`devices/${device}/scan`, { ts: T + second_ * 1000, code, action: "receive", ...content });
      await rig.settled();
    };
    return {
      n,
      db,
      rig,
      world,
      store,
      other,
      item,
      gtin,
      stock,
      scanner,
      second,
      level,
      stockAt,
      quarantined,
      told,
      scan,
    };
  };
});

test("no scan is without effect and without word", async ({ warehouse }) => {
  const { n, gtin, other, scan, told, quarantined, level, world, scanner } = await warehouse();
  const wrongDigit = gtin.slice(0, -1) + String((Number(gtin.at(-1)) + 1) % 10);
  const refused: [string, object, string, RegExp][] = [
    ["WIDGET-1", {}, "unknown-code", /WIDGET-1 is no tracking number, tag, SKU or barcode/],
    [wrongDigit, {}, "bad-checksum", /wrong check digit/],
    [`(01)${gtin}(17)260431`, {}, "impossible-date", /date that does not exist/],
    [`01${gtin}21ABC17261231`, {}, "unclear-code", /cannot be told apart/],
    [`BOLT-${n}`, { location_id: 999_999 }, "unknown-location", /no location 999999/],
    [`BOLT-${n}`, { location_id: other, action: "pick" }, "not-kept-there", new RegExp(`not kept at other ${n}`)],
    [`BOLT-${n}`, { action: undefined }, "no-action", /does not say what was done/],
    [`BOLT-${n}`, { action: "count" }, "no-quantity", /needs a quantity/],
    [`BOLT-${n}`, { quantity: 0 }, "no-quantity", /above 0/],
    [`BOLT-${n}`, { action: "deliver" }, "no-effect", /is for shipments/],
  ];
  for (const [code, content] of refused) await scan(code, content);
  expect(await quarantined()).toEqual(refused.map(([, , reason]) => reason));
  const messages = await told();
  for (const [at, [, , reason, detail]] of refused.entries()) {
    expect(messages[at]).toMatchObject({ reason });
    expect(messages[at]!.detail).toMatch(detail);
  }
  expect(await level()).toBe(0);
  expect(await world.quality(scanner)).toMatchObject({
    received: refused.length,
    stored: 0,
    quarantined: refused.length,
  });
});

test("a scanner that is mounted nowhere must name the place", async ({ warehouse }) => {
  const { n, db, rig, world, scan, told, quarantined } = await warehouse();
  const loose = await world.device(`loose-${n}`, "scan");
  const shipment = await world.shipment(await world.location("plant", "production"), null, T - 3600_000);
  const { rows } = await db.pool.query("SELECT tracking_number FROM shipments WHERE id = $1", [shipment]);
  await scan(`BOLT-${n}`, {}, loose);
  await scan(rows[0].tracking_number, { action: "load" }, loose);
  expect(await quarantined(loose)).toEqual(["no-location", "no-location"]);
  expect((await told(loose))[0]!.detail).toMatch(/mounted nowhere/);
  await rig.settled();
});

test("a scan that is refused is said once, and accepted by a retry when its target exists", async ({ warehouse }) => {
  const { n, db, rig, world, store, scanner, quarantined, told } = await warehouse();
  const late = { ts: T, code: `NUT-${n}`, action: "receive", quantity: 7 };
  for (let i = 0; i < 3; i += 1) await rig.publish(`devices/${scanner}/scan`, late);
  await rig.settled();
  await rig.publish(`devices/${scanner}/scan`, [late, late]);
  await rig.settled();
  expect(await quarantined()).toEqual(["unknown-code"]);
  expect(await told()).toHaveLength(1);
  expect(await world.quality(scanner)).toMatchObject({ received: 5, stored: 0, duplicate: 4, quarantined: 1 });
  const retry = async () => {
    await db.pool.query("UPDATE quarantine SET retry_requested_at = now() WHERE device_id = $1", [scanner]);
    await expect
      .poll(async () => (await db.pool.query("SELECT FROM quarantine WHERE retry_requested_at IS NOT NULL")).rowCount, {
        timeout: 10_000,
      })
      .toBe(0);
  };
  await retry();
  expect(await quarantined()).toEqual(["unknown-code"]);
  expect(await told()).toHaveLength(1);
  const nut = await world.item(`NUT-${n}`);
  await retry();
  expect(await quarantined()).toEqual([]);
  const { rows } = await db.pool.query("SELECT location_id, quantity FROM inventory_items WHERE item_id = $1", [nut]);
  expect(rows).toEqual([{ location_id: store, quantity: 7 }]);
  expect(await world.quality(scanner)).toMatchObject({ stored: 1, quarantined: 0 });
});

test("a known product received at a new place is kept there from now on", async ({ warehouse }) => {
  const { n, other, scan, stockAt, level, quarantined } = await warehouse();
  // The pick comes first, and waits for the receipt before it.
  await scan(`BOLT-${n}`, { location_id: other, action: "pick", quantity: 2, ts: T + 500_000 });
  expect(await quarantined()).toEqual(["not-kept-there"]);
  await scan(`BOLT-${n}`, { location_id: other, quantity: 5 });
  const stock = await stockAt(other);
  expect(stock).toBeDefined();
  await expect.poll(() => level(stock), { timeout: 10_000 }).toBe(3);
  expect(await quarantined()).toEqual([]);
});

test("a serial is one piece, however often and in whatever spelling it is scanned", async ({ warehouse }) => {
  const { gtin, scan, second, level, told, quarantined } = await warehouse();
  const epc = `urn:epc:id:sgtin:${gtin.slice(1, 8)}.${gtin[0]}${gtin.slice(8, 13)}.S%2F1`;
  const spellings = [
    `(01)${gtin}(21)S/1`,
    `01${gtin}21S/1${GS}10LOT`,
    `https://id.gs1.org/01/${gtin}/21/S%2F1`,
    `https://example.com/01/${gtin.slice(1)}/21/S%2F1`,
    epc,
    epc.replace("%2F", "%2f"),
  ];
  for (const code of spellings) await scan(code);
  await scan(spellings[0]!, { quantity: 12 }, second);
  expect(await level()).toBe(1);
  const words = await told();
  expect(words.map(({ reason }) => reason)).toEqual(spellings.slice(1).map(() => "repeated-serial"));
  expect(words[0]!.detail).toMatch(/received here already, at 2026-03-01T08:00:01.000Z with hand-/);
  expect((await told(second)).map(({ reason }) => reason)).toEqual(["one-piece", "repeated-serial"]);
  await scan(`(01)${gtin}(21)S2`);
  expect(await level()).toBe(2);
  await scan(epc, { action: "pick" });
  await scan(spellings[0]!, { action: "pick" }, second);
  expect(await level()).toBe(1);
  expect((await told(second)).at(-1)!.detail).toMatch(/was picked already/);
  await scan(spellings[2]!);
  expect(await level()).toBe(2);
  expect(await quarantined()).toEqual([]);
});

test("which scan of a serial repeats another is decided by their time, not by arrival", async ({ warehouse }) => {
  const { db, rig, gtin, stock, scanner, second, other, stockAt, level, told } = await warehouse();
  const code = `(01)${gtin}(21)77`;
  const at = (minute: number, content: object) => ({ ts: T + minute * 60_000, code, ...content });
  // Received 1, picked 2, received 3, moved to the other place 4, received there again 5; the last come first.
  await rig.publish(`devices/${scanner}/scan`, at(5, { action: "receive", location_id: other }));
  await rig.publish(`devices/${second}/scan`, at(4, { action: "receive", location_id: other }));
  await rig.publish(`devices/${scanner}/scan`, at(3, { action: "receive" }));
  await rig.settled();
  const elsewhere = await stockAt(other);
  expect([await level(), await level(elsewhere)]).toEqual([0, 1]);
  await rig.publish(`devices/${second}/scan`, at(2, { action: "pick" }));
  await rig.publish(`devices/${scanner}/scan`, at(1, { action: "receive" }));
  await rig.settled();
  expect([await level(), await level(elsewhere)]).toEqual([0, 1]);
  expect((await told()).map(({ reason }) => reason)).toEqual(["repeated-serial"]);
  const { rows } = await db.pool.query(
    "SELECT subject, (data ->> 'delta')::int AS delta FROM facts WHERE type = 'adjusted' AND signal = 'serials' AND withdrawn_at IS NULL AND subject = ANY($1) ORDER BY at, key",
    [[`stock:${elsewhere}`, `stock:${stock}`]],
  );
  expect(rows.map(({ delta }) => delta).reduce((sum, delta) => sum + delta, 0)).toBe(1);
});

test("AI 30 and 37 are counts, a case is one case, and a pack counts its pieces", async ({ warehouse }) => {
  const { db, item, gtin, scan, level, told } = await warehouse();
  await scan(`(01)${gtin}(30)12`);
  expect(await level()).toBe(12);
  await scan(`01${gtin}3012${GS}10L`);
  expect(await level()).toBe(24);
  const sscc = withCheckDigit(`10614141${gtin.slice(5)}`);
  await scan(`(00)${sscc}(02)${gtin}(37)48`);
  await scan(`00${sscc}02${gtin}3748`);
  expect(await level()).toBe(72);
  expect((await told()).map(({ reason }) => reason)).toEqual(["repeated-serial"]);
  await scan(`(02)${gtin}(37)6`);
  expect(await level()).toBe(78);
  const pack = withCheckDigit(`1${gtin.slice(1, 13)}`);
  await db.pool.query("UPDATE items SET packs = $2 WHERE id = $1", [
    item,
    JSON.stringify([{ unit: "carton", quantity: 10, gtin: pack }]),
  ]);
  await scan(pack);
  await scan(pack, { quantity: 3 });
  expect(await level()).toBe(91);
});

test("more picked than is there is said to the scanner and opens a count, until the receipt comes", async ({
  warehouse,
}) => {
  const { n, db, stock, scan, level, told } = await warehouse();
  await scan(`BOLT-${n}`, { quantity: 3 });
  await scan(`BOLT-${n}`, { action: "pick", quantity: 5 });
  expect(await told()).toEqual([{ reason: "more-than-there", detail: expect.stringContaining("2 too many") }]);
  const counts = async () =>
    (await db.pool.query("SELECT state, reason FROM cycle_counts WHERE inventory_item_id = $1", [stock])).rows;
  await expect.poll(counts, { timeout: 10_000 }).toEqual([{ state: "open", reason: "overdrawn" }]);
  // The receipt was scanned before, and arrives late.
  await scan(`BOLT-${n}`, { quantity: 10, ts: T });
  expect(await level()).toBe(8);
  await expect.poll(counts, { timeout: 10_000 }).toEqual([{ state: "agreed", reason: "overdrawn" }]);
});

test("a code without separators is said to be doubtful", async ({ warehouse }) => {
  const { gtin, scan, level, told } = await warehouse();
  await scan(`01${gtin}10LOT121S1`);
  expect(await level()).toBe(1);
  expect(await told()).toEqual([{ reason: "unclear-code", detail: expect.stringContaining("(10)LOT1 and (21)S1") }]);
});

test("a scanner on a vehicle scans stock where the vehicle is", async ({ warehouse }) => {
  const { n, rig, world, item, quarantined, level, told } = await warehouse();
  const fence = { lat: 48 + n, lon: 11, radius_m: 150 };
  const yard = await world.location("yard", "storage", fence);
  const stock = await world.stock(item, yard);
  const van = await world.vehicle("van");
  const tracker = await world.device(`tracker-${n}`, "gps", { vehicle_id: van });
  const scanner = await world.device(`driver-${n}`, "scan", { vehicle_id: van });
  const drive = async (from: number, to: number, offset: number) => {
    const fixes = [];
    for (let s = from; s < to; s += 10)
      fixes.push({ ts: T + s * 1000, lat: fence.lat + offset, lon: 11, accuracy: 5, speed: 0 });
    await rig.publish(`devices/${tracker}/gps`, fixes);
  };
  // The scan comes before the positions that tell where it was.
  await rig.publish(`devices/${scanner}/scan`, { ts: T + 700_000, code: `BOLT-${n}`, action: "receive", quantity: 4 });
  await rig.settled();
  expect(await quarantined(scanner)).toEqual(["no-location"]);
  expect((await told(scanner))[0]!.detail).toMatch(/vehicle was in no known place/);
  await drive(0, 300, 0.1);
  await drive(600, 900, 0);
  await rig.settled();
  await expect.poll(() => level(stock), { timeout: 10_000 }).toBe(4);
  await rig.publish(`devices/${scanner}/scan`, { ts: T + 800_000, code: `BOLT-${n}`, action: "pick" });
  await rig.settled();
  expect(await level(stock)).toBe(3);
  expect(await quarantined(scanner)).toEqual([]);
});
