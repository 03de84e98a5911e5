import { randomUUID } from "node:crypto";
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Pool, PoolClient } from "pg";
import type { NewFact, Subject } from "../../../ingest/domain/fact.ts";
import { record } from "../../../ingest/decisions/record-facts.ts";
import type { Principal } from "../../auth/principal.ts";
import { HANDLING, MANAGEMENT, SIGNED_IN, canManage } from "../../auth/roles.ts";
import { parseEtags } from "../../http/etag.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { checkIfMatch } from "../../http/preconditions.ts";
import { decodeCursor, idAfter, pageById, pageOf, pageParameters } from "../../http/paging.ts";
import { notFound, Problem } from "../../http/problem.ts";
import { created, list, ok, type Versioned } from "../../http/response.ts";
import { insertRow, readVersion } from "../../http/rows.ts";
import { rederiveShelves } from "../devices/rederive.ts";
import { listInventoryItems, setStockRules, getInventoryItem } from "./queries.ts";
import { type InventoryItem, inventoryItem, inventoryItemChange, newInventoryItem, reorderPoint } from "./schema.ts";
import { idParams, queryCount, queryFlag, queryId } from "../../http/fields.ts";
import { stockEvent, stockEventCursor, stockEventsQuery } from "./stock-event-schema.ts";
import { listStockEvents } from "./stock-event-queries.ts";
import type { ApiEnv } from "../../deps.ts";

const tag = "Inventory";

const listQuery = z.strictObject({
  quantity: queryCount.optional().describe("this many or fewer"),
  quantity_gte: queryCount.optional(),
  item_id: queryId.optional(),
  location_id: queryId.optional(),
  below_reorder_point: queryFlag.optional(),
  ...pageParameters,
});

interface StockChange {
  quantity?: number | undefined;
  reorder_point?: number | undefined;
  source?: "ledger" | "scale" | "rfid" | undefined;
}

/** A person's count: it stands until somebody, or the governing sensor, counts again. */
export function countedByPerson({ userId }: Principal, id: number, quantity: number): NewFact {
  return {
    key: `person:${randomUUID()}`,
    subject: `stock:${id}`,
    at: Date.now(),
    type: "counted",
    data: { quantity, source: "person" },
    rule: "person",
    evidence: [{ actor_id: userId }],
    confidence: 1,
    actorId: userId,
  };
}

async function changeStock(
  c: Context<ApiEnv>,
  client: PoolClient,
  principal: Principal,
  id: number,
  { quantity, ...rules }: StockChange,
): Promise<Versioned<InventoryItem>> {
  const version = await readVersion(client, "inventory_items", id);
  if (version === undefined) throw notFound("inventory item");
  checkIfMatch(c, version);
  const subject: Subject = `stock:${id}`;
  const conditional = parseEtags(c.req.header("If-Match")) !== undefined;
  if (rules.reorder_point !== undefined || rules.source !== undefined) await setStockRules(client, id, rules);
  await record(client, {
    facts: quantity === undefined ? [] : [countedByPerson(principal, id, quantity)],
    refold: [subject],
    ...(conditional && { expected: new Map([[subject, version]]) }),
  });
  return getInventoryItem(client, id);
}

export function registerInventory(endpoints: Endpoints, pool: Pool): void {
  endpoints.read(
    {
      route: "GET /inventory-items",
      access: SIGNED_IN,
      tag,
      summary: "How much of what is where",
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
      summary: "Keep a product at a location",
      body: newInventoryItem,
      response: inventoryItem,
      status: 201,
    },
    async ({ body, principal, c }, client) => {
      const { quantity = 0, ...row } = body;
      const id = await insertRow(client, "inventory_items", row, ["item_id", "location_id", "reorder_point", "source"]);
      await rederiveShelves(client, body.item_id);
      const facts = quantity > 0 ? [countedByPerson(principal, id, quantity)] : [];
      await record(client, { facts, refold: [`stock:${id}`] });
      return created(await getInventoryItem(client, id), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /inventory-items/{id}",
      access: SIGNED_IN,
      tag,
      summary: "One product at one location",
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
      summary: "What happened to it, oldest first, and how we know: counts, slips, removals nobody explained",
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
      summary: "Count stock; a manager may also change its rules",
      params: idParams,
      body: inventoryItemChange,
      response: inventoryItem,
    },
    async ({ params, body, principal, c }, client) => {
      const changesRules = body.reorder_point !== undefined || body.source !== undefined;
      if (changesRules && !canManage(principal.role)) {
        throw new Problem(403, "reorder points and sources are for a manager to change");
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
