import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import type { Principal } from "../../auth/principal.ts";
import { canManage, ORDERING, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams, queryId } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { Problem } from "../../http/problem.ts";
import { created, list, ok, type Versioned } from "../../http/response.ts";
import { insertRow, updateRow } from "../../http/rows.ts";
import { getOrder, listOrders, setOrderLines, type StoredOrder } from "./queries.ts";
import { newOrder, type Order, order, ORDER_KINDS, ORDER_STATUSES, orderChange } from "./schema.ts";

const tag = "Orders";
const COLUMNS = ["customer_id", "supplier_id", "location_id", "reference", "order_date"];

const listQuery = z.strictObject({
  kind: z.enum(ORDER_KINDS).optional(),
  status: z.enum(ORDER_STATUSES).optional(),
  customer_id: queryId.optional(),
  ...pageParameters,
});

/** Leaves out who placed the order: it decides who may change it, and is not shown to clients. */
function withoutCreator(row: StoredOrder): Versioned<Order> {
  const { created_by: _, ...view } = row;
  return view;
}

/** Restock orders are for managers; another order may be changed by the user who placed it. @throws Problem 403 */
function assertMayChange(principal: Principal, kind: string, createdBy: number | null): void {
  if (canManage(principal.role)) return;
  if (kind === "restock") throw new Problem(403, "only a manager may place or change restock orders");
  if (createdBy !== principal.userId) throw new Problem(403, "this order was placed by another user");
}

export function registerOrders(endpoints: Endpoints, pool: Pool): void {
  endpoints.read(
    {
      route: "GET /orders",
      access: SIGNED_IN,
      tag,
      summary: "List orders",
      query: listQuery,
      response: z.array(order),
    },
    async ({ query, c }) => {
      const { kind, status, customer_id: customerId, limit } = query;
      const rows = await listOrders(pool, { after: idAfter(query.cursor), kind, status, customerId, limit: limit + 1 });
      return list(pageById(rows.map(withoutCreator), limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /orders",
      access: ORDERING,
      tag,
      summary: "Place an order",
      body: newOrder,
      response: order,
      status: 201,
    },
    async ({ body, principal, c }, client) => {
      assertMayChange(principal, body.kind, principal.userId);
      const { lines, ...row } = body;
      const rowWithCreator = { ...row, created_by: principal.userId };
      const id = await insertRow(client, "orders", rowWithCreator, ["kind", "created_by", ...COLUMNS]);
      await setOrderLines(client, id, lines);
      return created(withoutCreator(await getOrder(client, id)), c.req.url);
    },
  );
  endpoints.read(
    { route: "GET /orders/{id}", access: SIGNED_IN, tag, summary: "Get one order", params: idParams, response: order },
    async ({ params }) => ok(withoutCreator(await getOrder(pool, params.id))),
  );
  endpoints.mutate(
    {
      route: "PUT /orders/{id}",
      access: ORDERING,
      tag,
      summary: "Change an order",
      params: idParams,
      body: orderChange,
      response: order,
    },
    async ({ params, body, principal, c }, client) => {
      await lockRowIfMatch(c, client, "orders", params.id, "order");
      const before = await getOrder(client, params.id);
      assertMayChange(principal, before.kind, before.created_by);
      const { lines, ...row } = body;
      await updateRow(client, "orders", params.id, row, ["status", ...COLUMNS]);
      if (lines) await setOrderLines(client, params.id, lines);
      return ok(withoutCreator(await getOrder(client, params.id)));
    },
  );
}
