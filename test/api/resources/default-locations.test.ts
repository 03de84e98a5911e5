import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureDefaultLocations } from "../../../api/resources/locations/default-locations.ts";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let call: Awaited<ReturnType<TestApi["as"]>>;
beforeEach(async () => {
  api = await startApi();
  call = await api.as("admin");
});
afterEach(() => api?.close());

const STAGES = ["production", "storage", "transportation", "delivery"];
type Place = { id: number; name: string; stage: string };
const places = async () => (await call("GET /locations")).body as unknown as Place[];

async function placeOf(location: unknown): Promise<unknown> {
  const created = await call("POST /shipments", { product_name: "Milk", quantity: 2, location });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  const { body } = await call(`GET /shipments/${String(created.body["id"])}`);
  return body["location_id"];
}

test("each stage has a location from the first start on: a shipment that names the stage is there", async () => {
  await Promise.all([ensureDefaultLocations(api.db.pool), ensureDefaultLocations(api.db.pool)]);
  await ensureDefaultLocations(api.db.pool);
  const made = await places();
  expect(made.map(({ stage }) => stage)).toEqual(STAGES);
  await call("POST /locations", { name: "Dairy", stage: "storage" });
  for (const { id, stage } of made) expect(await placeOf(stage)).toBe(id);
  const [production, storage] = made;
  const { body } = await call("POST /shipments", { product_name: "Milk", quantity: 2, location: production!.id });
  await call(`PUT /shipments/${String(body["id"])}`, { location: "storage" });
  const moved = await call(`GET /shipments/${String(body["id"])}`);
  expect(moved.body).toMatchObject({ stage: "storage", status: "in_storage", location_id: storage!.id });
});

test("the only location that a stage has is its default; a default that was deleted is not made again", async () => {
  const { body } = await call("POST /locations", { name: "Dairy", stage: "storage" });
  await ensureDefaultLocations(api.db.pool);
  expect(await places()).toHaveLength(4);
  expect(await placeOf("storage")).toBe(body["id"]);
  const production = (await places()).find(({ stage }) => stage === "production")!;
  expect((await call(`DELETE /locations/${production.id}`)).status).toBe(204);
  await ensureDefaultLocations(api.db.pool);
  expect((await places()).map(({ stage }) => stage).toSorted()).toEqual(["delivery", "storage", "transportation"]);
  expect(await placeOf("production")).toBeNull();
});
