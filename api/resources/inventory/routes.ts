import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { recordFacts } from "../../../ingest/decisions/record-facts.ts";
import { canManage, HANDLING, MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams, queryCount, queryFlag, queryId } from "../../http/fields.ts";
import { decodeCursor, idAfter, pageById, pageOf, pageParameters } from "../../http/paging.ts";
import { Problem } from "../../http/problem.ts";
import { created, list, ok } from "../../http/response.ts";
import { insertRow } from "../../http/rows.ts";
import { rederiveShelves } from "../devices/rederive.ts";
import { changeStock } from "./change-stock.ts";
import { countedByPerson } from "./facts.ts";
import { getInventoryItem, listInventoryItems } from "./queries.ts";
import { inventoryItem, inventoryItemChange, newInventoryItem, reorderPoint } from "./schema.ts";
import { listStockEvents } from "./stock-event-queries.ts";
import { stockEvent, stockEventCursor, stockEventsQuery } from "./stock-event-schema.ts";

const tag = "Inventory";

const listQuery = z.strictObject({
  quantity: queryCount.optional().describe("at most this many"),
  quantity_gte: queryCount.optional(),
  item_id: queryId.optional(),
  location_id: queryId.optional(),
  below_reorder_point: queryFlag.optional(),
  ...pageParameters,
});

export function registerInventory(endpoints: Endpoints, pool: Pool): void {
  endpoints.read(
    {
      route: "GET /inventory-items",
      access: SIGNED_IN,
      tag,
      summary: "List stock levels",
      query: listQuery,
      response: z.array(inventoryItem),
    },
    async ({ query, c }) => {
      const rows = await listInventoryItems(pool, {
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
      summary: "Add a stock position: an item at a location",
      body: newInventoryItem,
      response: inventoryItem,
      status: 201,
    },
    async ({ body, principal, c }, client) => {
      const { quantity = 0, ...row } = body;
      const id = await insertRow(client, "inventory_items", row, ["item_id", "location_id", "reorder_point", "source"]);
      await rederiveShelves(client, body.item_id);
      const facts = quantity > 0 ? [countedByPerson(principal, id, quantity)] : [];
      await recordFacts(client, { facts, refold: [`stock:${id}`] });
      return created(await getInventoryItem(client, id), c.req.url);
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
    },
    async ({ params }) => ok(await getInventoryItem(pool, params.id)),
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
    async ({ params, query, c }) => {
      await getInventoryItem(pool, params.id);
      const { type, limit } = query;
      const after = decodeCursor(query.cursor, stockEventCursor);
      const rows = await listStockEvents(pool, { inventoryItemId: params.id, type, after, limit: limit + 1 });
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
      summary: "Set the counted quantity; a manager may also change reorder point and source",
      params: idParams,
      body: inventoryItemChange,
      response: inventoryItem,
    },
    async ({ params, body, principal, c }, client) => {
      const changesRules = body.reorder_point !== undefined || body.source !== undefined;
      if (changesRules && !canManage(principal.role)) {
        throw new Problem(403, "only a manager may change reorder point and source");
      }
      return ok(await changeStock(c, client, principal, params.id, body));
    },
  );
  endpoints.mutate(
    {
      route: "PUT /reorder-points/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Set the reorder point of an inventory item",
      params: idParams,
      body: reorderPoint,
      response: inventoryItem,
    },
    async ({ params, body, principal, c }, client) => ok(await changeStock(c, client, principal, params.id, body)),
  );
}
