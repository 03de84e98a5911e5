import { z } from "@hono/zod-openapi";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams, queryId } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { list } from "../../http/response.ts";
import { getUtilisation, listUtilisation } from "./utilisation-queries.ts";
import { utilisation, utilisationForecast } from "./utilisation-schema.ts";

const tag = "Locations";

/** How full places are. */
export function registerUtilisation(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /locations/utilisation",
      access: SIGNED_IN,
      tag,
      summary: "List how full the locations are that have a capacity: by their own stock and all below them",
      query: z.strictObject({
        parent_id: queryId.optional().describe("only those that lie directly in this location"),
        ...pageParameters,
      }),
      response: z.array(utilisation),
    },
    async ({ query: { parent_id: parentId, cursor, limit }, c, db }) => {
      const rows = await listUtilisation(db, { after: idAfter(cursor), parentId, limit: limit + 1 });
      return list(pageById(rows, limit), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /locations/{id}/utilisation",
      access: SIGNED_IN,
      tag,
      summary: "Say how full one location is, and when it will be full at the inflow of the last weeks",
      params: idParams,
      response: utilisationForecast,
    },
    async ({ params, db }) => ({ status: 200, body: await getUtilisation(db, params.id) }),
  );
}
