import { z } from "@hono/zod-openapi";
import type { Pool, PoolClient } from "pg";
import type { Principal } from "../../auth/principal.ts";
import { maySetRules } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { expectVersion } from "../../http/preconditions.ts";
import { idAfter, pageOf, pageParameters } from "../../http/paging.ts";
import { notFound, Problem } from "../../http/problem.ts";
import { list, type Reply, resource } from "../../http/response.ts";
import { holdRow, insertRow, updateRow } from "../../http/rows.ts";
import { findOrder, listOrders, setOrderLines, type StoredOrder } from "./queries.ts";
import { idParams, queryId } from "../../http/fields.ts";
import { newOrder, order, ORDER_KINDS, ORDER_STATUSES, orderChange } from "./schema.ts";

const tag = "Orders";
const COLUMNS = ["customer_id", "supplier_id", "location_id", "reference", "order_date"];

const listQuery = z.strictObject({
  kind: z.enum(ORDER_KINDS).optional(),
  status: z.enum(ORDER_STATUSES).optional(),
  customer_id: queryId.optional(),
  ...pageParameters,
});

async function shown(db: Pool | PoolClient, id: number): Promise<StoredOrder> {
  const row = await findOrder(db, id);
  if (!row) throw notFound("order");
  return row;
}

/** Who placed it decides who may change it, and is nobody else's business. */
function answer(row: StoredOrder, status: 200 | 201 = 200): Reply {
  const view = { ...row, created_by: undefined };
  return resource(view, status);
}

/** Restock orders are approved by managers; the others' orders are theirs alone to change. */
function refuseForeign(principal: Principal, kind: string, createdBy: number | null): void {
  if (maySetRules(principal.role)) return;
  if (kind === "restock") throw new Problem(403, "restock orders are for a manager");
  if (createdBy !== principal.userId) throw new Problem(403, "this order is somebody else's");
}

export function registerOrders(endpoints: Endpoints, pool: Pool): void {
  endpoints.read(
    { route: "GET /orders", tag, summary: "List orders", query: listQuery, answer: z.array(order) },
    async ({ query, c }) => {
      const { kind, status, customer_id: customerId, limit } = query;
      const rows = await listOrders(pool, { after: idAfter(query.cursor), kind, status, customerId, limit: limit + 1 });
      const page = pageOf(rows, limit, ({ id }) => [id]);
      return list({ ...page, rows: page.rows.map((row) => ({ ...row, created_by: undefined })) }, c.req.url);
    },
  );
  endpoints.change(
    { route: "POST /orders", tag, summary: "Place an order", body: newOrder, answer: order, status: 201 },
    async ({ body, principal, c }, client) => {
      refuseForeign(principal, body.kind, principal.userId);
      const { lines, ...row } = body;
      const withAuthor = { ...row, created_by: principal.userId };
      const id = await insertRow(client, "orders", withAuthor, ["kind", "created_by", ...COLUMNS]);
      await setOrderLines(client, id, lines);
      const reply = answer(await shown(client, id), 201);
      return { ...reply, headers: { ...reply.headers, Location: `${new URL(c.req.url).pathname}/${id}` } };
    },
  );
  endpoints.read(
    { route: "GET /orders/{id}", tag, summary: "One order", params: idParams, answer: order },
    async ({ params }) => answer(await shown(pool, params.id)),
  );
  endpoints.change(
    { route: "PUT /orders/{id}", tag, summary: "Change an order", params: idParams, body: orderChange, answer: order },
    async ({ params, body, principal, c }, client) => {
      if ((await holdRow(client, "orders", params.id)) === undefined) throw notFound("order");
      const before = await shown(client, params.id);
      expectVersion(c, before.version);
      refuseForeign(principal, before.kind, before.created_by);
      const { lines, ...row } = body;
      await updateRow(client, "orders", params.id, row, ["status", ...COLUMNS]);
      if (lines) await setOrderLines(client, params.id, lines);
      return answer(await shown(client, params.id));
    },
  );
}
