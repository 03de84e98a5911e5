import { z } from "@hono/zod-openapi";
import { recordFacts } from "../../http/record-facts.ts";
import { HANDLING, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams, queryId } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { Problem, unknownReference } from "../../http/problem.ts";
import { created, list, ok, okLive } from "../../http/response.ts";
import { countedByPerson } from "../inventory/facts.ts";
import { findInventoryItem } from "../inventory/queries.ts";
import { getCycleCount, listCycleCounts, openCycleCount } from "./queries.ts";
import { confirmedCount, CYCLE_COUNT_STATES, cycleCount, newCycleCount } from "./schema.ts";

const tag = "Inventory";

const listQuery = z.strictObject({
  state: z.enum(CYCLE_COUNT_STATES).optional(),
  location_id: queryId.optional(),
  ...pageParameters,
});

/** Tasks for people to count a stock position, and their results. */
export function registerCycleCounts(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /cycle-counts",
      access: SIGNED_IN,
      tag,
      summary: "List cycle counts: what to count, and why",
      query: listQuery,
      response: z.array(cycleCount),
    },
    async ({ query, c, db }) => {
      const { state, location_id: locationId, limit } = query;
      const rows = await listCycleCounts(db, { after: idAfter(query.cursor), state, locationId, limit: limit + 1 });
      return list(pageById(rows, limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /cycle-counts",
      access: HANDLING,
      tag,
      summary: "Request a cycle count",
      body: newCycleCount,
      response: cycleCount,
      status: 201,
    },
    async ({ body, c }, client) => {
      if (!(await findInventoryItem(client, body.inventory_item_id))) {
        throw unknownReference("/inventory_item_id", "inventory item");
      }
      const id = await openCycleCount(client, body.inventory_item_id);
      if (id === undefined) throw new Problem(409, "a cycle count of this inventory item is open already");
      return created(await getCycleCount(client, id), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /cycle-counts/{id}",
      access: SIGNED_IN,
      tag,
      summary: "Get one cycle count",
      params: idParams,
      response: cycleCount,
    },
    async ({ params, db }) => okLive(await getCycleCount(db, params.id)),
  );
  endpoints.mutate(
    {
      route: "POST /cycle-counts/{id}/count",
      access: HANDLING,
      tag,
      summary: "Enter the counted quantity: it sets the level, whatever it was, and closes the cycle count",
      params: idParams,
      audited: { table: "cycle_counts", read: (client, { id }) => getCycleCount(client, id) },
      body: confirmedCount,
      response: cycleCount,
    },
    async ({ params, body, principal, c }, client) => {
      await lockRowIfMatch(c, client, "cycle_counts", params.id, "cycle count");
      const { state, inventory_item_id: stockId } = await getCycleCount(client, params.id);
      if (state !== "open") throw new Problem(409, `this cycle count is closed already: ${state}`);
      await recordFacts(client, { facts: [countedByPerson(principal, stockId, body.quantity)] });
      return ok(await getCycleCount(client, params.id));
    },
  );
}
