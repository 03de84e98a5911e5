import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { HANDLING, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { list } from "../../http/response.ts";
import type { AdjustLimit } from "../movements/adjust-limit.ts";
import { assertPutAwayFrom, confirmPutAway } from "./confirm.ts";
import { listGoods } from "./queries.ts";
import { newPutAway, putAway, putAwaySuggestion } from "./schema.ts";
import { suggestPlaces } from "./suggest.ts";

const tag = "Locations";

/** Where goods that have arrived are put: what is suggested, and what a scan of the place confirms. */
export function registerPutAway(endpoints: Endpoints, pool: Pool, adjustLimit: AdjustLimit): void {
  endpoints.read(
    {
      route: "GET /locations/{id}/put-away",
      access: SIGNED_IN,
      tag,
      summary: "List the goods that lie in a receiving or quality place, and where to put them, with the reasons",
      params: idParams,
      query: z.strictObject({
        code: z.string().max(255).optional().describe("only what this scanned code names: a GTIN, a SKU, a barcode"),
        ...pageParameters,
      }),
      response: z.array(putAwaySuggestion),
      problems: { 409: "goods are not put away from this location" },
    },
    async ({ params: { id }, query: { code, cursor, limit }, c, db }) => {
      const { onlyGood } = await assertPutAwayFrom(db, id);
      const goods = await listGoods(db, { locationId: id, onlyGood, code, after: idAfter(cursor), limit: limit + 1 });
      const page = pageById(goods, limit);
      return list({ ...page, rows: await suggestPlaces({ db, all: pool }, id, page.rows) }, c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /locations/{id}/put-away",
      access: HANDLING,
      tag,
      summary: "Put goods away: book them to the place whose label was scanned, if the rules allow it",
      params: idParams,
      body: newPutAway,
      response: putAway,
      status: 201,
      problems: { 409: "the goods may not be put there, with every reason, or there are fewer to be put away" },
    },
    async ({ params: { id }, body, principal }, client) => ({
      status: 201,
      body: await confirmPutAway(client, principal, { from: id, body, limit: adjustLimit }),
    }),
  );
}
