import { z } from "@hono/zod-openapi";
import { recordFacts } from "../../http/record-facts.ts";
import { canManage, HANDLING, MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams, queryCount, queryFlag, queryId } from "../../http/fields.ts";
import { decodeCursor, idAfter, pageById, pageOf, pageParameters } from "../../http/paging.ts";
import { Problem } from "../../http/problem.ts";
import { created, list, ok, okLive } from "../../http/response.ts";
import { addStockPosition } from "./add-position.ts";
import { changeStock, getItemAsSeen } from "./change-stock.ts";
import { countedByPerson } from "./facts.ts";
import { type AdjustLimit } from "../movements/adjust-limit.ts";
import { getInventoryItem, listInventoryItems } from "./queries.ts";
import { inventoryItem, inventoryItemChange, newInventoryItem, reorderPoint } from "./schema.ts";
import { listStockEvents } from "./stock-event-queries.ts";
import { stockEvent, stockEventCursor, stockEventsQuery } from "./stock-event-schema.ts";

const tag = "Inventory";

export const listQuery = z.strictObject({
  quantity: queryCount.optional().describe("at most this many"),
  quantity_gte: queryCount.optional(),
  item_id: queryId.optional(),
  location_id: queryId.optional(),
  below_reorder_point: queryFlag.optional(),
  ...pageParameters,
});

export function registerInventory(endpoints: Endpoints, adjustLimit: AdjustLimit): void {
  endpoints.read(
    {
      route: "GET /inventory-items",
      access: SIGNED_IN,
      tag,
      summary: "List stock levels",
      query: listQuery,
      response: z.array(inventoryItem),
      cachedBy: "stock",
    },
    async ({ query, c, db }) => {
      const rows = await listInventoryItems(db, {
        after: idAfter(query.cursor),
        quantity: query.quantity,
        quantityAtLeast: query.quantity_gte,
        itemId: query.item_id,
        locationId: query.location_id,
        belowReorderPoint: query.below_reorder_point,
        limit: query.limit + 1,
      });
      return list(pageById(rows, query.limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /inventory-items",
      access: MANAGEMENT,
      tag,
      summary: "Add a stock position: an item at a location. Its source is what is mounted there, else the ledger",
      body: newInventoryItem,
      response: inventoryItem,
      status: 201,
    },
    async ({ body, principal, c }, client) => {
      const { quantity, ...given } = body;
      const id = await addStockPosition(client, principal, given);
      const facts = quantity !== undefined ? [countedByPerson(principal, id, quantity)] : [];
      await recordFacts(client, { facts, refold: [`stock:${id}`] });
      return created(await getItemAsSeen(client, principal, id), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /inventory-items/{id}",
      access: SIGNED_IN,
      tag,
      summary: "Get one stock position: an item at a location",
      params: idParams,
      response: inventoryItem,
      cachedBy: "stock",
    },
    async ({ params, db }) => okLive(await getInventoryItem(db, params.id)),
  );
  endpoints.read(
    {
      route: "GET /inventory-items/{id}/events",
      access: SIGNED_IN,
      tag,
      summary:
        "List its counts, adjustments, unexplained removals and doubts about its sensors with their evidence, oldest first",
      params: idParams,
      query: stockEventsQuery,
      response: z.array(stockEvent),
    },
    async ({ params, query, c, db }) => {
      await getInventoryItem(db, params.id);
      const { type, from, to, limit } = query;
      const after = decodeCursor(query.cursor, stockEventCursor);
      const rows = await listStockEvents(db, { inventoryItemId: params.id, type, from, to, after, limit: limit + 1 });
      return list(
        pageOf(rows, limit, ({ at, id }) => [at.toISOString(), id]),
        c.req.url,
      );
    },
  );
  endpoints.mutate(
    {
      route: "PUT /inventory-items/{id}",
      access: HANDLING,
      tag,
      summary:
        "Set the counted quantity, as an operator within STOCK_ADJUST_LIMIT: it closes an open cycle count. A manager may also change reorder point and source",
      params: idParams,
      audited: { table: "inventory_items", read: (client, { id }) => getInventoryItem(client, id) },
      body: inventoryItemChange,
      response: inventoryItem,
    },
    async ({ params, body, principal, c }, client) => {
      const changesRules = body.reorder_point !== undefined || body.source !== undefined;
      if (changesRules && !canManage(principal.role)) {
        throw new Problem(403, "only a manager may change reorder point and source");
      }
      return ok(await changeStock(c, client, principal, params.id, body, adjustLimit));
    },
  );
  endpoints.mutate(
    {
      route: "PUT /reorder-points/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Set the reorder point of an inventory item, or take it back, so that the one from above applies",
      params: idParams,
      audited: { table: "inventory_items", read: (client, { id }) => getInventoryItem(client, id) },
      body: reorderPoint,
      response: inventoryItem,
    },
    async ({ params, body, principal, c }, client) =>
      ok(await changeStock(c, client, principal, params.id, body, adjustLimit)),
  );
}
