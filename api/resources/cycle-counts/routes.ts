import { z } from "@hono/zod-openapi";
import type { Pool, PoolClient } from "pg";
import { record } from "../../../ingest/decisions/record-facts.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { holdExpected } from "../../http/preconditions.ts";
import { idAfter, pageOf, pageParameters } from "../../http/paging.ts";
import { invalid, notFound, Problem } from "../../http/problem.ts";
import { list, resource, type Stored } from "../../http/response.ts";
import { closeCycleCount, findCycleCount, listCycleCounts, openCycleCount } from "./queries.ts";
import { findInventoryItem } from "../inventory/queries.ts";
import { confirmedCount, CYCLE_COUNT_STATES, type CycleCount, cycleCount, newCycleCount } from "./schema.ts";
import { idParams, queryId } from "../../http/fields.ts";
import { countedBy } from "../inventory/routes.ts";

const tag = "Inventory";

const listQuery = z.strictObject({
  state: z.enum(CYCLE_COUNT_STATES).optional(),
  location_id: queryId.optional(),
  ...pageParameters,
});

async function shown(db: Pool | PoolClient, id: number): Promise<Stored<CycleCount>> {
  const row = await findCycleCount(db, id);
  if (!row) throw notFound("cycle count");
  return row;
}

/** Counts that people are asked for, and what they found. */
export function registerCycleCounts(endpoints: Endpoints, pool: Pool): void {
  endpoints.read(
    {
      route: "GET /cycle-counts",
      tag,
      summary: "What somebody should go and count, and why",
      query: listQuery,
      answer: z.array(cycleCount),
    },
    async ({ query, c }) => {
      const { state, location_id: locationId, limit } = query;
      const rows = await listCycleCounts(pool, { after: idAfter(query.cursor), state, locationId, limit: limit + 1 });
      return list(
        pageOf(rows, limit, ({ id }) => [id]),
        c.req.url,
      );
    },
  );
  endpoints.change(
    {
      route: "POST /cycle-counts",
      tag,
      summary: "Ask for a count",
      body: newCycleCount,
      answer: cycleCount,
      status: 201,
    },
    async ({ body, c }, client) => {
      if (!(await findInventoryItem(client, body.inventory_item_id))) {
        throw invalid("/inventory_item_id", "there is no inventory item of this id");
      }
      const id = await openCycleCount(client, body.inventory_item_id);
      if (id === undefined) throw new Problem(409, "a count of it is open already");
      const reply = resource(await shown(client, id), 201);
      return { ...reply, headers: { ...reply.headers, Location: `${new URL(c.req.url).pathname}/${id}` } };
    },
  );
  endpoints.read(
    { route: "GET /cycle-counts/{id}", tag, summary: "One count", params: idParams, answer: cycleCount },
    async ({ params }) => resource(await shown(pool, params.id)),
  );
  endpoints.change(
    {
      route: "POST /cycle-counts/{id}/count",
      tag,
      summary: "Say what was found: it sets the stock and closes the count",
      params: idParams,
      body: confirmedCount,
      answer: cycleCount,
    },
    async ({ params, body, principal, c }, client) => {
      await holdExpected(c, client, "cycle_counts", params.id, "cycle count");
      const { state, inventory_item_id: stockId } = await shown(client, params.id);
      if (state !== "open") throw new Problem(409, `this count is closed: ${state}`);
      await closeCycleCount(client, params.id, body.quantity, principal.userId);
      await record(client, { facts: [countedBy(principal, stockId, body.quantity)] });
      return resource(await shown(client, params.id));
    },
  );
}
