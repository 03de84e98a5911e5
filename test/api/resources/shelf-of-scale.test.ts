import { afterAll, beforeAll, expect, test } from "vitest";
import { type IngestRig, startIngestRig } from "../../support/ingest.ts";
import { startApi, type TestApi } from "../support.ts";

const T = Date.parse("2026-03-01T08:00:00Z");

let api: TestApi;
let rig: IngestRig;
let manager: Awaited<ReturnType<TestApi["as"]>>;
let count = 0;
beforeAll(async () => {
  api = await startApi();
  rig = await startIngestRig(api.db.pool);
  manager = await api.as("manager");
});
afterAll(async () => {
  await rig.close();
  await api.close();
});

async function shelf() {
  const name = `s${++count}`;
  const { id: item_id } = (await manager("POST /items", { sku: name, name, unit_weight_grams: 100 })).body;
  const { id: location_id } = (await manager("POST /locations", { name, stage: "storage" })).body;
  return { name, item_id, location_id };
}
const positions = async ({ location_id }: { location_id: unknown }, query = "") =>
  (await manager(`GET /inventory-items?location_id=${String(location_id)}${query}`)).body as unknown as Record<
    string,
    unknown
  >[];

test("a scale mounted where nothing is kept makes the stock position, which is not low before its first measurement", async () => {
  const { name, ...place } = await shelf();
  expect((await manager("POST /devices", { id: name, kind: "scale", mount: place })).status).toBe(201);
  const [made] = await positions(place);
  expect(made).toMatchObject({ ...place, source: "scale", quantity: 0, measured_at: null });
  // A person who adds it too gets the same position.
  const added = await manager("POST /inventory-items", { ...place, reorder_point: 5 });
  expect(added).toMatchObject({
    status: 201,
    body: { id: made!["id"], source: "scale", reorder_point: 5, measured_at: null },
  });
  expect((await manager("POST /inventory-items", place)).status).toBe(409);
  expect(await positions(place, "&below_reorder_point=true")).toEqual([]);
  const weights = Array.from({ length: 12 }, (_, n) => ({ ts: T + n * 500, grams: 300 }));
  await rig.publish(`devices/${name}/scale`, weights);
  await rig.settled();
  expect(await positions(place, "&below_reorder_point=true")).toMatchObject([{ quantity: 3, source: "scale" }]);
});

test("the source follows the mount, and what a mount made goes with it when nothing was ever counted", async () => {
  const { name, ...place } = await shelf();
  const other = await shelf();
  await manager("POST /inventory-items", { ...place, quantity: 7 });
  expect(await positions(place)).toMatchObject([{ source: "ledger", quantity: 7 }]);
  await manager("POST /devices", { id: name, kind: "scale" });
  await manager(`PUT /devices/${name}`, { mount: place });
  expect(await positions(place)).toMatchObject([{ source: "scale", quantity: 7 }]);
  await manager(`PUT /devices/${name}`, { mount: { item_id: other.item_id, location_id: other.location_id } });
  expect(await positions(place)).toMatchObject([{ source: "ledger", quantity: 7 }]);
  expect(await positions(other)).toMatchObject([{ source: "scale", measured_at: null }]);
  await manager(`PUT /devices/${name}`, { mount: null });
  expect(await positions(other)).toEqual([]);
  await manager(`PUT /devices/${name}`, { mount: place });
  expect(await positions(place)).toMatchObject([{ source: "scale" }]);
  expect((await manager(`DELETE /devices/${name}`)).status).toBe(204);
  expect(await positions(place)).toMatchObject([{ source: "ledger", quantity: 7 }]);
});

test("a position's source is what is mounted there when it is added", async () => {
  const { name, ...place } = await shelf();
  const readerAt = await manager("POST /devices", {
    id: `r-${name}`,
    kind: "rfid",
    mount: { location_id: place.location_id },
  });
  expect(readerAt.status).toBe(201);
  // Nobody knows the tags of this product.
  expect((await manager("POST /inventory-items", place)).body).toMatchObject({ source: "ledger" });
  const tagged = (await manager("POST /items", { sku: "tagged", name: "Tagged", gtin: "80614141123458" })).body;
  const onShelf = { item_id: tagged["id"], location_id: place.location_id };
  expect((await manager("POST /inventory-items", onShelf)).body).toMatchObject({ source: "rfid", measured_at: null });
});

test("a person who counts nothing has counted: that is measured, and low", async () => {
  const { name: _, ...place } = await shelf();
  await manager("POST /inventory-items", { ...place, quantity: 0, reorder_point: 5 });
  const [counted] = await positions(place, "&below_reorder_point=true");
  expect(counted).toMatchObject({ quantity: 0, measured_at: expect.any(String) as string });
});
