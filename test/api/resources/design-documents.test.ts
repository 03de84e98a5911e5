import { addParties } from "../../support/parties.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
});
afterAll(() => api.close());

test("POST /shipments as in the design document of the supply chain", async () => {
  const created = await manager("POST /shipments", { product_name: "Product B", quantity: 50, location: "storage" });
  expect(created.status).toBe(201);
  expect(created.body).toMatchObject({
    id: 1,
    product_name: "Product B",
    quantity: 50,
    status: "in_storage",
    stage: "storage",
  });
  expect(created.body.tracking_number).toMatch(/^WS\d{11}$/);
  expect(created.headers.get("ETag")).toMatch(/^"v\d+"$/);
  expect(created.headers.get("Location")).toBe("/shipments/1");
});

test("GET /shipments answers a bare array, PUT updates status and location", async () => {
  const listed = await manager("GET /shipments");
  expect(listed.status).toBe(200);
  expect(listed.body).toEqual([expect.objectContaining({ id: 1, product_name: "Product B", status: "in_storage" })]);
  const put = await manager("PUT /shipments/1", { status: "in_transit" });
  expect(put.body).toMatchObject({ status: "in_transit", stage: "transportation" });
  const delivery = await manager("POST /locations", { name: "Shop", stage: "delivery" });
  const moved = await manager("PUT /shipments/1", { location: delivery.body.id });
  expect(moved.body).toMatchObject({ stage: "delivery", location_id: delivery.body.id });
  const events = await manager("GET /shipments/1/events");
  expect(events.body).toEqual([
    expect.objectContaining({ type: "created", stage: "storage", rule: "person", confidence: 1 }),
    expect.objectContaining({ type: "manual", stage: "transportation" }),
    expect.objectContaining({ type: "manual", stage: "delivery" }),
  ]);
});

test("GET /inventory-items?quantity=10 answers levels up to 10; PUT /reorder-points sets the reorder point", async () => {
  const place = await manager("POST /locations", { name: "Store", stage: "storage" });
  const ids: unknown[] = [];
  for (const [sku, quantity] of [
    ["A", 10],
    ["B", 5],
    ["C", 11],
  ] as const) {
    const item = await manager("POST /items", { sku, name: `Product ${sku}` });
    const kept = await manager("POST /inventory-items", {
      item_id: item.body.id,
      location_id: place.body.id,
      quantity,
    });
    expect(kept.body).toMatchObject({ quantity, available: quantity, source: "ledger", unit: "piece" });
    ids.push(kept.body.id);
  }
  const low = await manager("GET /inventory-items?quantity=10");
  expect(low.body).toEqual([
    expect.objectContaining({ name: "Product A", quantity: 10, location_id: place.body.id }),
    expect.objectContaining({ name: "Product B", quantity: 5 }),
  ]);
  const point = await manager(`PUT /reorder-points/${String(ids[1])}`, { reorder_point: 5 });
  expect(point).toMatchObject({ status: 200, body: { reorder_point: 5, quantity: 5 } });
  const below = await manager("GET /inventory-items?below_reorder_point=true");
  expect(below.body).toEqual([expect.objectContaining({ id: ids[1] })]);
});

test("orders are placed and listed", async () => {
  await addParties(api.db.pool, "customer", [7]);
  const placed = await manager("POST /orders", {
    kind: "customer",
    customer_id: 7,
    lines: [{ item_id: 1, quantity: 3 }],
  });
  expect(placed).toMatchObject({ status: 201, body: { status: "draft", lines: [{ item_id: 1, quantity: 3 }] } });
  expect((await manager("GET /orders?customer_id=7")).body).toHaveLength(1);
  expect((await manager("GET /orders?customer_id=8")).body).toHaveLength(0);
  const dated = await manager(`PUT /orders/${String(placed.body.id)}`, { order_date: "2026-11-21" });
  expect(dated.body.order_date).toBe("2026-11-21T00:00:00.000Z");
});

test("PUT /reorder-points/123 sets the reorder point of inventory item 123 to 5 units", async () => {
  await api.db.pool.query("SELECT setval(pg_get_serial_sequence('inventory_items', 'id'), 122)");
  const item = await manager("POST /items", { sku: "R", name: "Product R" });
  const place = await manager("POST /locations", { name: "Retail store" });
  const kept = await manager("POST /inventory-items", {
    item_id: item.body.id,
    location_id: place.body.id,
    quantity: 4,
  });
  expect(kept.body.id).toBe(123);
  expect(await manager("PUT /reorder-points/123", { reorder_point: 5 })).toMatchObject({
    status: 200,
    body: { id: 123 },
  });
  const read = await manager("GET /inventory-items/123");
  expect(read.body).toMatchObject({
    id: 123,
    name: "Product R",
    quantity: 4,
    location_id: place.body.id,
    reorder_point: 5,
  });
  expect((await manager(`GET /locations/${String(place.body.id)}`)).body).toMatchObject({ name: "Retail store" });
  const places = (await manager("GET /locations?limit=200")).body as unknown as { name: string }[];
  expect(places.map(({ name }) => name)).toContain("Retail store");
});

test.each(["production", "storage", "transportation", "delivery"])(
  "a shipment is created at the stage %s, and read with the fields of the design document",
  async (location) => {
    const { body, status } = await manager("POST /shipments", { product_name: "Product A", quantity: 100, location });
    expect(status).toBe(201);
    const read = await manager(`GET /shipments/${String(body.id)}`);
    expect(read.body).toMatchObject({ id: body.id, product_name: "Product A", quantity: 100, stage: location });
    expect(read.body.status).toMatch(/^in_|^arrived$|^delivered$|^out_for_delivery$/);
  },
);
