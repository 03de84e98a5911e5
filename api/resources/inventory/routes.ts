import { randomUUID } from "node:crypto";
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Pool, PoolClient } from "pg";
import type { NewFact, Subject } from "../../../ingest/domain/fact.ts";
import { record } from "../../../ingest/decisions/record-facts.ts";
import type { Principal } from "../../auth/principal.ts";
import { maySetRules } from "../../auth/roles.ts";
import { parseTags } from "../../http/etag.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { expectVersion } from "../../http/preconditions.ts";
import { decodeCursor, idAfter, pageOf, pageParameters } from "../../http/paging.ts";
import { notFound, Problem } from "../../http/problem.ts";
import { list, resource, type Stored } from "../../http/response.ts";
import { insertRow } from "../../http/rows.ts";
import { deriveShelvesAgain } from "../devices/rederive.ts";
import { findInventoryItem, listInventoryItems, setStockRules, versionOf } from "./queries.ts";
import {
  type InventoryItem,
  inventoryItem,
  inventoryItemChange,
  newInventoryItem,
  reorderPoint,
} from "../master-data/catalogue-schema.ts";
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
export function countedBy({ userId }: Principal, id: number, quantity: number): NewFact {
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
): Promise<Stored<InventoryItem>> {
  const version = await versionOf(client, "inventory_items", id);
  if (version === undefined) throw notFound("inventory item");
  expectVersion(c, version);
  const subject: Subject = `stock:${id}`;
  const conditional = parseTags(c.req.header("If-Match")) !== undefined;
  if (rules.reorder_point !== undefined || rules.source !== undefined) await setStockRules(client, id, rules);
  await record(client, {
    facts: quantity === undefined ? [] : [countedBy(principal, id, quantity)],
    refold: [subject],
    ...(conditional && { expected: new Map([[subject, version]]) }),
  });
  return shown(client, id);
}

async function shown(db: Pool | PoolClient, id: number): Promise<Stored<InventoryItem>> {
  const row = await findInventoryItem(db, id);
  if (!row) throw notFound("inventory item");
  return row;
}

export function registerInventory(endpoints: Endpoints, pool: Pool): void {
  endpoints.read(
    {
      route: "GET /inventory-items",
      tag,
      summary: "How much of what is where",
      query: listQuery,
      answer: z.array(inventoryItem),
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
      return list(
        pageOf(rows, query.limit, ({ id }) => [id]),
        c.req.url,
      );
    },
  );
  endpoints.change(
    {
      route: "POST /inventory-items",
      tag,
      summary: "Keep a product at a location",
      body: newInventoryItem,
      answer: inventoryItem,
      status: 201,
    },
    async ({ body, principal, c }, client) => {
      const { quantity = 0, ...row } = body;
      const id = await insertRow(client, "inventory_items", row, ["item_id", "location_id", "reorder_point", "source"]);
      await deriveShelvesAgain(client, body.item_id);
      const facts = quantity > 0 ? [countedBy(principal, id, quantity)] : [];
      await record(client, { facts, refold: [`stock:${id}`] });
      const reply = resource(await shown(client, id), 201);
      return { ...reply, headers: { ...reply.headers, Location: `${new URL(c.req.url).pathname}/${id}` } };
    },
  );
  endpoints.read(
    {
      route: "GET /inventory-items/{id}",
      tag,
      summary: "One product at one location",
      params: idParams,
      answer: inventoryItem,
    },
    async ({ params }) => resource(await shown(pool, params.id)),
  );
  endpoints.read(
    {
      route: "GET /inventory-items/{id}/events",
      tag,
      summary: "What happened to it, oldest first, and how we know: counts, slips, removals nobody explained",
      params: idParams,
      query: stockEventsQuery,
      answer: z.array(stockEvent),
    },
    async ({ params, query, c }) => {
      await shown(pool, params.id);
      const { type, limit } = query;
      const after = decodeCursor(query.cursor, stockEventCursor);
      const rows = await listStockEvents(pool, { inventoryItemId: params.id, type, after, limit: limit + 1 });
      return list(
        pageOf(rows, limit, ({ at, id }) => [at.toISOString(), id]),
        c.req.url,
      );
    },
  );
  endpoints.change(
    {
      route: "PUT /inventory-items/{id}",
      tag,
      summary: "Count stock; a manager may also change its rules",
      params: idParams,
      body: inventoryItemChange,
      answer: inventoryItem,
    },
    async ({ params, body, principal, c }, client) => {
      const changesRules = body.reorder_point !== undefined || body.source !== undefined;
      if (changesRules && !maySetRules(principal.role)) {
        throw new Problem(403, "reorder points and sources are for a manager to change");
      }
      return resource(await changeStock(c, client, principal, params.id, body));
    },
  );
  endpoints.change(
    {
      route: "PUT /reorder-points/{id}",
      tag,
      summary: "Set the reorder point of an inventory item",
      params: idParams,
      body: reorderPoint,
      answer: inventoryItem,
    },
    async ({ params, body, principal, c }, client) =>
      resource(await changeStock(c, client, principal, params.id, body)),
  );
}
