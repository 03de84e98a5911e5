import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Pool, PoolClient } from "pg";
import type { Principal } from "../auth/principal.ts";
import type { ApiEnv } from "../deps.ts";
import type { Authenticator } from "./authenticate.ts";
import { readBody } from "./body.ts";
import type { EndpointSpec, Route } from "./endpoint-spec.ts";
import { matchesVersion, parseEtags } from "./etag.ts";
import { runMutation } from "./mutation.ts";
import { describeRoute } from "./openapi.ts";
import { notFound } from "./problem.ts";
import type { ApiResponse } from "./response.ts";
import { rejectNulCharacters, validate } from "./validate.ts";

const none = z.strictObject({});
type None = typeof none;

/** A request as a handler gets it: everything is validated by the endpoint's schemas. */
export interface EndpointInput<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
  /** undefined at run time on public endpoints, which must not use it */
  principal: Principal;
  c: Context<ApiEnv>;
}

export interface Endpoints {
  /** Registers an endpoint that only reads. */
  read<P extends z.ZodType = None, Q extends z.ZodType = None>(
    spec: EndpointSpec<P, Q, None>,
    handle: (input: EndpointInput<P, Q, None>) => Promise<ApiResponse>,
  ): void;
  /** Registers an endpoint that changes data: its writes, its audit entry and its Idempotency-Key are one transaction. */
  mutate<P extends z.ZodType = None, Q extends z.ZodType = None, B extends z.ZodType = None>(
    spec: EndpointSpec<P, Q, B>,
    handle: (input: EndpointInput<P, Q, B>, client: PoolClient) => Promise<ApiResponse>,
  ): void;
  /** Registers an endpoint that builds its own response, e.g. a stream or a cookie. Access and input are checked as always. */
  custom<P extends z.ZodType = None, Q extends z.ZodType = None, B extends z.ZodType = None>(
    spec: EndpointSpec<P, Q, B>,
    handle: (input: EndpointInput<P, Q, B>) => Promise<Response>,
  ): void;
  /** All routes registered so far, in order. */
  routes(): readonly Route[];
}

/** Every endpoint is registered here, so that none escapes the access check, the OpenAPI document or the conventions. */
export function createEndpoints(app: OpenAPIHono<ApiEnv>, pool: Pool, authenticator: Authenticator): Endpoints {
  const routes: Route[] = [];

  function register<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
    spec: EndpointSpec<P, Q, B>,
    respond: (input: EndpointInput<P, Q, B>, bodyText: string) => Promise<Response>,
  ): void {
    const { route, access } = spec;
    const [method, path] = route.split(" ") as [string, string];
    routes.push(route);
    app.openAPIRegistry.registerPath(createRoute(describeRoute(spec, method, path)));
    app.on(method, honoPath(path), async (c) => {
      const principal = access === "public" ? undefined : await authenticator.authenticate(c, access);
      const params = paramsOf(spec.params ?? none, c);
      const query = validate(spec.query ?? none, queryOf(c), "query");
      const expectsBody = spec.body !== undefined;
      const { text, value } = await readBody(c, expectsBody, spec.bodyOptional === true, spec.alternativeBody);
      const body = validate(spec.body ?? none, value, "body");
      const input = { params, query, body, principal, c } as EndpointInput<P, Q, B>;
      return respond(input, text);
    });
  }

  return {
    read(spec, handle) {
      register(spec, async (input) => send(input.c, await handle(input), true));
    },
    mutate(spec, handle) {
      register(spec, async (input, bodyText) => {
        const { c, principal } = input;
        const response = await runMutation(pool, { c, principal, spec, bodyText }, (client) => handle(input, client));
        response.afterCommit?.();
        return send(c, response, false);
      });
    },
    custom(spec, handle) {
      register(spec, handle);
    },
    routes: () => routes,
  };
}

/** The path as Hono writes it: `/shipments/:id`. */
export const honoPath = (path: string): string => path.replace(/\{(\w+)\}/g, ":$1");

/** A path parameter that its schema refuses cannot name a resource. @throws Problem 404 */
function paramsOf<P extends z.ZodType>(schema: P, c: Context<ApiEnv>): z.output<P> {
  const result = schema.safeParse(c.req.param());
  if (!result.success) throw notFound("resource");
  return result.data;
}

function queryOf(c: Context<ApiEnv>): Record<string, string> {
  const query = c.req.query();
  rejectNulCharacters(query);
  return query;
}

function send(c: Context<ApiEnv>, { status, body, text, headers = {} }: ApiResponse, conditional: boolean): Response {
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  // A proxy or the compress middleware would turn a strong entity tag into a weak one (RFC 9110 §8.8.3).
  c.header("Cache-Control", headers.ETag === undefined ? "private, no-cache" : "private, no-cache, no-transform");
  if (conditional && headers.ETag !== undefined) {
    const known = parseEtags(c.req.header("If-None-Match"));
    const version = Number(/\d+/.exec(headers.ETag)?.[0]);
    if (known !== undefined && matchesVersion(known, version)) return c.body(null, 304);
  }
  if (text !== undefined) return c.body(text, status as 200);
  if (body === undefined) return c.body(null, status);
  return c.body(JSON.stringify(body), status as 200, { "Content-Type": headers["Content-Type"] ?? "application/json" });
}
