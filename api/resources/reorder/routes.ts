import { z } from "@hono/zod-openapi";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { queryId, queryIds } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { list } from "../../http/response.ts";
import { listOutlooks } from "./outlook-queries.ts";
import { stockOutlook } from "./outlook-schema.ts";
import { listSuggestions } from "./queries.ts";
import { reorderSuggestion } from "./schema.ts";

/** What should be reordered, how much, and from what that follows; and what is expected, whether something is short or not. */
export function registerReorder(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /reorder-suggestions",
      access: SIGNED_IN,
      tag: "Inventory",
      summary: "List what is short, with how much to order and what that follows from",
      query: z.strictObject({
        inventory_item_id: queryId.optional(),
        location_id: queryId.optional(),
        ...pageParameters,
      }),
      response: z.array(reorderSuggestion),
    },
    async ({ query, c, db }) => {
      const { inventory_item_id: inventoryItemId, location_id: locationId, limit } = query;
      const page = { after: idAfter(query.cursor), limit: limit + 1 };
      const rows = await listSuggestions(db, { inventoryItemId, locationId, ...page });
      return list(pageById(rows, limit), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /stock-outlooks",
      access: SIGNED_IN,
      tag: "Inventory",
      summary: "List what is expected at each stock position, and how many days what is available lasts",
      query: z.strictObject({
        inventory_item_id: queryId.optional(),
        inventory_item_ids: queryIds.optional().describe("several, with commas between them; at most 200"),
        item_id: queryId.optional(),
        location_id: queryId.optional(),
        ...pageParameters,
      }),
      response: z.array(stockOutlook),
    },
    async ({ query, c, db }) => {
      const { inventory_item_id: inventoryItemId, item_id: itemId, location_id: locationId, limit } = query;
      const of = { inventoryItemId, inventoryItemIds: query.inventory_item_ids, itemId, locationId };
      const rows = await listOutlooks(db, { ...of, after: idAfter(query.cursor), limit: limit + 1 });
      return list(pageById(rows, limit), c.req.url);
    },
  );
}
