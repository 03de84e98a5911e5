import { z } from "@hono/zod-openapi";
import { ORDERING, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams, queryId } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { created, list, ok, okLive } from "../../http/response.ts";
import { changeOrder, placeOrder } from "./place-order.ts";
import { getOrder, listOrders, orderFor, orderView } from "./queries.ts";
import { newOrder, order, ORDER_KINDS, ORDER_STATUSES, orderChange } from "./schema.ts";
import { IS_OVER } from "./status-edges.ts";

const tag = "Orders";

export const listQuery = z.strictObject({
  kind: z.enum(ORDER_KINDS).optional(),
  status: z.enum(ORDER_STATUSES).optional(),
  customer_id: queryId.optional(),
  ...pageParameters,
});

export function registerOrders(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /orders",
      access: SIGNED_IN,
      tag,
      summary: "List orders",
      query: listQuery,
      response: z.array(order),
    },
    async ({ query, principal, c, db }) => {
      const { kind, status, customer_id: customerId, limit } = query;
      const rows = await listOrders(db, { after: idAfter(query.cursor), kind, status, customerId, limit: limit + 1 });
      return list(
        pageById(
          rows.map((row) => orderFor(principal.role, orderView(row))),
          limit,
        ),
        c.req.url,
      );
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
      const id = await placeOrder(client, principal, body);
      return created(orderFor(principal.role, orderView(await getOrder(client, id))), c.req.url);
    },
  );
  endpoints.read(
    { route: "GET /orders/{id}", access: SIGNED_IN, tag, summary: "Get one order", params: idParams, response: order },
    async ({ params, principal, db }) => {
      const view = orderFor(principal.role, orderView(await getOrder(db, params.id)));
      // When its goods are expected follows its shipments and the clock; before and after, only the order itself changes.
      return IS_OVER.has(view.status) || view.status === "draft" ? ok(view) : okLive(view);
    },
  );
  endpoints.mutate(
    {
      route: "PUT /orders/{id}",
      access: ORDERING,
      tag,
      summary: "Change an order",
      params: idParams,
      audited: { table: "orders", read: async (client, { id }) => orderView(await getOrder(client, id)) },
      body: orderChange,
      response: order,
    },
    async ({ params, body, principal, c }, client) => {
      await lockRowIfMatch(c, client, "orders", params.id, "order");
      await changeOrder(client, principal, params.id, body);
      return ok(orderFor(principal.role, orderView(await getOrder(client, params.id))));
    },
  );
}
