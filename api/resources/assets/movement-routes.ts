import { z } from "@hono/zod-openapi";
import { HANDLING, MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams, queryId } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { created, list, ok, okLive } from "../../http/response.ts";
import { getAssetMovement, listAssetMovements } from "./queries.ts";
import { recordAssetMovement, reverseAssetMovement } from "./record.ts";
import { assetMovement, assetReversal, newAssetMovement } from "./schema.ts";

const tag = "Assets";

/** What was given to parties and what came back. */
export function registerAssetMovements(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /asset-movements",
      access: SIGNED_IN,
      tag,
      summary: "List what was given to parties and what they returned; newest first",
      query: z.strictObject({
        party_id: queryId.optional(),
        asset_type_id: queryId.optional(),
        shipment_id: queryId.optional(),
        ...pageParameters,
      }),
      response: z.array(assetMovement),
    },
    async ({ query, c, db }) => {
      const filter = {
        before: idAfter(query.cursor),
        partyId: query.party_id,
        assetTypeId: query.asset_type_id,
        shipmentId: query.shipment_id,
        limit: query.limit + 1,
      };
      return list(pageById(await listAssetMovements(db, filter), query.limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /asset-movements",
      access: HANDLING,
      tag,
      summary: "Record what was given to a party or returned by it: how many, or which by serial or scanned GRAI",
      body: newAssetMovement,
      response: assetMovement,
      status: 201,
      problems: { 409: "one of the assets is with another party, or with us" },
    },
    async ({ body, principal, c }, client) =>
      created(await getAssetMovement(client, await recordAssetMovement(client, principal, body)), c.req.url),
  );
  endpoints.read(
    {
      route: "GET /asset-movements/{id}",
      access: SIGNED_IN,
      tag,
      summary: "Get one movement of returnable assets",
      params: idParams,
      response: assetMovement,
    },
    async ({ params, db }) => okLive(await getAssetMovement(db, params.id)),
  );
  endpoints.mutate(
    {
      route: "POST /asset-movements/{id}/reverse",
      access: MANAGEMENT,
      tag,
      summary: "Take a movement of returnable assets back",
      params: idParams,
      body: assetReversal,
      response: assetMovement,
      status: 201,
      problems: { 409: "it was taken back already, or one of its assets was moved since" },
    },
    async ({ params, body, principal }, client) =>
      ok(await getAssetMovement(client, await reverseAssetMovement(client, principal, params.id, body.reason)), 201),
  );
}
