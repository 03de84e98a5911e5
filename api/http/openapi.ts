import { type OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import type { Access } from "../auth/roles.ts";
import type { ApiEnv } from "../deps.ts";
import type { EndpointSpec } from "./endpoint.ts";

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

/** What the OpenAPI document says of a route. */
export function describeRoute(
  spec: EndpointSpec<z.ZodType, z.ZodType, z.ZodType>,
  method: string,
  path: string,
  access: Access,
): RouteConfig {
  const { params, query, body, answer, status = 200 } = spec;
  const open = access === "public";
  const headers = answer && spec.route.includes("{") ? { ETag: { schema: { type: "string" as const } } } : undefined;
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
          content: { "application/json": { schema: body }, ...(spec.otherBody && { [spec.otherBody.type]: bytes }) },
        },
      }),
    },
    responses: {
      [status]: {
        description: spec.summary,
        ...(headers && { headers }),
        ...(answer && { content: { "application/json": { schema: answer } } }),
      },
      ...((body ?? query) && { 400: problem("not what is expected") }),
      ...(!open && { 401: problem("not signed in"), 403: problem("not allowed for this role") }),
      ...(params && { 404: problem("there is no such resource") }),
      ...(method === "PUT" && { 412: problem("changed since it was read") }),
      ...(method === "POST" && { 409: problem("in conflict with what is there") }),
      429: problem("too many requests"),
    },
  };
}

const TITLE = "Waystock";
const DESCRIPTION = "Where every shipment is and how much is on every shelf, from the sensors themselves.";

/** The OpenAPI documents of everything registered on `app`. */
export function documentsOf(
  app: OpenAPIHono<ApiEnv>,
  version: string,
  publicUrl: string,
): { v31: object; v30: object } {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "waystock_session",
  });
  const info = { title: TITLE, version, description: DESCRIPTION };
  const servers = [{ url: publicUrl }];
  return {
    v31: app.getOpenAPI31Document({ openapi: "3.1.0", info, servers }),
    v30: inWordsOf30(app.getOpenAPIDocument({ openapi: "3.0.3", info, servers })) as object,
  };
}

/** Types given as in 3.1, `["string", "null"]`, said as in 3.0: one type, and `nullable` (OpenAPI 3.0.3, schema object). */
function inWordsOf30(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(inWordsOf30);
  if (typeof part !== "object" || part === null) return part;
  const said = Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, inWordsOf30(inner)]));
  const { type } = said;
  if (!Array.isArray(type) || !type.includes("null")) return said;
  return { ...said, type: type.find((name) => name !== "null") as string, nullable: true };
}
