import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { pageParameters } from "../../http/paging.ts";
import { hit } from "./schema.ts";
import { search } from "./search.ts";

const searchQuery = z.strictObject({
  q: z
    .string()
    .trim()
    .min(1)
    .max(255)
    .describe(
      "the beginning of a name, of a word in it, of a tag, or of a code; an EPC in any notation, an SSCC, what the label of a location says, an order's or a trip's number; trips by driver, vehicle, and what they carry",
    ),
  limit: pageParameters.limit.describe("hits at most"),
});

/** Registers the search over everything that the caller may see. */
export function registerSearch(endpoints: Endpoints, pool: Pool, companyPrefix: string | undefined): void {
  endpoints.read(
    {
      route: "GET /search",
      access: SIGNED_IN,
      tag: "Search",
      summary: "Search everything that you may see, by name or code; best hits first",
      query: searchQuery,
      response: z.array(hit),
    },
    async ({ query, principal, db }) => ({
      status: 200,
      body: await search({ pool, db, principal, companyPrefix }, query.q, query.limit),
    }),
  );
}
