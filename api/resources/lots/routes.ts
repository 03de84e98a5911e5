import { z } from "@hono/zod-openapi";
import { isLimited } from "../../auth/limits.ts";
import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams, queryFlag, queryId } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { Problem } from "../../http/problem.ts";
import { assertParties, assertReferences } from "../../http/references.ts";
import { created, list, ok, okLive } from "../../http/response.ts";
import { holdLot, releaseLot } from "./hold.ts";
import { registerLotHistory } from "./history-routes.ts";
import { ensureLot, findLot, getLot, listLots, stateLot } from "./queries.ts";
import { day, holding, lot, lotChange, newLot, releasing } from "./schema.ts";
import { registerShipmentLots } from "./shipment-routes.ts";

const tag = "Lots";

const listQuery = z.strictObject({
  item_id: queryId.optional(),
  location_id: queryId.optional().describe("those that are there now"),
  q: z.string().max(64).optional().describe("what the lot number begins with"),
  on_hold: queryFlag.optional(),
  expired: queryFlag.optional(),
  expires_before: day.optional().describe("those whose last day is before this one"),
  in_stock: queryFlag.optional().describe("whether anything is known of it in stock"),
  ...pageParameters,
});

const audited = { table: "lots", read: findLotOf };
function findLotOf(client: Parameters<typeof findLot>[0], { id }: { id: number }) {
  return findLot(client, id);
}

/** Lots of items: when they expire, whether they are on hold, and where they are and were. */
export function registerLots(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /lots",
      access: SIGNED_IN,
      tag,
      summary: "List lots: how much of each is in stock, when it expires, whether it is on hold",
      query: listQuery,
      response: z.array(lot),
    },
    async ({ query, c, db, principal }) => {
      const filter = {
        after: idAfter(query.cursor),
        itemId: query.item_id,
        locationId: query.location_id,
        q: query.q,
        isOnHold: query.on_hold,
        isExpired: query.expired,
        expiresBefore: query.expires_before,
        isInStock: query.in_stock,
        limit: query.limit + 1,
      };
      const rows = await listLots(db, filter, isLimited(principal.limits));
      return list(pageById(rows, query.limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /lots",
      access: MANAGEMENT,
      tag,
      summary: "Add a lot before the first of it comes. Scans and receipts add the lots that they name",
      body: newLot,
      response: lot,
      status: 201,
      problems: { 409: "the item has a lot with this number" },
    },
    async ({ body: { item_id: itemId, number, hold, ...details }, principal, c }, client) => {
      await assertReferences(client, "items", [{ pointer: "/item_id", id: itemId }]);
      await assertParties(client, "supplier", [{ pointer: "/supplier_id", id: details.supplier_id }]);
      const { id, isNew } = await ensureLot(client, itemId, number);
      if (!isNew) throw new Problem(409, `there is a lot ${number} of this item already`);
      await stateLot(client, id, details);
      if (hold !== undefined) await holdLot(client, principal, await getLot(client, id), hold);
      return created(await getLot(client, id), c.req.url);
    },
  );
  endpoints.read(
    { route: "GET /lots/{id}", access: SIGNED_IN, tag, summary: "Get one lot", params: idParams, response: lot },
    async ({ params, db }) => okLive(await getLot(db, params.id)),
  );
  endpoints.mutate(
    {
      route: "PUT /lots/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Change a lot; fields left out keep their value. A date that is stated here is not changed by labels",
      params: idParams,
      body: lotChange,
      response: lot,
      audited,
    },
    async ({ params, body, c }, client) => {
      await lockRowIfMatch(c, client, "lots", params.id, "lot");
      await assertParties(client, "supplier", [{ pointer: "/supplier_id", id: body.supplier_id }]);
      await stateLot(client, params.id, body);
      return ok(await getLot(client, params.id));
    },
  );
  endpoints.mutate(
    {
      route: "POST /lots/{id}/hold",
      access: MANAGEMENT,
      tag,
      summary: "Put a lot on hold: nothing of it is available, wherever it is, until it is released",
      params: idParams,
      body: holding,
      response: lot,
      audited,
      problems: { 409: "it is on hold already" },
    },
    async ({ params, body, principal, c }, client) => {
      await lockRowIfMatch(c, client, "lots", params.id, "lot");
      await holdLot(client, principal, await getLot(client, params.id), body.reason);
      return ok(await getLot(client, params.id));
    },
  );
  endpoints.mutate(
    {
      route: "POST /lots/{id}/release",
      access: MANAGEMENT,
      tag,
      summary: "Release a lot: what is on hold of it is good again",
      params: idParams,
      body: releasing,
      response: lot,
      audited,
      problems: { 409: "it is not on hold" },
    },
    async ({ params, body, principal, c }, client) => {
      await lockRowIfMatch(c, client, "lots", params.id, "lot");
      await releaseLot(client, principal, await getLot(client, params.id), body.reason);
      return ok(await getLot(client, params.id));
    },
  );
  registerLotHistory(endpoints);
  registerShipmentLots(endpoints);
}
