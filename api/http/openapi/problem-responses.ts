import { type OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import { isAboutWholeInstallation } from "../../auth/limits.ts";
import type { EndpointSpec } from "../endpoint-spec.ts";

type Spec = EndpointSpec<z.ZodType, z.ZodType, z.ZodType>;
type Response = RouteConfig["responses"][string];
type ResponseConfig = Exclude<Response, { $ref: string }>;

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

export const problemContent = { "application/problem+json": { schema: problemSchema } };

const text = (description: string) => ({ description, schema: { type: "string" as const } });
const retryAfter = {
  "Retry-After": { description: "seconds after which to try again", schema: { type: "integer" as const } },
};

/** The headers that an error of this status has, whatever its reason. */
export const ERROR_HEADERS: Readonly<Record<number, ResponseConfig["headers"]>> = {
  401: { "WWW-Authenticate": text("RFC 6750 §3") },
  429: retryAfter,
  503: retryAfter,
};

/** The problems that many operations answer; their names in the document, statuses, and why they are answered. */
const SHARED: Readonly<Record<string, { status: number; reason: string }>> = {
  BadRequest: { status: 400, reason: "invalid request" },
  NotAuthenticated: { status: 401, reason: "not authenticated" },
  Forbidden: { status: 403, reason: "this role may not do this" },
  NotFound: { status: 404, reason: "no such resource" },
  NotForLimited: { status: 404, reason: "it does not exist for a principal with limits" },
  Conflict: { status: 409, reason: "conflicts with existing data" },
  PreconditionFailed: { status: 412, reason: "If-Match names an outdated version" },
  ContentTooLarge: { status: 413, reason: "the body is too long" },
  UnsupportedMediaType: { status: 415, reason: "the body has another media type" },
  IdempotencyKeyReused: {
    status: 422,
    reason: "the Idempotency-Key was used for a request with different content",
  },
  TooManyRequests: { status: 429, reason: "too many requests" },
  Unavailable: { status: 503, reason: "a store is away or there is too much to do; try again" },
};

/** Adds the shared problems to the document; operations refer to them. */
export function registerProblems(registry: OpenAPIHono["openAPIRegistry"]): void {
  const schema = { $ref: "#/components/schemas/Problem" };
  for (const [name, { status, reason }] of Object.entries(SHARED)) {
    const headers = ERROR_HEADERS[status];
    registry.registerComponent("responses", name, {
      description: reason,
      ...(headers && { headers: headers as Record<string, never> }),
      content: { "application/problem+json": { schema } },
    });
  }
  registry.register("Problem", problemSchema);
}

/** Every problem that this endpoint answers, by the conventions of all endpoints and by its own. */
export function problemResponses(spec: Spec, method: string): Record<string, Response> {
  const { access, params } = spec;
  const open = access === "public";
  const isMutation = method !== "GET";
  const ofAll = isAboutWholeInstallation(spec.route.split(" ")[1]!, access);
  const shared = [
    "BadRequest",
    !open && "NotAuthenticated",
    !open && "Forbidden",
    params !== undefined ? "NotFound" : ofAll && "NotForLimited",
    isMutation && "Conflict",
    isMutation && params !== undefined && "PreconditionFailed",
    // A body is read before it is known that none is expected.
    isMutation && "ContentTooLarge",
    isMutation && "UnsupportedMediaType",
    method === "POST" && !open && !spec.readsOnly && "IdempotencyKeyReused",
    "TooManyRequests",
    "Unavailable",
  ].filter((name) => name !== false);
  const responses: Record<string, Response> = {};
  for (const name of shared) {
    const { status, reason } = SHARED[name]!;
    responses[status] = spec.errorFormat ? ownError(spec, status, reason) : { $ref: `#/components/responses/${name}` };
  }
  for (const [status, reason] of Object.entries(spec.problems ?? {}))
    responses[status] = ownError(spec, Number(status), reason);
  // People who open a page are told in a page.
  for (const status of spec.problemPages ?? []) {
    const told = ownError(spec, status, Object.values(SHARED).find((each) => each.status === status)!.reason);
    responses[status] = { ...told, content: { ...told.content, "text/html": { schema: z.string() } } };
  }
  return responses;
}

/** An error as only this endpoint answers it: for a reason of its own, or in the format of another standard. */
function ownError({ errorFormat }: Spec, status: number, description: string): ResponseConfig {
  const headers = ERROR_HEADERS[status];
  const content = errorFormat ? { "application/json": { schema: errorFormat.schema } } : problemContent;
  return { description, ...(headers && { headers }), content };
}
