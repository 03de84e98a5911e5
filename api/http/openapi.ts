import { type RouteConfig, z } from "@hono/zod-openapi";
import type { EndpointSpec } from "./endpoint-spec.ts";

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })),
  })
  .openapi("Problem", { description: "RFC 9457" });

const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: problemSchema } },
});

const bytes = { schema: z.string().openapi({ format: "binary" }) };

/** Describes an endpoint for the OpenAPI document. */
export function describeRoute(
  spec: EndpointSpec<z.ZodType, z.ZodType, z.ZodType>,
  method: string,
  path: string,
): RouteConfig {
  const { access, params, query, body, response, status = 200 } = spec;
  const open = access === "public";
  const headers = response && spec.route.includes("{") ? { ETag: { schema: { type: "string" as const } } } : undefined;
  return {
    method: method.toLowerCase() as "get",
    path,
    tags: [spec.tag],
    summary: spec.summary,
    operationId: spec.route
      .replace(/[^A-Za-z0-9]+/g, "_")
      .toLowerCase()
      .replace(/_$/, ""),
    "x-roles": open ? ["public"] : [...access],
    ...(!open && { security: [{ bearer: [] }, { session: [] }] }),
    request: {
      ...(params && { params: params as z.ZodObject }),
      ...(query && { query: query as z.ZodObject }),
      ...(body && {
        body: {
          required: spec.bodyOptional !== true,
          content: {
            "application/json": { schema: body },
            ...(spec.alternativeBody && { [spec.alternativeBody.type]: bytes }),
          },
        },
      }),
    },
    responses: {
      [status]: {
        description: spec.summary,
        ...(headers && { headers }),
        ...(response && { content: { "application/json": { schema: response } } }),
      },
      ...((body ?? query) && { 400: problem("invalid request") }),
      ...(!open && { 401: problem("not authenticated"), 403: problem("this role may not do this") }),
      ...(params && { 404: problem("no such resource") }),
      ...(method === "PUT" && { 412: problem("If-Match names an outdated version") }),
      ...(method === "POST" && { 409: problem("conflicts with existing data") }),
      429: problem("too many requests"),
    },
  };
}
