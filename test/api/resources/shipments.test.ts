import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
});
afterAll(() => api.close());

test("a shipment is loaded, unloaded, delivered and tagged by hand", async () => {
  const shop = await manager("POST /locations", { name: "Shop", stage: "delivery" });
  const truck = await manager("POST /vehicles", { name: "Truck" });
  const created = await manager("POST /shipments", {
    product_name: "B",
    quantity: 1,
    location: "storage",
    destination_id: shop.body.id,
  });
  const at = `/shipments/${String(created.body.id)}`;
  expect((await manager(`POST ${at}/load`, { vehicle_id: 4711 })).status).toBe(400);
  expect((await manager(`POST ${at}/load`, { vehicle_id: truck.body.id })).status).toBe(200);
  const unloaded = await manager(`POST ${at}/unload`, { location_id: shop.body.id });
  expect(unloaded.body).toMatchObject({ status: "arrived", stage: "delivery", vehicle_id: null });
  expect((await manager(`POST ${at}/proof-of-delivery`, { name: "Bob" })).body).toMatchObject({ status: "delivered" });
  const refused = await manager("POST /shipments", { product_name: "C", quantity: 1, location: shop.body.id });
  const refusal = { name: "Bob", outcome: "refused", note: "wrong colour" };
  expect((await manager(`POST /shipments/${String(refused.body.id)}/proof-of-delivery`, refusal)).body).toMatchObject({
    status: "returned",
  });
  const tag = { epc: "urn:epc:id:sscc:0614141.1234567890" };
  expect((await manager(`POST ${at}/tags`, tag)).body).toMatchObject([tag]);
  // The first shipment is delivered: its tag may be bound again, and then no more.
  expect((await manager(`POST /shipments/${String(refused.body.id)}/tags`, tag)).status).toBe(201);
  const open = await manager("POST /shipments", { product_name: "D", quantity: 1, location: "storage" });
  expect((await manager(`POST /shipments/${String(open.body.id)}/tags`, tag)).status).toBe(201);
  const conflict = await manager(`POST ${at}/tags`, tag);
  expect(conflict).toMatchObject({ status: 409, body: { detail: expect.stringContaining("in storage") } });
});
