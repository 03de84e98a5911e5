import { expect } from "vitest";
import { alertTest as test } from "../alert-shop.ts";

test("a shortage is over as soon as an order for it is approved, and is one again when that is cancelled", async ({
  shop,
  manager,
}) => {
  const { rule, set, alerts, item, location, stock } = shop;
  await rule("low_stock", { hold_seconds: 0 });
  await set(4);
  await expect.poll(() => alerts("low_stock")).toMatchObject([{ state: "open" }]);
  const lines = [{ item_id: item, quantity: 40 }];
  const order = await manager("POST /orders", { kind: "restock", location_id: location, lines });
  const become = (status: string) => manager(`PUT /orders/${String(order.body["id"])}`, { status });
  expect((await become("approved")).status).toBe(200);
  await expect.poll(() => alerts("low_stock")).toMatchObject([{ state: "resolved", resolved_by: null }]);
  expect((await become("cancelled")).status).toBe(200);
  await expect.poll(() => alerts("low_stock")).toMatchObject([{ state: "open" }]);
  expect((await manager(`GET /reorder-suggestions?inventory_item_id=${stock}`)).body).toMatchObject([{ on_order: 0 }]);
});
