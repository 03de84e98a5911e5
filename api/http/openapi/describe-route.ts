import { type RouteConfig, z } from "@hono/zod-openapi";
import type { EndpointSpec } from "../endpoint-spec.ts";
import { ERROR_HEADERS, problemContent, problemResponses } from "./problem-responses.ts";

type Spec = EndpointSpec<z.ZodType, z.ZodType, z.ZodType>;

const bytes = { schema: z.string().openapi({ format: "binary" }) };

/** A list that has further pages; those of EPCIS follow a token, by that standard's rules. */
const isPage = ({ response, query }: Spec, method: string): boolean =>
  method === "GET" &&
  query instanceof z.ZodObject &&
  (("cursor" in query.shape && response instanceof z.ZodArray) || "nextPageToken" in query.shape);

/** A repeat is known by its sender: where nobody is signed in there is none. */
const honoursKey = ({ access, readsOnly }: Spec, method: string): boolean =>
  method === "POST" && access !== "public" && readsOnly !== true;

/** How the endpoint behaves by the conventions that all endpoints share. */
function conventionsOf(spec: Spec, method: string): string {
  const { access } = spec;
  return [
    `${spec.summary}.`,
    access === "public" ? "Needs no credentials." : `For the roles ${access.join(", ")}.`,
    spec.openToClients && "For API clients of any role.",
    spec.open && `Open to ${spec.open.to}, without credentials.`,
    isPage(spec, method) && 'The next page is in `Link: rel="next"`.',
    honoursKey(spec, method) && "Honours `Idempotency-Key`.",
    method === "PUT" && "Honours `If-Match`.",
  ]
    .filter(Boolean)
    .join(" ");
}

const header = (description: string) => z.string().optional().describe(description);

/** The headers that the endpoint honours, by the conventions that all endpoints share. */
function requestHeadersOf(spec: Spec, method: string): Record<string, z.ZodType> {
  const { params, audited } = spec;
  return {
    ...(honoursKey(spec, method) && {
      "Idempotency-Key": header("a text of your choice: sent again with the same request, it has no second effect"),
    }),
    ...(method !== "GET" &&
      method !== "POST" &&
      params &&
      audited && { "If-Match": header("the ETag that was read: answered 412 when it is outdated") }),
    ...(method === "GET" &&
      params && { "If-None-Match": header("the ETag that is known: answered 304 when it is current") }),
  };
}

const responseHeader = (description: string) => ({ description, schema: { type: "string" as const } });

/** The headers of the success. */
function responseHeadersOf(spec: Spec, method: string) {
  const hasEntityTag = spec.response !== undefined && (spec.route.includes("{") || spec.status === 201);
  return {
    ...(hasEntityTag && { ETag: responseHeader("the version of the resource, where it has one") }),
    ...(method === "POST" &&
      spec.status === 201 && { Location: responseHeader("path of the new resource, where it has one") }),
    ...(spec.status === 202 && spec.response === undefined && { Location: responseHeader("where it can be followed") }),
    ...(spec.status === 303 && { Location: responseHeader("where to go on") }),
    ...(isPage(spec, method) && { Link: responseHeader('`rel="next"`: the next page; absent on the last one') }),
  };
}

/** Describes an endpoint for the OpenAPI document. */
export function describeRoute(spec: Spec, method: string, path: string): RouteConfig {
  const { access, params, query, body, response, failure, status = 200 } = spec;
  const open = access === "public";
  const requestHeaders = requestHeadersOf(spec, method);
  const responseHeaders = responseHeadersOf(spec, method);
  return {
    method: method.toLowerCase() as "get",
    path,
    tags: [spec.tag],
    summary: spec.summary,
    description: conventionsOf(spec, method),
    operationId: spec.route
      .replace(/[^A-Za-z0-9]+/g, "_")
      .toLowerCase()
      .replace(/_$/, ""),
    "x-roles": open ? ["public"] : [...access],
    ...(!open && { security: [{ bearer: [] }, { session: [] }, { client: [] }] }),
    request: {
      ...(params && { params: params as z.ZodObject }),
      ...(query && { query: query as z.ZodObject }),
      ...(Object.keys(requestHeaders).length > 0 && { headers: z.object(requestHeaders) }),
      ...((body ?? spec.streamedBody) && {
        body: {
          required: spec.bodyOptional !== true,
          content: bodyContent(spec, body),
        },
      }),
    },
    responses: {
      [status]: {
        description: spec.summary,
        ...(Object.keys(responseHeaders).length > 0 && { headers: responseHeaders }),
        ...(response && {
          content: { [spec.responseType ?? "application/json"]: { schema: response }, ...contentOf(spec) },
        }),
      },
      ...(spec.answered && { 200: answeredOf(spec.answered) }),
      ...(spec.accepted !== undefined && { 202: acceptedOf(spec, spec.accepted) }),
      ...(method === "GET" &&
        params && {
          304: {
            description: "If-None-Match names the current version",
            ...(Object.keys(responseHeaders).length > 0 && { headers: responseHeaders }),
          },
        }),
      ...problemResponses(spec, method),
      ...(failure && {
        [failure.status]: {
          description: failure.reason,
          headers: ERROR_HEADERS[failure.status],
          content: { ...problemContent, "application/json": { schema: response ?? z.looseObject({}) } },
        },
      }),
    } as RouteConfig["responses"],
  };
}

const answeredOf = ({ response, description }: NonNullable<Spec["answered"]>) => ({
  description,
  headers: { Link: responseHeader('`rel="next"`: the next page; absent on the last one') },
  content: { "application/json": { schema: response } },
});

const acceptedOf = ({ acceptedResponse }: Spec, description: string) =>
  acceptedResponse === undefined
    ? { description }
    : {
        description,
        headers: { Location: responseHeader("where it can be followed") },
        content: { "application/json": { schema: acceptedResponse } },
      };

function bodyContent({ alternativeBody, streamedBody }: Spec, schema: z.ZodType | undefined) {
  if (streamedBody) {
    const streamed = Object.fromEntries(streamedBody.map((type) => [type, bytes]));
    return { ...(schema && { "application/json": { schema } }), ...streamed };
  }
  if (schema === undefined) return {};
  if (alternativeBody?.only) return { [alternativeBody.type]: { schema } };
  return { "application/json": { schema }, ...(alternativeBody && { [alternativeBody.type]: bytes }) };
}

const contentOf = ({ alternativeResponses = [] }: Spec) =>
  Object.fromEntries(
    alternativeResponses.map((type) => [type, { schema: type.endsWith("json") ? z.looseObject({}) : z.string() }]),
  );
