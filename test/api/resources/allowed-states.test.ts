import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
let warehouse: number;
let shop: number;
let itemId: number;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
  warehouse = (await manager("POST /locations", { name: "Hub", stage: "storage" })).body.id as number;
  shop = (await manager("POST /locations", { name: "Shop", stage: "delivery" })).body.id as number;
  itemId = (await manager("POST /items", { sku: "TEA", name: "Tea" })).body.id as number;
});
afterAll(() => api.close());

async function shipment(more: object = {}): Promise<number> {
  const body = { product_name: "Tea", quantity: 1, location: warehouse, destination_id: shop, ...more };
  return (await manager("POST /shipments", body)).body.id as number;
}

async function order(kind: string): Promise<number> {
  return (await manager("POST /orders", { kind, lines: [{ item_id: itemId, quantity: 2 }] })).body.id as number;
}

describe("a shipment's status", () => {
  test.each([
    ["cancelled", "in_transit", "none"],
    ["cancelled", "in_storage", "none"],
    ["delivered", "in_production", "returned, exception"],
    ["delivered", "cancelled", "returned, exception"],
    ["in_production", "returned", "in_storage, in_transit, out_for_delivery, arrived, delivered, exception, cancelled"],
  ])("%s does not become %s", async (from, to, allowed) => {
    const id = await shipment();
    expect((await manager(`PUT /shipments/${id}`, { status: from })).status).toBe(200);
    const refused = await manager(`PUT /shipments/${id}`, { status: to });
    expect(refused.status).toBe(409);
    expect(refused.body.detail).toBe(`a shipment that is ${from} cannot become ${to}; allowed: ${allowed}`);
    expect((await manager(`GET /shipments/${id}`)).body.status).toBe(from);
  });

  test("goods that are delivered or cancelled are not moved by a location alone, nor handled when cancelled", async () => {
    const delivered = await shipment();
    await manager(`PUT /shipments/${delivered}`, { status: "delivered" });
    expect((await manager(`PUT /shipments/${delivered}`, { location: warehouse })).status).toBe(409);
    const back = await manager(`PUT /shipments/${delivered}`, { status: "returned", location: warehouse });
    expect(back.body).toMatchObject({ status: "returned", location_id: warehouse });
    expect((await manager(`PUT /shipments/${delivered}`, { status: "in_storage" })).body.status).toBe("in_storage");

    const cancelled = await shipment();
    const vehicle = await manager("POST /vehicles", { name: "Truck" });
    await manager(`PUT /shipments/${cancelled}`, { status: "cancelled" });
    for (const [call, body] of [
      [`PUT /shipments/${cancelled}`, { location: warehouse }],
      [`POST /shipments/${cancelled}/load`, { vehicle_id: vehicle.body.id }],
      [`POST /shipments/${cancelled}/unload`, { location_id: shop }],
      [`POST /shipments/${cancelled}/proof-of-delivery`, { name: "A" }],
    ] as const) {
      expect((await manager(call, body)).status, call).toBe(409);
    }
  });

  test("a report about the past is checked against the status of that time", async () => {
    const id = await shipment({ at: "2026-11-01T08:00:00Z" });
    await manager(`PUT /shipments/${id}`, { status: "delivered", at: "2026-11-01T12:00:00Z" });
    const late = await manager(`PUT /shipments/${id}`, { status: "in_transit", at: "2026-11-01T10:00:00Z" });
    expect(late.status).toBe(200);
    expect(late.body.status).toBe("delivered");
    expect((await manager(`PUT /shipments/${id}`, { status: "in_transit", at: "2026-11-01T13:00:00Z" })).status).toBe(
      409,
    );
  });

  test.each([
    ["in_production", "hub"],
    ["in_transit", "hub"],
    ["out_for_delivery", "shop"],
    ["delivered", "hub"],
    ["arrived", "hub"],
    ["in_storage", "transportation"],
  ])("%s contradicts %s", async (status, place) => {
    const id = await shipment();
    const location = place === "hub" ? warehouse : place === "shop" ? shop : place;
    const refused = await manager(`PUT /shipments/${id}`, { status, location });
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toEqual([
      { pointer: "/status", message: expect.stringMatching(/contradicts the location/) },
    ]);
  });
});

describe("an order's status", () => {
  test.each([
    ["customer", ["approved", "picking", "packed", "shipped", "closed"]],
    ["restock", ["approved", "sent", "partial", "received", "closed"]],
    ["transfer", ["approved", "picking", "packed", "shipped", "partial", "received", "closed"]],
    ["return", ["approved", "partial", "received", "closed"]],
  ])("a %s order goes along its edges only", async (kind, steps) => {
    const id = await order(kind);
    let from = "draft";
    for (const [at, to] of steps.entries()) {
      for (const skipped of [...steps.slice(at + 1), "draft"].filter((status) => status !== from)) {
        const refused = await manager(`PUT /orders/${id}`, { status: skipped });
        expect(refused.status, `${from} to ${skipped}`).toBe(409);
        expect(refused.body.detail).toMatch(new RegExp(`cannot become ${skipped}; allowed: ${to}`));
      }
      expect((await manager(`GET /orders/${id}`)).body.next_statuses).toContain(to);
      expect((await manager(`PUT /orders/${id}`, { status: to })).body.status).toBe(to);
      from = to;
    }
    expect((await manager(`GET /orders/${id}`)).body.next_statuses).toEqual([]);
    expect((await manager(`PUT /orders/${id}`, { status: "cancelled" })).body.detail).toMatch(/allowed: none$/);
  });

  test("is cancelled until goods have moved; its lines change until somebody works on it", async () => {
    const id = await order("customer");
    await manager(`PUT /orders/${id}`, { status: "approved" });
    const lines = [{ item_id: itemId, quantity: 3 }];
    expect((await manager(`PUT /orders/${id}`, { lines })).status).toBe(200);
    await manager(`PUT /orders/${id}`, { status: "picking" });
    expect((await manager(`PUT /orders/${id}`, { lines })).status).toBe(409);
    expect((await manager(`PUT /orders/${id}`, { status: "cancelled" })).body.status).toBe("cancelled");
    expect((await manager(`PUT /orders/${id}`, { status: "approved" })).status).toBe(409);
  });
});

describe("ids and words", () => {
  test("ids that do not exist are refused where they stand", async () => {
    const lines = [
      { item_id: itemId, quantity: 1 },
      { item_id: 9999, quantity: 1 },
    ];
    const placed = await manager("POST /orders", { kind: "customer", lines });
    expect(placed.status).toBe(400);
    expect(placed.body.errors).toEqual([{ pointer: "/lines/1/item_id", message: "there is no item with this id" }]);
    for (const field of ["order_id", "destination_id", "item_id"]) {
      const body = { product_name: "Tea", quantity: 1, location: warehouse, [field]: 9999 };
      const sent = await manager("POST /shipments", body);
      expect(sent.status, field).toBe(400);
      expect(sent.body.errors, field).toEqual([expect.objectContaining({ pointer: `/${field}` })]);
    }
  });

  test("no answer holds words of the database", async () => {
    const answers = [
      await manager("POST /items", { sku: "TEA", name: "Tea again" }),
      await manager("POST /shipments", { product_name: "Tea", quantity: 1, location: warehouse, destination_id: 9999 }),
      await manager("POST /inventory-items", { item_id: 9999, location_id: warehouse }),
      await manager("POST /locations", { name: "Bin", parent_id: 9999 }),
      await manager(`DELETE /locations/${warehouse}`),
      await manager("POST /devices", { id: "t", kind: "gps", mount: { vehicle_id: 9999 } }),
    ];
    for (const { status, body } of answers) {
      expect([400, 409]).toContain(status);
      expect(JSON.stringify(body)).not.toMatch(/constraint|violates|relation|Key \(|table|column|null value|syntax/i);
    }
  });

  test.each([".", ".."])("a device is not named %s", async (id) => {
    expect((await manager("POST /devices", { id, kind: "gps" })).status).toBe(400);
  });

  test.each(["1e2", "0x10", "+5", "5.0", "", " 5", "0", "201"])("limit=%s is refused", async (limit) => {
    expect((await manager(`GET /items?limit=${encodeURIComponent(limit)}`)).status).toBe(400);
  });

  test("an Idempotency-Key holds whatever the Host header says", async () => {
    const key = { "Idempotency-Key": "same", Host: "one.example" };
    const first = await manager("POST http://one.example/items", { sku: "ONCE", name: "Once" }, key);
    const again = await manager("POST http://two.example:8080/items", { sku: "ONCE", name: "Once" }, key);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body.id).toBe(first.body.id);
  });
});
