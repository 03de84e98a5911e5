import { EPCIS_PROBLEMS } from "../headers.ts";
import { z } from "@hono/zod-openapi";
import { isLimited } from "../../../auth/limits.ts";
import { canManage, MANAGEMENT, SIGNED_IN } from "../../../auth/roles.ts";
import type { Endpoints } from "../../../http/endpoint.ts";
import { Problem } from "../../../http/problem.ts";
import { noContent } from "../../../http/response.ts";
import { queryOfJson } from "../../../integrations/epcis/query/parse-query.ts";
import { SIMPLE_EVENT_QUERY } from "../../../integrations/epcis/query/query-document.ts";
import { epcisProblem } from "../../../integrations/epcis/problem.ts";
import { answerEvents, answerPage, QUERY_PROBLEMS } from "./answers.ts";
import { addQuery, deleteQuery, findQuery, listQueries, type NamedQuery } from "./query-queries.ts";
import { listQuery, namedQuery, newQuery, queryDocumentSchema, queryNameParams } from "./schema.ts";

const tag = "EPCIS";

/** @throws Problem 404 `NoSuchNameException` */
export function foundQuery(query: NamedQuery | undefined): NamedQuery {
  if (query === undefined) throw epcisProblem(404, "NoSuchNameException", "there is no query of this name");
  return query;
}

/** Queries with a name: what they find is read, or subscribed to (EPCIS 2.0 §12.8). */
export function registerEpcisQueries(endpoints: Endpoints, companyPrefix: string | undefined): void {
  endpoints.read(
    {
      route: "GET /epcis/queries",
      access: SIGNED_IN,
      tag,
      summary: "List the named queries",
      query: listQuery,
      response: z.array(namedQuery),
      problems: EPCIS_PROBLEMS,
    },
    async ({ db, query: page, c }) => {
      const read = (after: string | undefined, limit: number) => listQueries(db, after, limit);
      const { rows, headers } = await answerPage(c, db, page, read, ({ name }) => name);
      return { status: 200, body: rows, headers };
    },
  );
  endpoints.mutate(
    {
      route: "POST /epcis/queries",
      access: SIGNED_IN,
      tag,
      summary:
        "Keep a query under a name (managers), or answer one without a name that is too long for an address; its next pages are asked for with the same body",
      query: listQuery,
      body: newQuery,
      response: namedQuery,
      status: 201,
      answered: { response: queryDocumentSchema, description: "what a query without a name finds" },
      problems: { ...QUERY_PROBLEMS, 409: "there is a query of this name (`ResourceAlreadyExistsException`)" },
    },
    async ({ body: { name, query: parameters }, query: page, principal, c }, client) => {
      const query = queryOfJson(parameters);
      if (name === undefined) {
        const { text, headers } = await answerEvents(c, client, query, {
          ...page,
          queryName: SIMPLE_EVENT_QUERY,
          companyPrefix,
        });
        // A repeat by its Idempotency-Key gets it again; the audit does not hold it.
        return { status: 200, body: JSON.parse(text!) as unknown, headers: headers!, made: {} };
      }
      if (!canManage(principal.role)) throw new Problem(403, `a ${principal.role} may not keep queries`);
      await keepQuery({ name, query: parameters });
      return {
        status: 201,
        body: { name, query: parameters },
        headers: { Location: `/epcis/queries/${encodeURIComponent(name)}` },
      };

      async function keepQuery(made: NamedQuery): Promise<void> {
        const outcome = made.name === SIMPLE_EVENT_QUERY ? "taken" : await addQuery(client, made, principal);
        if (outcome === "taken")
          throw epcisProblem(409, "ResourceAlreadyExistsException", "there is a query of this name");
        if (outcome === "full") throw new Problem(409, "there are as many queries as there may be: delete some first");
      }
    },
  );
  endpoints.read(
    {
      route: "GET /epcis/queries/{name}",
      access: SIGNED_IN,
      tag,
      summary: "Get a named query",
      params: queryNameParams,
      response: namedQuery,
      problems: EPCIS_PROBLEMS,
    },
    async ({ db, params }) => ({
      status: 200,
      body: foundQuery(await findQuery(db, params.name)),
    }),
  );
  endpoints.mutate(
    {
      route: "DELETE /epcis/queries/{name}",
      access: MANAGEMENT,
      tag,
      summary: "Delete a named query and end its subscriptions; who has limits may delete those that it has made",
      params: queryNameParams,
      status: 204,
      problems: EPCIS_PROBLEMS,
    },
    async ({ params, principal }, client) => {
      const outcome = await deleteQuery(client, params.name, principal, isLimited(principal.limits));
      if (outcome === "unknown") foundQuery(undefined);
      if (outcome === "foreign")
        throw new Problem(
          403,
          "you may only delete queries that you have made: others may have subscribed to this one",
        );
      return noContent;
    },
  );
}
