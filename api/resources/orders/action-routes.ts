import { z } from "@hono/zod-openapi";
import type { PoolClient } from "pg";
import type { Principal } from "../../auth/principal.ts";
import { type Access, HANDLING, ORDERING, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, wholeListParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { list, ok } from "../../http/response.ts";
import { cancelOrder } from "./cancel.ts";
import { packOrder, type PackingTools } from "./pack.ts";
import { pickOrder } from "./pick.ts";
import { assertMayChange, isPlacedBy } from "./place-order.ts";
import { getOrder, orderFor, orderView, type StoredOrder } from "./queries.ts";
import { receiveOrder } from "./receive.ts";
import { reserveOrder } from "./reserve.ts";
import { cancelling, order, orderUnit, packing, picking, receipt, reserving, shipping } from "./schema.ts";
import { shipOrder } from "./ship.ts";
import { listUnits } from "./unit-queries.ts";

const tag = "Orders";

/** What is done with the goods of an order. */
export function registerOrderActions(endpoints: Endpoints, tools: PackingTools): void {
  function action<B extends z.ZodType>(
    spec: { name: string; access: Access; summary: string; body: B; conflict: string },
    run: (client: PoolClient, principal: Principal, order: StoredOrder, body: z.output<B>) => Promise<void>,
  ): void {
    endpoints.mutate(
      {
        route: `POST /orders/{id}/${spec.name}`,
        access: spec.access,
        tag,
        summary: spec.summary,
        params: idParams,
        audited: { table: "orders", read: async (client, { id }) => orderView(await getOrder(client, id)) },
        body: spec.body,
        bodyOptional: spec.name !== "receive",
        response: order,
        problems: { 409: spec.conflict },
      },
      async ({ params, body, principal, c }, client) => {
        await lockRowIfMatch(c, client, "orders", params.id, "order");
        await run(client, principal, await getOrder(client, params.id), body);
        return ok(orderFor(principal.role, orderView(await getOrder(client, params.id))));
      },
    );
  }

  action(
    {
      name: "reserve",
      access: ORDERING,
      summary: "Hold goods for what is open of an order; what lies there longest is held first",
      body: reserving,
      conflict: "nothing is available, or the order is ended",
    },
    (client, principal, of, body) => {
      assertMayChange(principal, of.kind, isPlacedBy(principal, of));
      return reserveOrder(client, of, body);
    },
  );
  action(
    {
      name: "pick",
      access: HANDLING,
      summary: "Record what was taken for an order, without a pick list",
      body: picking,
      conflict: "fewer are held or available",
    },
    pickOrder,
  );
  action(
    {
      name: "pack",
      access: HANDLING,
      summary: "Pack what was picked into boxes or pallets, each with its SSCC",
      body: packing,
      conflict: "fewer were picked, or a unit does not weigh what its contents do",
    },
    (client, _principal, of, body) => packOrder(client, of, body, tools),
  );
  action(
    {
      name: "ship",
      access: HANDLING,
      summary: "Ship what is packed: it becomes a shipment with its units",
      body: shipping,
      conflict: "nothing is packed",
    },
    (client, principal, of, body) => shipOrder(client, principal, of, body, tools.companyPrefix),
  );
  action(
    {
      name: "receive",
      access: HANDLING,
      summary: "Take in what has arrived of a restock order, a transfer or a return: it becomes stock",
      body: receipt,
      conflict: "the order does not wait for goods",
    },
    receiveOrder,
  );
  action(
    {
      name: "cancel",
      access: ORDERING,
      summary: "Cancel an order, or the rest of one that was shipped or received in part: its goods are free again",
      body: cancelling,
      conflict: "nothing is left to cancel",
    },
    (client, principal, of) => {
      assertMayChange(principal, of.kind, isPlacedBy(principal, of));
      return cancelOrder(client, principal, of);
    },
  );
  endpoints.read(
    {
      route: "GET /orders/{id}/units",
      access: SIGNED_IN,
      tag,
      summary: "List the boxes and pallets that an order was packed into, with their contents and shipments",
      params: idParams,
      query: z.strictObject(wholeListParameters),
      response: z.array(orderUnit),
    },
    async ({ params, query: { limit, cursor }, c, db }) => {
      await getOrder(db, params.id);
      const rows = await listUnits(db, params.id, { after: idAfter(cursor), limit: limit + 1 });
      return list(pageById(rows, limit), c.req.url);
    },
  );
}
