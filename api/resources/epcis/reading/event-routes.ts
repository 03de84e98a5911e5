import { EPCIS_PROBLEMS } from "../headers.ts";
import { SIGNED_IN } from "../../../auth/roles.ts";
import type { Endpoints } from "../../../http/endpoint.ts";
import { noContent } from "../../../http/response.ts";
import { readPageToken } from "../../../integrations/epcis/query/page-token.ts";
import { queryOfAddress } from "../../../integrations/epcis/query/parse-query.ts";
import { SIMPLE_EVENT_QUERY } from "../../../integrations/epcis/query/query-document.ts";
import { epcisProblem } from "../../../integrations/epcis/problem.ts";
import { Problem } from "../../../http/problem.ts";
import { answerEvents, LINKED_DATA, QUERY_PROBLEMS } from "./answers.ts";
import { queryPart } from "./query-part.ts";
import { eventsQuery, queryDocumentSchema, tokenParams } from "./schema.ts";
import { endToken } from "./token-queries.ts";

const tag = "EPCIS";

/** Events that a query finds, page by page. */
export function registerEpcisEventQueries(endpoints: Endpoints, companyPrefix: string | undefined): void {
  endpoints.read(
    {
      route: "GET /epcis/events",
      access: SIGNED_IN,
      tag,
      summary:
        "List events that a query finds: parameters of SimpleEventQuery, lists of values with |; in the order of recording unless orderBy says otherwise",
      query: eventsQuery,
      response: queryDocumentSchema,
      alternativeResponses: [LINKED_DATA],
      problems: QUERY_PROBLEMS,
    },
    ({ db, query, c }) => {
      const asked = queryOfAddress(queryPart(c), c.req.header("GS1-Extensions"));
      return answerEvents(c, db, asked, { ...query, queryName: SIMPLE_EVENT_QUERY, companyPrefix });
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /epcis/nextPageToken/{token}",
      access: SIGNED_IN,
      tag,
      summary: "Give a token of a next page back before it expires: it is good for nothing then",
      params: tokenParams,
      status: 204,
      problems: EPCIS_PROBLEMS,
    },
    async ({ params }, client) => {
      const token = readPageToken(params["token"]!);
      if (token === undefined)
        throw epcisProblem(404, "NoSuchResourceException", "there is no such token, or it has expired");
      if (!(await endToken(client, token.id, token.expiresAt)))
        throw new Problem(429, "too many tokens were given back", { headers: { "Retry-After": "60" } });
      return noContent;
    },
  );
}
