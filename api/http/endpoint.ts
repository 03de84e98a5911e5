import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { PoolClient } from "pg";
import type { Principal } from "../auth/principal.ts";
import { type Access, ROUTE_ACCESS, type RouteName } from "../auth/roles.ts";
import type { ApiDeps, ApiEnv } from "../deps.ts";
import type { Gate } from "./authenticate.ts";
import { commitChange } from "./mutation.ts";
import { isNamed, parseTags } from "./etag.ts";
import { describeRoute } from "./openapi.ts";
import { notFound } from "./problem.ts";
import { type OtherBody, readBody } from "./body.ts";
import type { Reply } from "./response.ts";
import { refuseZeroCharacters, validate } from "./validate.ts";

const none = z.strictObject({});
type None = typeof none;

/** One route: how it is called and what it answers. Its roles stand in `auth/roles.ts`. */
export interface EndpointSpec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  route: RouteName;
  tag: string;
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  /** the body may be left out */
  bodyOptional?: boolean;
  /** what the body may be instead of JSON */
  otherBody?: OtherBody;
  answer?: z.ZodType;
  status?: 200 | 201 | 202 | 204;
  /** the answer holds a secret that must not be kept for repeats of the request */
  showsSecret?: boolean;
}

export interface Input<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
  /** not to be used by public routes */
  principal: Principal;
  c: Context<ApiEnv>;
}

export interface Endpoints {
  /** Registers a route that only reads. */
  read<P extends z.ZodType = None, Q extends z.ZodType = None>(
    spec: EndpointSpec<P, Q, None>,
    handle: (input: Input<P, Q, None>) => Promise<Reply>,
  ): void;
  /** Registers a route that changes something: one transaction with its audit entry and its Idempotency-Key. */
  change<P extends z.ZodType = None, Q extends z.ZodType = None, B extends z.ZodType = None>(
    spec: EndpointSpec<P, Q, B>,
    handle: (input: Input<P, Q, B>, client: PoolClient) => Promise<Reply>,
  ): void;
  /** Registers a route that makes its own answer, e.g. a stream or a cookie. Body and query are checked as always. */
  custom<P extends z.ZodType = None, Q extends z.ZodType = None, B extends z.ZodType = None>(
    spec: EndpointSpec<P, Q, B>,
    handle: (input: Input<P, Q, B>) => Promise<Response>,
  ): void;
}

/** Every route is registered here, so that none escapes the table of roles, the document or the conventions. */
export function endpointsOn(app: OpenAPIHono<ApiEnv>, deps: ApiDeps, gate: Gate): Endpoints {
  function register<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
    spec: EndpointSpec<P, Q, B>,
    answer: (input: Input<P, Q, B>, bodyText: string) => Promise<Response>,
  ): void {
    const [method, path] = spec.route.split(" ") as [string, string];
    const access: Access | undefined = ROUTE_ACCESS[spec.route];
    if (access === undefined) throw new Error(`${spec.route} has no roles in auth/roles.ts`);
    app.openAPIRegistry.registerPath(createRoute(describeRoute(spec, method, path, access)));
    app.on(method, path.replace(/\{(\w+)\}/g, ":$1"), async (c) => {
      const principal = access === "public" ? undefined : await gate.enter(c, access);
      const params = paramsOf(spec.params ?? none, c);
      const query = validate(spec.query ?? none, queryOf(c), "query");
      const { text, value } = await readBody(c, spec.body !== undefined, spec.bodyOptional === true, spec.otherBody);
      const body = validate(spec.body ?? none, value, "body");
      const input = { params, query, body, principal, c } as Input<P, Q, B>;
      return answer(input, text);
    });
  }

  return {
    read(spec, handle) {
      register(spec, async (input) => respond(input.c, await handle(input), true));
    },
    change(spec, handle) {
      register(spec, async (input, bodyText) => {
        const { c, principal } = input;
        const reply = await commitChange(deps.pool, { c, principal, spec, bodyText }, (client) =>
          handle(input, client),
        );
        reply.afterCommit?.();
        return respond(c, reply, false);
      });
    },
    custom(spec, handle) {
      register(spec, handle);
    },
  };
}

/** A path parameter that cannot name anything names nothing: 404. */
function paramsOf<P extends z.ZodType>(schema: P, c: Context<ApiEnv>): z.output<P> {
  const result = schema.safeParse(c.req.param());
  if (!result.success) throw notFound("resource");
  return result.data;
}

function queryOf(c: Context<ApiEnv>): Record<string, string> {
  const query = c.req.query();
  refuseZeroCharacters(query);
  return query;
}

function respond(c: Context<ApiEnv>, { status, body, text, headers = {} }: Reply, conditional: boolean): Response {
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  // An entity tag must come back to the letter: compression on the way would make a weak one of it (RFC 9110 §8.8.3).
  c.header("Cache-Control", headers.ETag === undefined ? "private, no-cache" : "private, no-cache, no-transform");
  if (conditional && headers.ETag !== undefined) {
    const known = parseTags(c.req.header("If-None-Match"));
    const version = Number(/\d+/.exec(headers.ETag)?.[0]);
    if (known !== undefined && isNamed(known, version)) return c.body(null, 304);
  }
  if (text !== undefined) return c.body(text, status as 200);
  if (body === undefined) return c.body(null, status);
  return c.body(JSON.stringify(body), status as 200, { "Content-Type": headers["Content-Type"] ?? "application/json" });
}
