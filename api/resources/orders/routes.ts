import { z } from "@hono/zod-openapi";
import type { PoolClient } from "pg";
import type { Principal } from "../../auth/principal.ts";
import { canManage, HANDLING, ORDERING, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams, queryId } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { Problem, refusedStatus } from "../../http/problem.ts";
import { assertParties, assertReferences, type Reference } from "../../http/references.ts";
import { created, list, ok } from "../../http/response.ts";
import { insertRow, updateRow } from "../../http/rows.ts";
import { dismissDraft, getOrder, listOrders, markSent, orderView, setOrderLines, type StoredOrder } from "./queries.ts";
import { receiveOrder } from "./receive.ts";
import { newOrder, order, ORDER_KINDS, ORDER_STATUSES, orderChange, receipt } from "./schema.ts";
import { LINES_OPEN, nextStatuses } from "./status-edges.ts";

const tag = "Orders";
const COLUMNS = ["customer_id", "supplier_id", "location_id", "reference", "order_date"];

const listQuery = z.strictObject({
  kind: z.enum(ORDER_KINDS).optional(),
  status: z.enum(ORDER_STATUSES).optional(),
  customer_id: queryId.optional(),
  ...pageParameters,
});

const isPlacedBy = (
  { kind, id }: Principal,
  { created_by: userId, created_by_client: clientId }: StoredOrder,
): boolean => id === (kind === "user" ? userId : clientId);

/** Restock orders are for managers; another order may be changed by the user or API client that placed it. @throws Problem 403 */
function assertMayChange({ role }: Principal, kind: string, isOwn: boolean): void {
  if (canManage(role)) return;
  if (kind === "restock") throw new Problem(403, "only a manager may place or change restock orders");
  if (!isOwn) throw new Problem(403, "this order was placed by another");
}

/** @throws Problem 400 for a customer or supplier that does not exist, or has not this role */
async function assertPartners(
  client: PoolClient,
  { customer_id: customer, supplier_id: supplier }: Pick<z.output<typeof orderChange>, "customer_id" | "supplier_id">,
): Promise<void> {
  await assertParties(client, "customer", [{ pointer: "/customer_id", id: customer }]);
  await assertParties(client, "supplier", [{ pointer: "/supplier_id", id: supplier }]);
}

const itemsOf = (lines: readonly { item_id: number }[]): Reference[] =>
  lines.map(({ item_id: id }, at) => ({ pointer: `/lines/${at}/item_id`, id }));

/** @throws Problem 409 naming the statuses that are allowed, or when work on the order has begun and its lines change */
function assertAllowed({ kind, status }: StoredOrder, change: z.output<typeof orderChange>): void {
  const allowed = nextStatuses(kind, status);
  if (change.status !== undefined && change.status !== status && !allowed.includes(change.status)) {
    throw refusedStatus("/status", `a ${kind} order that is ${status} cannot become ${change.status}`, allowed);
  }
  if (change.lines !== undefined && !LINES_OPEN.has(status)) {
    throw new Problem(409, `the lines of an order that is ${status} cannot change any more`);
  }
}

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
    async ({ query, c, db }) => {
      const { kind, status, customer_id: customerId, limit } = query;
      const rows = await listOrders(db, { after: idAfter(query.cursor), kind, status, customerId, limit: limit + 1 });
      return list(pageById(rows.map(orderView), limit), c.req.url);
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
      assertMayChange(principal, body.kind, true);
      const { lines, ...row } = body;
      await assertReferences(client, "items", itemsOf(lines));
      await assertReferences(client, "locations", [{ pointer: "/location_id", id: body.location_id }]);
      await assertPartners(client, body);
      const creator = principal.kind === "user" ? "created_by" : "created_by_client";
      const rowWithCreator = { ...row, [creator]: principal.id };
      const id = await insertRow(client, "orders", rowWithCreator, ["kind", creator, ...COLUMNS]);
      await setOrderLines(client, id, lines);
      return created(orderView(await getOrder(client, id)), c.req.url);
    },
  );
  endpoints.read(
    { route: "GET /orders/{id}", access: SIGNED_IN, tag, summary: "Get one order", params: idParams, response: order },
    async ({ params, db }) => ok(orderView(await getOrder(db, params.id))),
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
      const before = await getOrder(client, params.id);
      assertMayChange(principal, before.kind, isPlacedBy(principal, before));
      assertAllowed(before, body);
      const { lines, ...row } = body;
      await assertReferences(client, "items", itemsOf(lines ?? []));
      await assertReferences(client, "locations", [{ pointer: "/location_id", id: row.location_id }]);
      await assertPartners(client, row);
      await updateRow(client, "orders", params.id, row, ["status", ...COLUMNS]);
      if (lines) await setOrderLines(client, params.id, lines);
      if (before.status !== "sent" && row.status === "sent") await markSent(client, params.id);
      if (before.status === "draft" && row.status === "cancelled") await dismissDraft(client, params.id);
      return ok(orderView(await getOrder(client, params.id)));
    },
  );
  endpoints.mutate(
    {
      route: "POST /orders/{id}/receive",
      access: HANDLING,
      tag,
      summary: "Take in what has arrived of a restock order: it becomes stock",
      params: idParams,
      audited: { table: "orders", read: async (client, { id }) => orderView(await getOrder(client, id)) },
      body: receipt,
      response: order,
      problems: { 409: "the order does not wait for goods" },
    },
    async ({ params, body, principal, c }, client) => {
      await lockRowIfMatch(c, client, "orders", params.id, "order");
      await receiveOrder(client, principal, await getOrder(client, params.id), body);
      return ok(orderView(await getOrder(client, params.id)));
    },
  );
}
