import { expect } from "vitest";
import { readEvents } from "../../../api/integrations/events/log.ts";
import { fanOut } from "../../../api/integrations/relay/fan-out.ts";
import { relayTest } from "./relay-test.ts";

const test = relayTest.extend("log", ({ api: { db } }) => ({
  /** all that has happened since an event, in order */
  async since(position: number) {
    while ((await fanOut(db.pool)) > 0);
    return readEvents(db.pool, position, 1_000);
  },
  async end() {
    while ((await fanOut(db.pool)) > 0);
    const { rows } = await db.pool.query<{ end: number }>(
      "SELECT coalesce(max(position), 0)::float8 AS end FROM outbound_events",
    );
    return rows[0]!.end;
  },
}));

test("a stock level is told when it changes, by whoever changed it, and once where it changed several times", async ({
  api,
  log,
  manager,
  world,
  n,
}) => {
  const stock = await world.stock(await world.item(`EVENT-${n}`), await world.location(`shelf ${n}`, "storage"));
  const before = await log.end();
  const move = (quantity: number) =>
    manager("POST /movements", { inventory_item_id: stock, quantity, reason: "found", at: "2026-03-01T08:00:00Z" });
  const first = await move(5);
  expect(first.status).toBe(201);
  expect(await log.since(before)).toMatchObject([
    {
      type: "stock.level_changed",
      subject: `/inventory-items/${stock}`,
      data: { id: stock, quantity: 5, available: 5, sku: `EVENT-${n}` },
    },
  ]);
  const middle = await log.end();
  await move(2);
  expect((await manager(`POST /movements/${String(first.body["id"])}/reverse`, { reason: "typed twice" })).status).toBe(
    201,
  );
  const { rows } = await api.db.pool.query<{ version: number }>("SELECT version FROM inventory_items WHERE id = $1", [
    stock,
  ]);
  const told = await log.since(middle);
  expect(told.map(({ id, data }) => [id, data["quantity"]])).toEqual([[`stock-${stock}-${rows[0]!.version}`, 2]]);

  // Reserved goods, a reorder point and a count that finds the same are no other level.
  expect((await manager(`PUT /reorder-points/${stock}`, { reorder_point: 1 })).status).toBe(200);
  const count = await manager("POST /cycle-counts", { inventory_item_id: stock });
  const last = await log.end();
  expect((await manager(`POST /cycle-counts/${String(count.body["id"])}/count`, { quantity: 2 })).status).toBe(200);
  expect(await log.since(last)).toMatchObject([
    {
      id: `cycle-count-${String(count.body["id"])}-closed`,
      type: "cycle_count.closed",
      data: { inventory_item_id: stock, state: "counted", counted_quantity: 2 },
    },
  ]);
});

test("an order is told of when it is placed and at each status, with the status before", async ({
  log,
  manager,
  world,
  n,
}) => {
  const item = await world.item(`ORDER-${n}`);
  const before = await log.end();
  const placed = await manager("POST /orders", { kind: "customer", lines: [{ item_id: item, quantity: 2 }] });
  const at = `/orders/${String(placed.body["id"])}`;
  await manager(`PUT ${at}`, { status: "approved" });
  await manager(`PUT ${at}`, { reference: "PO 8" });
  await manager(`POST ${at}/cancel`);
  const told = await log.since(before);
  expect(told.map(({ type, subject, data }) => [type, subject, data["status_before"], data["status"]])).toEqual([
    ["order.created", at, null, "draft"],
    ["order.status_changed", at, "draft", "approved"],
    ["order.status_changed", at, "approved", "cancelled"],
  ]);
  expect(new Set(told.map(({ id }) => id)).size).toBe(3);
  expect(told[2]!.data).toMatchObject({ kind: "customer", reference: "PO 8", lines: [{ item_id: item, quantity: 2 }] });
});

test("who was told of an alert is told when somebody sees to it, when it ends and when it comes back", async ({
  log,
  operator,
  site,
}) => {
  const subject = site.subject();
  const before = await log.end();
  const [id] = await site.change(subject, "open");
  expect((await operator(`POST /alerts/${id}/ack`)).status).toBe(200);
  await site.change(subject, "resolve");
  await site.change(subject, "open");
  await site.change(subject, "resolve");
  // Nobody was told of this one.
  const silent = site.subject();
  await site.change(silent, "open", { notifies: false });
  await site.change(silent, "resolve");
  const told = await log.since(before);
  expect(told.map(({ type }) => type)).toEqual([
    "alert.opened",
    "alert.acknowledged",
    "alert.resolved",
    "alert.reopened",
    "alert.resolved",
  ]);
  expect(new Set(told.map((event) => event.id)).size).toBe(5);
  expect(told.every((event) => event.subject === `/alerts/${id}`)).toBe(true);
});
