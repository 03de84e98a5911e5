import { z } from "@hono/zod-openapi";
import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams, queryId } from "../../http/fields.ts";
import { decodeCursor, idAfter, pageById, pageOf, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { created, list, noContent, ok, okLive } from "../../http/response.ts";
import { deleteRow, insertRow, updateRow } from "../../http/rows.ts";
import { getAssetType, listAssetTypes, listBalances, listAssets } from "./queries.ts";
import { registerAssetMovements } from "./movement-routes.ts";
import { asset, assetBalance, assetType, assetTypeChange, newAssetType } from "./schema.ts";

const tag = "Assets";
const COLUMNS = ["name", "kind", "grai", "value_cents", "currency"];
const audited = {
  table: "asset_types",
  read: (client: Parameters<typeof getAssetType>[0], { id }: { id: number }) => getAssetType(client, id),
};
const balanceCursor = z.tuple([z.number().int(), z.number().int()]);
const assetCursor = z.tuple([z.number().int(), z.string()]);

/** Returnable assets: their types, who has how many of them, and where each with a serial is. */
export function registerAssets(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /asset-types",
      access: SIGNED_IN,
      tag,
      summary: "List types of returnable assets: pallets, crates, containers",
      query: z.strictObject(pageParameters),
      response: z.array(assetType),
    },
    async ({ query: { limit, cursor }, c, db }) =>
      list(pageById(await listAssetTypes(db, idAfter(cursor), limit + 1), limit), c.req.url),
  );
  endpoints.mutate(
    {
      route: "POST /asset-types",
      access: MANAGEMENT,
      tag,
      summary: "Add a type of returnable assets",
      body: newAssetType,
      response: assetType,
      status: 201,
    },
    async ({ body, c }, client) =>
      created(await getAssetType(client, await insertRow(client, "asset_types", body, COLUMNS)), c.req.url),
  );
  endpoints.read(
    {
      route: "GET /asset-types/{id}",
      access: SIGNED_IN,
      tag,
      summary: "Get one type of returnable assets",
      params: idParams,
      response: assetType,
    },
    async ({ params, db }) => okLive(await getAssetType(db, params.id)),
  );
  endpoints.mutate(
    {
      route: "PUT /asset-types/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Change a type of returnable assets; fields left out keep their value",
      params: idParams,
      body: assetTypeChange,
      response: assetType,
      audited,
    },
    async ({ params, body, c }, client) => {
      await lockRowIfMatch(c, client, "asset_types", params.id, "asset type");
      await updateRow(client, "asset_types", params.id, body, COLUMNS);
      return ok(await getAssetType(client, params.id));
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /asset-types/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Remove a type of returnable assets that never moved",
      params: idParams,
      status: 204,
      audited,
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, "asset_types", params.id, "asset type");
      await deleteRow(client, "asset_types", params.id);
      return noContent;
    },
  );
  endpoints.read(
    {
      route: "GET /asset-balances",
      access: SIGNED_IN,
      tag,
      summary: "List how many returnable assets each party has of ours, by its movements",
      query: z.strictObject({ party_id: queryId.optional(), asset_type_id: queryId.optional(), ...pageParameters }),
      response: z.array(assetBalance),
    },
    async ({ query, c, db }) => {
      const { limit, cursor, party_id: partyId, asset_type_id: assetTypeId } = query;
      const after = decodeCursor(cursor, balanceCursor);
      const rows = await listBalances(db, { after, partyId, assetTypeId, limit: limit + 1 });
      return list(
        pageOf(rows, limit, ({ party_id, asset_type_id }) => [party_id, asset_type_id]),
        c.req.url,
      );
    },
  );
  endpoints.read(
    {
      route: "GET /assets",
      access: SIGNED_IN,
      tag,
      summary: "List returnable assets that have a serial of their own, and who has them",
      query: z.strictObject({
        party_id: queryId.optional(),
        asset_type_id: queryId.optional(),
        serial: z.string().max(256).optional(),
        ...pageParameters,
      }),
      response: z.array(asset),
    },
    async ({ query, c, db }) => {
      const { limit, cursor, serial, party_id: partyId, asset_type_id: assetTypeId } = query;
      const after = decodeCursor(cursor, assetCursor);
      const rows = await listAssets(db, { after, partyId, assetTypeId, serial, limit: limit + 1 });
      return list(
        pageOf(rows, limit, ({ asset_type_id, serial }) => [asset_type_id, serial]),
        c.req.url,
      );
    },
  );
  registerAssetMovements(endpoints);
}
