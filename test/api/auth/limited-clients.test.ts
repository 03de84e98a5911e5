import { afterAll, beforeAll, expect, test } from "vitest";
import { addParties } from "../../support/parties.ts";
import { startApi, type TestApi } from "../support.ts";
import { addClient, grantOf, requestToken } from "./client-support.ts";

let api: TestApi;
let admin: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  await addParties(api.db.pool, "owner", [7, 8]);
  admin = await api.as("admin");
});
afterAll(() => api?.close());

const add = async (path: string, body: object): Promise<number> =>
  (await admin(`POST ${path}`, body)).body["id"] as number;

test("the limits of an API client hold, to locations and owners together, also for what it makes", async () => {
  const yard = await add("/locations", { name: "yard", stage: "storage" });
  const shelf = await add("/locations", { name: "shelf", parent_id: yard });
  const elsewhere = await add("/locations", { name: "elsewhere", stage: "storage" });
  const item = await add("/items", { sku: "bolt", name: "Bolt" });
  const lines = [{ item_id: item, quantity: 1 }];
  const goods = (location: number, owner_id: number) =>
    add("/shipments", { product_name: "goods", quantity: 1, location, owner_id });
  const visible = await goods(shelf, 7);
  const hidden = [
    await goods(shelf, 8),
    await goods(elsewhere, 7),
    await add("/orders", { kind: "customer", lines, location_id: yard }),
    await add("/orders", { kind: "customer", lines, location_id: yard, owner_id: 8 }),
    await add("/orders", { kind: "customer", lines, location_id: elsewhere, owner_id: 7 }),
  ];
  const ordered = await add("/orders", { kind: "customer", lines, location_id: yard, owner_id: 7 });

  const client = await addClient(admin, { role: "operator", location_ids: [yard], owner_ids: [7] });
  const { body } = await requestToken(api, grantOf(client));
  const call = async (request: string, json?: object) => {
    const [method, path] = request.split(" ") as [string, string];
    const headers = { Authorization: `Bearer ${String(body["access_token"])}`, "Content-Type": "application/json" };
    const response = await api.app.request(path, { method, headers, ...(json && { body: JSON.stringify(json) }) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> & { id: number }[] };
  };
  expect((await call("GET /shipments")).body.map(({ id }) => id)).toEqual([visible]);
  expect((await call("GET /locations")).body.map(({ id }) => id)).toEqual([yard, shelf]);
  expect((await call(`GET /shipments/${hidden[0]!}`)).status).toBe(404);
  expect((await call(`GET /shipments/${hidden[1]!}`)).status).toBe(404);
  for (const order of hidden.slice(2)) expect((await call(`GET /orders/${order}`)).status).toBe(404);
  expect((await call(`GET /orders/${ordered}`)).status).toBe(200);

  // Within the limits there is one location of this stage, and one owner.
  const made = await call("POST /shipments", { product_name: "made", quantity: 1, location: "storage" });
  expect(made).toMatchObject({ status: 201, body: { location_id: yard, owner_id: 7 } });
  expect((await call("POST /shipments", { product_name: "made", quantity: 1, location: "production" })).status).toBe(
    400,
  );
  const order = await call("POST /orders", { kind: "customer", lines });
  expect(order.status).toBe(201);
  expect((await call("GET /orders")).body.map(({ id }) => id)).toEqual([ordered, order.body["id"]]);

  // It goes out of the client's sight by what the client does: that works, and is answered.
  const [truck, passing] = [await add("/vehicles", { name: "truck" }), await goods(elsewhere, 7)];
  expect((await admin(`PUT /shipments/${passing}`, { location: shelf })).status).toBe(200);
  const loaded = await call(`POST /shipments/${passing}/load`, { vehicle_id: truck });
  expect(loaded).toMatchObject({ status: 200, body: { vehicle_id: truck } });
});
