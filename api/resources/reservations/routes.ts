import { z } from "@hono/zod-openapi";
import { beyondLimits } from "../../auth/limits.ts";
import { ORDERING, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams, queryId } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { checkIfMatch } from "../../http/preconditions.ts";
import { Problem } from "../../http/problem.ts";
import { list, noContent, okLive } from "../../http/response.ts";
import { deleteRow, lockRow } from "../../http/rows.ts";
import { assertMayChange, isPlacedBy } from "../orders/place-order.ts";
import { getOrder, touchOrder } from "../orders/queries.ts";
import { getReservation, listReservations, pickListOf } from "./queries.ts";
import { reservation } from "./schema.ts";

const tag = "Orders";

const listQuery = z.strictObject({
  order_id: queryId.optional(),
  inventory_item_id: queryId.optional(),
  ...pageParameters,
});

/** Goods that are held for the lines of orders. */
export function registerReservations(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /reservations",
      access: SIGNED_IN,
      tag,
      summary: "List reservations: which goods are held for which line of which order, and until when",
      query: listQuery,
      response: z.array(reservation),
    },
    async ({ query, c, db }) => {
      const { limit, order_id: orderId, inventory_item_id: inventoryItemId } = query;
      const filter = { after: idAfter(query.cursor), orderId, inventoryItemId, limit: limit + 1 };
      return list(pageById(await listReservations(db, filter), limit), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /reservations/{id}",
      access: SIGNED_IN,
      tag,
      summary: "Get one reservation",
      params: idParams,
      response: reservation,
    },
    async ({ params, db }) => okLive(await getReservation(db, params.id)),
  );
  endpoints.mutate(
    {
      route: "DELETE /reservations/{id}",
      access: ORDERING,
      tag,
      summary: "Free what is held: others may have it, and the line of the order is open again",
      params: idParams,
      audited: { table: "reservations", read: (client, { id }) => getReservation(client, id) },
      status: 204,
      problems: { 409: "it is on a pick list" },
    },
    async ({ params, principal, c }, client) => {
      const held = await getReservation(client, params.id);
      checkIfMatch(c, held.version);
      const order = await beyondLimits(client, () => getOrder(client, held.order_id));
      assertMayChange(principal, order.kind, isPlacedBy(principal, order));
      const pickList = await beyondLimits(client, () => pickListOf(client, held));
      if (pickList !== undefined) throw new Problem(409, `it is on pick list ${pickList}: cancel that, or the order`);
      await beyondLimits(client, async () => {
        await lockRow(client, "inventory_items", held.inventory_item_id);
        await deleteRow(client, "reservations", held.id);
        await touchOrder(client, held.order_id);
      });
      return noContent;
    },
  );
}
