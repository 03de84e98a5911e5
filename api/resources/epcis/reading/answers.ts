import type { Context } from "hono";
import type { Reader } from "../../../auth/limits.ts";
import type { ApiEnv } from "../../../deps.ts";
import type { ApiResponse } from "../../../http/response.ts";
import type { EventQuery } from "../../../integrations/epcis/query/condition.ts";
import { findPage } from "../../../integrations/epcis/query/find-events.ts";
import {
  fingerprintOf,
  type PageKey,
  pagePositionOf,
  type PagePosition,
  writePageToken,
} from "../../../integrations/epcis/query/page-token.ts";
import { collection, queryDocument } from "../../../integrations/epcis/query/query-document.ts";
import { epcisProblem } from "../../../integrations/epcis/problem.ts";
import { answeredType, EPCIS_PROBLEMS, requestedEpcFormat } from "../headers.ts";
import { isTokenEnded } from "./token-queries.ts";

interface PageRequest {
  perPage: number;
  nextPageToken?: string | undefined;
}

export const LINKED_DATA = "application/ld+json";

/** What an endpoint answers to a query that it cannot answer. */
export const QUERY_PROBLEMS = {
  ...EPCIS_PROBLEMS,
  400: "a parameter is unknown, or its value is wrong (`QueryParameterException`)",
  413: "more events than `maxEventCount` (`QueryTooLargeException`), or too much to look for (`QueryTooComplexException`)",
} as const;

/** A page of what a query finds, as an EPCISQueryDocument. */
export async function answerEvents(
  c: Context<ApiEnv>,
  db: Reader,
  query: EventQuery,
  {
    perPage,
    nextPageToken,
    queryName,
    companyPrefix,
  }: PageRequest & { queryName: string; companyPrefix?: string | undefined },
): Promise<ApiResponse> {
  const format = requestedEpcFormat(c);
  const fingerprint = fingerprintOf([c.req.path, query]);
  const begin = await positionOf(db, nextPageToken, fingerprint);
  const { events, next } = await findPage(db, query, begin, perPage);
  return {
    status: 200,
    text: queryDocument({
      queryName,
      events,
      spelling: { format, companyPrefixes: companyPrefix === undefined ? [] : [companyPrefix] },
    }),
    headers: {
      "GS1-EPC-Format": format,
      ...(next && nextPageHeaders(c.req.url, fingerprint, next)),
      "Content-Type": answeredType(c),
    },
  };
}

/** One page of a list that goes by a text. `rows`: one more than the page has, if there is one */
export async function answerPage<Row>(
  c: Context<ApiEnv>,
  db: Reader,
  { perPage, nextPageToken }: PageRequest,
  read: (after: string | undefined, limit: number) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): Promise<{ rows: Row[]; headers: Record<string, string> }> {
  const fingerprint = fingerprintOf([c.req.path]);
  const after = (await positionOf(db, nextPageToken, fingerprint))?.key[0];
  const rows = await read(after === undefined ? undefined : String(after), perPage + 1);
  const page = rows.slice(0, perPage);
  const last = page.at(-1);
  const key: PageKey | undefined = rows.length > perPage && last !== undefined ? [keyOf(last)] : undefined;
  const next = key && nextPageHeaders(c.req.url, fingerprint, { key, left: undefined });
  return { rows: page, headers: next ?? {} };
}

/** A page of names, as a Collection. */
export async function answerCollection(
  c: Context<ApiEnv>,
  db: Reader,
  page: PageRequest,
  read: (after: string | undefined, limit: number) => Promise<readonly string[]>,
  shown: (value: string) => string = (value) => value,
): Promise<ApiResponse> {
  const { rows, headers } = await answerPage(c, db, page, read, (value) => value);
  return { status: 200, body: collection(rows.map(shown)), headers };
}

async function positionOf(
  db: Reader,
  token: string | undefined,
  fingerprint: string,
): Promise<PagePosition | undefined> {
  if (token === undefined) return undefined;
  const position = pagePositionOf(token, fingerprint);
  if (!(await isTokenEnded(db, position.id))) return position;
  const message = "nextPageToken: it was given back";
  throw epcisProblem(400, "QueryParameterException", message, [{ pointer: "/nextPageToken", message }]);
}

/** The same request with a token of the next page (RFC 8288), and until when the token is good. */
function nextPageHeaders(requestUrl: string, fingerprint: string, next: PagePosition): Record<string, string> {
  const { token, expiresAt } = writePageToken(fingerprint, next);
  const { pathname, searchParams } = new URL(requestUrl);
  searchParams.set("nextPageToken", token);
  return {
    Link: `<${pathname}?${searchParams.toString()}>; rel="next"`,
    "GS1-Next-Page-Token-Expires": expiresAt.toISOString(),
  };
}
