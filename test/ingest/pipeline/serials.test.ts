import { expect } from "vitest";
import { withCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { warehouseTest as test } from "../../support/warehouse.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
const GS = "\u001D";

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
