import { z } from "@hono/zod-openapi";
import { isLimited } from "../../auth/limits.ts";
import { AUDITING, HANDLING, MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams, queryId } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { created, list, ok, okLive } from "../../http/response.ts";
import type { AdjustLimit } from "./adjust-limit.ts";
import { getMovement, listMovements, readLedgerCheck } from "./queries.ts";
import { recordMovement } from "./record-movement.ts";
import { reverseMovement } from "./reverse-movement.ts";
import { ledgerCheck, movement, newMovement, reversal } from "./schema.ts";

const tag = "Inventory";

export const listQuery = z.strictObject({
  inventory_item_id: queryId.optional(),
  item_id: queryId.optional(),
  location_id: queryId.optional(),
  order: z
    .enum(["oldest", "newest"])
    .default("oldest")
    .describe("which come first, in the order in which they became known"),
  ...pageParameters,
});

/** The ledger of stock: what was put, taken, moved and counted, by whom, why, and what shows it. */
export function registerMovements(endpoints: Endpoints, adjustLimit: AdjustLimit): void {
  endpoints.read(
    {
      route: "GET /movements",
      access: SIGNED_IN,
      tag,
      summary: "List movements: what changed levels, by whom or which sensor, why, and what shows it",
      query: listQuery,
      response: z.array(movement),
    },
    async ({ query, c, db, principal }) => {
      const { limit } = query;
      const filter = {
        inventoryItemId: query.inventory_item_id,
        itemId: query.item_id,
        locationId: query.location_id,
        isDescending: query.order === "newest",
        after: idAfter(query.cursor),
        limit: limit + 1,
      };
      const rows = await listMovements(db, filter, isLimited(principal.limits));
      return list(pageById(rows, limit), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /movements/check",
      access: AUDITING,
      tag,
      summary: "The last nightly comparison of all levels with the sums of their movements",
      response: ledgerCheck,
    },
    async ({ db }) => ({ status: 200, body: await readLedgerCheck(db) }),
  );
  endpoints.mutate(
    {
      route: "POST /movements",
      access: HANDLING,
      tag,
      summary:
        "Record what was put, taken or moved. An operator may put and take within STOCK_ADJUST_LIMIT, and move any number",
      body: newMovement,
      response: movement,
      status: 201,
      problems: { 409: "fewer are known to be here, or more than a stock position can hold" },
    },
    async ({ body, principal, c }, client) =>
      created(await getMovement(client, await recordMovement(client, principal, body, adjustLimit)), c.req.url),
  );
  endpoints.read(
    {
      route: "GET /movements/{id}",
      access: SIGNED_IN,
      tag,
      summary: "Get one movement",
      params: idParams,
      response: movement,
    },
    async ({ params, db }) => okLive(await getMovement(db, params.id)),
  );
  endpoints.mutate(
    {
      route: "POST /movements/{id}/reverse",
      access: MANAGEMENT,
      tag,
      summary: "Take a movement back, with its other side if goods were moved. What was counted after it stays",
      params: idParams,
      body: reversal,
      response: movement,
      status: 201,
      problems: { 409: "it was reversed already, a sensor has counted it, or its goods are gone" },
    },
    async ({ params, body, principal }, client) => {
      const id = await reverseMovement(client, principal, params.id, body.reason);
      const made = ok(await getMovement(client, id), 201);
      return { ...made, headers: { ...made.headers, Location: `/movements/${id}` } };
    },
  );
}
