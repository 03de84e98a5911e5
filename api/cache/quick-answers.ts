import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { MiddlewareHandler } from "hono";
import { LRUCache } from "lru-cache";
import { isLimited } from "../auth/limits.ts";
import type { ApiEnv } from "../deps.ts";
import type { Authenticator } from "../http/authenticate.ts";
import { matchesVersion, parseEtags } from "../http/etag.ts";
import type { RequestMetrics } from "../metrics/request-metrics.ts";
import type { Kept } from "./kept.ts";
import { HIT, type ResponseCache } from "./response-cache.ts";

type Headers = Readonly<Record<string, string>>;

/** A response that is kept, as it was sent. */
interface Sent extends Kept {
  /** by what the request accepts; in lower case, without the id of the request */
  headers: Map<string, Headers>;
  version: number | undefined;
  route: string | undefined;
  /** made when it is first asked for */
  gzipped?: Promise<Buffer>;
}

const MAX_SENT = 10_000;
/** characters of JSON; most of them are those of the cache */
const MAX_SIZE = 32 * 1024 * 1024;
/** Clients say what they accept in a few ways, and each client in one. */
const MAX_ACCEPTED = 8;
const MAX_ACCEPTED_LENGTH = 100;

/** Headers of a request that decide what is answered. */
const DECISIVE = new Set([
  "authorization",
  "cookie",
  "accept-encoding",
  "origin",
  "if-none-match",
  "cache-control",
  "range",
]);

const compressed = promisify(gzip);

export interface QuickAnswers {
  /** undefined: the request takes the normal route */
  answer(request: Request, env: ApiEnv["Bindings"] | undefined): Promise<Response | undefined> | undefined;
  /** The first middleware: takes note of what is sent. */
  remember: MiddlewareHandler<ApiEnv>;
}

/**
 * Repeats a response that is kept, with the headers that all middleware gave it before, for whoever may see it. That is
 * everybody who is signed in and has no limits: only such responses are kept. It stands before the router and all middleware,
 * which take longer than the rest. Anything out of the ordinary takes the normal route. Requests that would be refused also take
 * the normal route.
 */
export function createQuickAnswers(
  cache: ResponseCache,
  authenticator: Authenticator,
  requests: RequestMetrics,
): QuickAnswers {
  const sent = new LRUCache<string, Sent>({ max: MAX_SENT, maxSize: MAX_SIZE });

  async function repeat(known: Sent, headers: Headers, given: Given): Promise<Response | undefined> {
    const startedAt = performance.now();
    const principal = await authenticator.authenticateHeaders(given.authorization, given.cookie);
    if (principal === undefined || isLimited(principal.limits)) return undefined;
    cache.counts.hit += 1;
    const { version, route, response } = known;
    const etags = version === undefined ? undefined : parseEtags(given["if-none-match"]);
    const isKnown = etags !== undefined && matchesVersion(etags, version!);
    const answer: Record<string, string> = { ...headers, "x-request-id": randomUUID() };
    if (isKnown) delete answer["content-type"];
    const body = isKnown ? null : "content-encoding" in headers ? await gzippedOf(known) : response.text;
    requests.observe("GET", route, isKnown ? 304 : 200, performance.now() - startedAt);
    return new Response(body, { status: isKnown ? 304 : 200, headers: answer });
  }

  return {
    answer(request, env) {
      if (request.method !== "GET") return undefined;
      const known = sent.get(request.url);
      if (known === undefined || cache.settled(known.key) !== known.response) return undefined;
      const given = decisiveHeaders(request, env);
      if (given === undefined || !isOrdinary(given)) return undefined;
      const headers = known.headers.get(given["accept-encoding"] ?? "");
      // An error is found again, and answered, on the normal route.
      return headers && repeat(known, headers, given).catch(() => undefined);
    },

    async remember(c, next) {
      await next();
      const kept = c.get("kept");
      if (kept === undefined || c.res.status !== 200 || !isRepeatable(c.res)) return;
      const given = decisiveHeaders(c.req.raw, c.env);
      const accepted = given?.["accept-encoding"] ?? "";
      if (given === undefined || !isOrdinary(given) || accepted.length > MAX_ACCEPTED_LENGTH) return;
      const { url } = c.req;
      let known = sent.get(url);
      if (known?.response !== kept.response) {
        const etag = kept.response.isLive ? undefined : kept.response.headers?.["ETag"];
        const version = etag === undefined ? undefined : Number(/\d+/.exec(etag)?.[0]);
        known = { ...kept, headers: new Map(), version, route: c.get("route") };
        sent.set(url, known, { size: Math.max(1, kept.response.text?.length ?? 0) });
      }
      if (known.headers.size >= MAX_ACCEPTED) return;
      const { "x-request-id": _, ...headers } = Object.fromEntries(c.res.headers);
      known.headers.set(accepted, { ...headers, "cache-status": HIT });
    },
  };
}

/** Plain, or compressed as it can be made again. */
function isRepeatable({ headers }: Response): boolean {
  const encoding = headers.get("Content-Encoding");
  return encoding === null || (encoding === "gzip" && !headers.has("ETag"));
}

const gzippedOf = (known: Sent): Promise<Buffer> => (known.gzipped ??= compressed(known.response.text!));

type Given = Readonly<Record<string, string | undefined>>;

/** The decisive headers of a request; undefined when one is sent twice. */
function decisiveHeaders(request: Request, env: ApiEnv["Bindings"] | undefined): Given | undefined {
  const given: Record<string, string> = {};
  // As they came: to make an object of the Fetch API of them takes longer than all the rest.
  const raw = env?.incoming?.rawHeaders ?? [...request.headers].flat();
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    if (!DECISIVE.has(name)) continue;
    if (given[name] !== undefined) return undefined;
    given[name] = raw[at + 1]!;
  }
  return given;
}

/** Whether a request is answered as others with the same `Accept-Encoding` are. */
const isOrdinary = (given: Given): boolean =>
  given["origin"] === undefined && given["cache-control"] === undefined && given["range"] === undefined;
