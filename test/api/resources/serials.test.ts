import { expect } from "vitest";
import { gatePass } from "../../support/gate-pass.ts";
import { ingestApiTest as test } from "../../support/ingest-test.ts";

type Row = Record<string, string | number | boolean | null>;
const T = Date.parse("2026-03-01T08:00:00Z");
/** The same piece as a label says it, and as its tag does. */
const GTIN = "09521101530001";
const EPC = "urn:epc:id:sgtin:9521101.053000.A7";

test("one piece is one row, however often and however it is scanned and read: where it is, was, and in whose hands", async ({
  api,
  rig,
  world,
  n,
  manager,
}) => {
  const dock = await world.location(`dock ${n}`, "storage");
  const shop = await world.location(`shop ${n}`, "delivery");
  const item = await world.item(`CORD-${n}`);
  await api.db.pool.query("UPDATE items SET gtin = $2 WHERE id = $1", [item, GTIN]);
  await world.stock(item, dock);
  const gate = await world.device(`gate-${n}`, "rfid", {
    location_id: shop,
    antennas: { 1: "outside", 2: "inside" },
  });
  const hand = await world.device(`hand-${n}`, "scan", { location_id: dock });
  const other = await world.device(`other-${n}`, "scan", { location_id: dock });
  const scan = async (second: number, code: string, action: string, device = hand) => {
    await rig.publish(`devices/${device}/scan`, { ts: T + second * 1000, code, action });
    await rig.settled();
  };
  const pieces = async (query = "") => (await manager(`GET /serials?item_id=${item}${query}`)).body as unknown as Row[];

  await scan(1, `(01)${GTIN}(10)L-7(21)A7`, "receive");
  await scan(2, `(01)${GTIN}(21)A7`, "receive", other);
  await scan(3, `https://id.gs1.org/01/${GTIN}/21/A7`, "receive");
  await scan(4, EPC, "receive");
  const [piece, ...more] = await pieces();
  expect(more).toEqual([]);
  expect(piece).toMatchObject({
    gtin: GTIN,
    serial: "A7",
    lot: "L-7",
    state: "there",
    location_id: dock,
    epc: null,
    since: new Date(T + 1000).toISOString(),
  });
  await scan(10, `(01)${GTIN}(21)A7`, "pick");
  expect(await pieces()).toMatchObject([{ state: "picked", location_id: dock }]);
  for (const read of gatePass(T + 600_000, EPC, [1, 2])) await rig.publish(`devices/${gate}/rfid`, read);
  for (let second = 0; second < 90; second += 10) {
    await rig.publish(`devices/${gate}/rfid`, {
      ts: T + 603_000 + second * 1000,
      epc: "urn:epc:id:sgtin:9521101.053000.B",
      antenna: 2,
      rssi: -50,
    });
  }
  await rig.settled();
  await expect.poll(() => pieces()).toMatchObject([{ state: "there", location_id: shop, epc: EPC }]);

  const path = `/serials/${piece!["id"]}/events`;
  const events = (await manager(`GET ${path}`)).body as unknown as Row[];
  expect(events.map(({ event, location_id, device_id, repeats }) => [event, location_id, device_id, repeats])).toEqual([
    ["came", shop, gate, false],
    ["picked", dock, hand, false],
    ["received", dock, hand, true],
    ["received", dock, hand, true],
    ["received", dock, other, true],
    ["received", dock, hand, false],
  ]);
  const firstPage = await manager(`GET ${path}?limit=4`);
  const next = /<([^>]*)>/.exec(firstPage.headers.get("Link")!)![1]!;
  const secondPage = await manager(`GET ${next}`);
  expect([...(firstPage.body as unknown as Row[]), ...(secondPage.body as unknown as Row[])]).toEqual(events);
  for (const code of ["A7", EPC, `(01)${GTIN}(21)A7`]) {
    expect(await pieces(`&code=${encodeURIComponent(code)}`), code).toHaveLength(1);
  }
  expect(await pieces("&code=A8")).toEqual([]);
  expect(await pieces(`&location_id=${dock}`)).toEqual([]);
});
