import { expect } from "vitest";
import { ingestApiTest as test } from "../../support/ingest-test.ts";

test("two barcodes of one product: it is found and scanned by either", async ({ rig, world, manager, n }) => {
  const location = await world.location(`barcodes ${n}`, "storage");
  const scanner = await world.device(`barcodes-${n}`, "scan", { location_id: location });
  // The manufacturer's number, and the shop's own label.
  const codes = { gtin: "4006381333931", barcode: "SHOP 00017/A" };
  const pens = { sku: "PEN-1", name: "Pen", ...codes };
  const { status, body: item } = await manager("POST /items", pens);
  expect(status).toBe(201);
  const kept = { item_id: item["id"], location_id: location };
  const { id } = (await manager("POST /inventory-items", kept)).body;
  const level = async () => (await manager(`GET /inventory-items/${String(id)}`)).body["quantity"];
  const now = Date.now();
  const scans: [code: string, quantity: number, level: number][] = [
    [codes.gtin, 2, 2],
    [codes.barcode, 3, 5],
    [`0${codes.gtin}`, 1, 6],
    [`(01)0${codes.gtin}(10)LOT7`, 4, 10],
    ["PEN-1", 1, 11],
  ];
  for (const [at, [code, quantity, expected]] of scans.entries()) {
    const ts = now - 60_000 + at * 1_000;
    await rig.publish(`devices/${scanner}/scan`, { ts, code, action: "receive", quantity });
    await rig.settled();
    expect(await level(), code).toBe(expected);
  }
  for (const code of [codes.gtin, codes.barcode]) {
    const q = encodeURIComponent(code);
    expect((await manager(`GET /items?q=${q}`)).body, code).toMatchObject([{ id: item["id"] }]);
    const hit = expect.objectContaining({ kind: "item", id: item["id"], match: "exact" });
    expect((await manager(`GET /search?q=${q}`)).body, code).toContainEqual(hit);
  }
  // The code of one product is no other's.
  for (const other of [
    { gtin: codes.gtin },
    { barcode: codes.barcode },
    { barcode: codes.gtin },
    { sku: codes.barcode },
  ])
    expect(await manager("POST /items", { sku: "PEN-2", name: "Other pen", ...other })).toMatchObject({ status: 409 });
});
