import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
});
afterAll(() => api.close());

let n = 0;
const add = (item: object) => manager("POST /items", { sku: `S-${(n += 1)}`, name: "x", ...item });

test("the check digit of a GTIN is verified", async () => {
  for (const item of [
    { gtin: "6291041500214" },
    { packs: [{ unit: "carton", quantity: 10, gtin: "16291041500211" }] },
  ]) {
    expect(await add(item)).toMatchObject({
      status: 400,
      body: { errors: [{ message: expect.stringContaining("would be right") }] },
    });
  }
  // A SKU or another barcode may look like a GTIN.
  expect((await add({ sku: "6291041500214", barcode: "12345678" })).status).toBe(201);
});

test("GTIN-8, -12, -13 and -14 of one product are one key, in every field", async () => {
  const first = await add({ gtin: "614141123452" });
  expect(first.status).toBe(201);
  const id = String(first.body.id);
  for (const item of [
    { gtin: "0614141123452" },
    { gtin: "00614141123452" },
    { barcode: "00614141123452" },
    { sku: "0614141123452" },
    { packs: [{ unit: "carton", quantity: 2, gtin: "0614141123452" }] },
  ]) {
    expect(await add(item)).toMatchObject({ status: 409, body: { detail: expect.stringContaining(`item ${id}`) } });
  }
  // Its own spellings are no conflict.
  const own = await manager(`PUT /items/${id}`, { gtin: "00614141123452", barcode: "614141123452" });
  expect(own).toMatchObject({ status: 200, body: { gtin: "00614141123452" } });

  const other = await add({ barcode: "EAN-X", packs: [{ unit: "carton", quantity: 10, gtin: "10614141123459" }] });
  expect(other.status).toBe(201);
  for (const item of [{ barcode: "EAN-X" }, { sku: "EAN-X" }, { gtin: "10614141123459" }]) {
    expect((await add(item)).status).toBe(409);
    expect((await manager(`PUT /items/${id}`, item)).status).toBe(409);
  }
});
