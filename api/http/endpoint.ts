import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Pool, PoolClient } from "pg";
import { isAboutWholeInstallation, isLimited, type Reader, readerOf } from "../auth/limits.ts";
import type { Principal } from "../auth/principal.ts";
import type { ResponseCache } from "../cache/response-cache.ts";
import type { ApiEnv } from "../deps.ts";
import { lockAudited } from "./audit/changes.ts";
import type { AddAuditEntry } from "./audit/queries.ts";
import type { Authenticator } from "./authenticate.ts";
import { readBody } from "./body.ts";
import type { EndpointSpec, ErrorFormat, Route } from "./endpoint-spec.ts";
import { matchesVersion, parseEtags } from "./etag.ts";
import { runMutation } from "./mutation.ts";
import { describeRoute } from "./openapi/describe-route.ts";
import { notFound, Problem, problemFrom } from "./problem.ts";
import type { ApiResponse } from "./response.ts";
import { rejectUnstorableText, validate } from "./validate.ts";

const none = z.strictObject({});
type None = typeof none;

/** Such a change is audited with the resource before and after. */
const CHANGES_A_RESOURCE = /^(PUT|PATCH) |^DELETE .*\{id\}/;

/** A request as a handler gets it: everything is validated by the endpoint's schemas. */
export interface EndpointInput<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
  /** undefined at run time on public endpoints, which must not use it */
  principal: Principal;
  c: Context<ApiEnv>;
}

/** What an endpoint that reads gets too. */
export interface ReadInput<P extends z.ZodType, Q extends z.ZodType> extends EndpointInput<P, Q, None> {
  /** shows what the principal may see, and nothing else; undefined at run time on public endpoints */
  db: Reader;
}

/** Slow work of a change that must not hold a transaction open, e.g. hashing a password; it runs before. */
type Prepare<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, Prepared> = (
  input: EndpointInput<P, Q, B>,
) => Promise<Prepared>;

export interface Endpoints {
  /** Registers an endpoint that only reads. */
  read<P extends z.ZodType = None, Q extends z.ZodType = None>(
    spec: EndpointSpec<P, Q, None>,
    handle: (input: ReadInput<P, Q>) => Promise<ApiResponse>,
  ): void;
  /** Registers an endpoint that changes data: its writes, its audit entry and its Idempotency-Key are one transaction. */
  mutate<P extends z.ZodType = None, Q extends z.ZodType = None, B extends z.ZodType = None, Prepared = undefined>(
    spec: EndpointSpec<P, Q, B>,
    handle: (input: EndpointInput<P, Q, B>, client: PoolClient, prepared: Prepared) => Promise<ApiResponse>,
    prepare?: Prepare<P, Q, B, Prepared>,
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
export function createEndpoints(
  app: OpenAPIHono<ApiEnv>,
  stores: { pool: Pool; addAuditEntry: AddAuditEntry; cache: ResponseCache },
  authenticator: Authenticator,
): Endpoints {
  const routes: Route[] = [];

  function register<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
    spec: EndpointSpec<P, Q, B>,
    respond: (input: EndpointInput<P, Q, B>, bodyText: string) => Promise<Response>,
  ): void {
    const { route, access } = spec;
    const [method, path] = route.split(" ") as [string, string];
    routes.push(route);
    app.openAPIRegistry.registerPath(createRoute(describeRoute(spec, method, path)));
    const isForUnlimited = isAboutWholeInstallation(path, access);
    // Public ones sign in and out, or register a device: nothing that is cached changes by them.
    const mayChange = method !== "GET" && access !== "public";
    const handle = async (c: Context<ApiEnv>): Promise<Response> => {
      c.set("route", path);
      const isOpen = access === "public" || spec.open?.includes(c) === true;
      const principal = isOpen ? undefined : await authenticator.authenticate(c, access, spec.openToClients);
      c.get("negotiate")?.();
      if (isForUnlimited && principal && isLimited(principal.limits)) throw notFound("resource");
      const params = paramsOf(spec.params ?? none, c);
      const query = validate(spec.query ?? none, queryOf(c), "query");
      const { text, value } = spec.streamedBody ? { text: "", value: {} } : await readBody(c, spec);
      const body = validate((!spec.streamedBody && spec.body) || none, value, "body");
      const input = { params, query, body, principal, c } as EndpointInput<P, Q, B>;
      const answer = respond(input, text).catch(async (error: unknown) => {
        // What its handler refuses to a role or a person is a refusal like any other.
        const isRefusal = error instanceof Problem && error.status === 403;
        if (principal && isRefusal) await authenticator.auditRefusal(c, principal, error.message);
        throw error;
      });
      // Its sender reads what it has changed, whatever was kept; so it is where the outcome is not known.
      return mayChange ? answer.finally(() => stores.cache.invalidate()) : answer;
    };
    app.on(method, honoPath(path), (c) =>
      spec.errorFormat ? handle(c).catch((error) => sendError(c, error, spec.errorFormat!)) : handle(c),
    );
  }

  return {
    read(spec, handle) {
      register(spec, async (input) => {
        const principal = input.principal as Principal | undefined;
        const db = (principal && readerOf(stores.pool, principal)) as Reader;
        const read = () => handle({ ...input, db });
        const topic = principal && !isLimited(principal.limits) ? spec.cachedBy : undefined;
        // RFC 9111 §5.2.1.4
        if (topic === undefined || /\bno-cache\b/.test(input.c.req.header("Cache-Control") ?? "")) {
          return send(input.c, await read(), true);
        }
        const { id } = input.params as { id?: number };
        const key = { topic, id, url: input.c.req.url };
        const response = await stores.cache.respond(key, read);
        const current = stores.cache.current(key);
        if (current?.text !== undefined && current.text === response.text)
          input.c.set("kept", { key, response: current });
        return send(input.c, response, true);
      });
    },
    mutate<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, Prepared>(
      spec: EndpointSpec<P, Q, B>,
      handle: (input: EndpointInput<P, Q, B>, client: PoolClient, prepared: Prepared) => Promise<ApiResponse>,
      prepare?: Prepare<P, Q, B, Prepared>,
    ) {
      if (CHANGES_A_RESOURCE.test(spec.route) && !spec.audited)
        throw new Error(`${spec.route} must name the resource that the audit shows before and after`);
      register(spec, async (input, bodyText) => {
        const { c, principal, params } = input;
        const { audited } = spec;
        const resource = audited && {
          lock: (client: PoolClient) => lockAudited(client, audited.table, (params as { id: number | string }).id),
          read: (client: PoolClient) => audited.read(client, params),
        };
        const holdsPassword = spec.holdsPassword?.(input.body) === true;
        const request = { c, principal, spec, bodyText, holdsPassword, resource };
        const work = (client: PoolClient, prepared: Prepared) => handle(input, client, prepared);
        const response = await runMutation(stores, request, work, prepare && (() => prepare(input)));
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

/** Answers with a problem in the format that the endpoint's standard demands. @throws what is no problem */
function sendError(c: Context<ApiEnv>, error: unknown, format: ErrorFormat): Response {
  const problem = problemFrom(error);
  if (!problem) throw error;
  const { status, body, headers } = format.of(problem);
  for (const [name, value] of Object.entries({ ...problem.headers, ...headers })) c.header(name, value);
  return c.json(body, status as 400);
}

function queryOf(c: Context<ApiEnv>): Record<string, string> {
  const query = c.req.query();
  rejectUnstorableText(query);
  return query;
}

function send(c: Context<ApiEnv>, response: ApiResponse, conditional: boolean): Response {
  const { status, body, text, bytes, headers = {} } = response;
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  // A proxy or the compress middleware would turn a strong entity tag into a weak one (RFC 9110 §8.8.3).
  c.header("Cache-Control", headers.ETag === undefined ? "private, no-cache" : "private, no-cache, no-transform");
  if (conditional && headers.ETag !== undefined && !response.isLive) {
    const known = parseEtags(c.req.header("If-None-Match"));
    const version = Number(/\d+/.exec(headers.ETag)?.[0]);
    if (known !== undefined && matchesVersion(known, version)) {
      c.header("Content-Type", undefined);
      return c.body(null, 304);
    }
  }
  if (text !== undefined) return c.body(text, status as 200);
  if (bytes !== undefined) return c.body(bytes as Uint8Array<ArrayBuffer>, status as 200);
  if (body === undefined) return c.body(null, status);
  return c.body(JSON.stringify(body), status as 200, { "Content-Type": headers["Content-Type"] ?? "application/json" });
}
