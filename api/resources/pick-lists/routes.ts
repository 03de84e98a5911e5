import { z } from "@hono/zod-openapi";
import type { PoolClient } from "pg";
import { beyondLimits } from "../../auth/limits.ts";
import { HANDLING, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { Problem } from "../../http/problem.ts";
import { created, list, ok, okLive } from "../../http/response.ts";
import { updateRow } from "../../http/rows.ts";
import { lockOrders } from "../orders/queries.ts";
import { confirmPick } from "./confirm.ts";
import { makePickList } from "./make-list.ts";
import { getPickList, listPickLists, shortTasks } from "./queries.ts";
import { confirmedPick, listCancelling, newPickList, PICK_LIST_STATUSES, pickList } from "./schema.ts";

const tag = "Orders";

const listQuery = z.strictObject({ status: z.enum(PICK_LIST_STATUSES).optional(), ...pageParameters });

/** What people walk with through the warehouse: what to take where, for one order or a wave of several. */
export function registerPickLists(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /pick-lists",
      access: SIGNED_IN,
      tag,
      summary: "List pick lists",
      query: listQuery,
      response: z.array(pickList),
    },
    async ({ query: { limit, cursor, status }, c, db }) => {
      const rows = await listPickLists(db, { after: idAfter(cursor), status, limit: limit + 1 });
      return list(pageById(rows, limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /pick-lists",
      access: HANDLING,
      tag,
      summary: "Make a pick list of one order or a wave of several, in walking order",
      body: newPickList,
      response: pickList,
      status: 201,
      problems: { 409: "nothing is to be picked" },
    },
    async ({ body, c }, client) =>
      created(await getPickList(client, await makePickList(client, [...new Set(body.order_ids)])), c.req.url),
  );
  endpoints.read(
    {
      route: "GET /pick-lists/{id}",
      access: SIGNED_IN,
      tag,
      summary: "Get one pick list",
      params: idParams,
      response: pickList,
    },
    async ({ params, db }) => okLive(await getPickList(db, params.id)),
  );
  const audited = {
    table: "pick_lists",
    read: (client: PoolClient, { id }: { id: number }) => getPickList(client, id),
  };
  endpoints.mutate(
    {
      route: "POST /pick-lists/{id}/pick",
      access: HANDLING,
      tag,
      summary: "Confirm what was taken at a stop, by scans of place and goods; or that it was short, and why",
      params: idParams,
      body: confirmedPick,
      response: pickList,
      problems: { 409: "the wrong place or product was scanned, or less is to be taken" },
    },
    async ({ params, body, principal, c }, client) => {
      await lockOrdersOf(client, params.id);
      await lockRowIfMatch(c, client, "pick_lists", params.id, "pick list");
      await confirmPick(client, principal, params.id, body);
      return ok(await getPickList(client, params.id));
    },
  );
  endpoints.mutate(
    {
      route: "POST /pick-lists/{id}/cancel",
      access: HANDLING,
      tag,
      summary: "Cancel a pick list: what was not picked stays held for its orders",
      params: idParams,
      audited,
      body: listCancelling,
      bodyOptional: true,
      response: pickList,
      problems: { 409: "it is not open" },
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, "pick_lists", params.id, "pick list");
      const { status } = await getPickList(client, params.id);
      if (status !== "open") throw new Problem(409, `this pick list is ${status}`);
      await beyondLimits(client, () => shortTasks(client, params.id, null, "the pick list was cancelled"));
      await updateRow(client, "pick_lists", params.id, { status: "cancelled" }, ["status"]);
      return ok(await getPickList(client, params.id));
    },
  );
}

/** Orders are locked before pick lists, everywhere: an order that is cancelled ends its tasks. */
async function lockOrdersOf(client: PoolClient, listId: number): Promise<void> {
  const { order_ids: ids } = await getPickList(client, listId);
  await beyondLimits(client, () => lockOrders(client, ids));
}
