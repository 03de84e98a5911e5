import { z } from "@hono/zod-openapi";
import { HANDLING } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { decodeCursor, pageById, pageParameters } from "../../http/paging.ts";
import { list } from "../../http/response.ts";
import { listPackingScales } from "./queries.ts";
import { packingScale } from "./schema.ts";

const cursorKey = z.tuple([z.string().max(256)]);

/** What people weigh packed boxes and pallets on. Other devices are the business of managers. */
export function registerPackingScales(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /packing-scales",
      access: HANDLING,
      tag: "Orders",
      summary: "List the scales that stand at a location and weigh no shelf, with what lies on them",
      query: z.strictObject(pageParameters),
      response: z.array(packingScale),
    },
    async ({ query: { cursor, limit }, c, db }) => {
      const after = decodeCursor(cursor, cursorKey)?.[0];
      return list(pageById(await listPackingScales(db, { after, limit: limit + 1 }), limit), c.req.url);
    },
  );
}
