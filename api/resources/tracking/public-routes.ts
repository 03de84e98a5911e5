import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { parseSscc } from "../../../ingest/domain/gs1/sscc.ts";
import type { ApiDeps, ApiEnv } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { notFound, Problem } from "../../http/problem.ts";
import { RateLimiter } from "../../http/rate-limit.ts";
import { hasSscc, shipmentOfToken } from "./links.ts";
import { nothingPage, PAGE_POLICY, tooManyPage, trackingPage } from "./page.ts";
import { readTracking } from "./read-tracking.ts";
import { publicTracking } from "./schema.ts";
import { languageFor } from "./texts.ts";

const tag = "Public tracking";
const HTML = "text/html";
/** Of one address. A token cannot be guessed; this bounds what a stranger may make the database do. */
const RATE = { perSecond: 5, burst: 60 };

/** What mail programs and the like add to a link does not matter. */
const anyQuery = z.looseObject({});

/** The pages that people without an account open. They learn nothing but what their link shows. */
export function registerPublicTracking(
  endpoints: Endpoints,
  { pool, clientAddress, createTokenBucket }: Pick<ApiDeps, "pool" | "clientAddress" | "createTokenBucket">,
): void {
  const limiter = new RateLimiter(RATE, createTokenBucket);

  /** @returns seconds to wait, 0: none */
  function waitOf(c: Context<ApiEnv>): number {
    const address = clientAddress(c.env?.incoming?.socket?.remoteAddress, c.req.header("X-Forwarded-For"));
    return limiter.take(address ?? "", performance.now());
  }

  function page(c: Context<ApiEnv>, status: 200 | 404 | 429, html: string): Response {
    c.set("policy", PAGE_POLICY);
    hide(c);
    c.header("Vary", "Accept-Language");
    return c.body(html, status, { "Content-Type": `${HTML}; charset=utf-8` });
  }

  const languageOf = (c: Context<ApiEnv>, ofParty: string | null = null) =>
    languageFor(ofParty, c.req.header("Accept-Language"));

  endpoints.custom(
    {
      route: "GET /track/{token}",
      access: "public",
      tag,
      summary: "Follow a shipment by a tracking link: a page, or with .json after the token its content",
      params: z.strictObject({
        token: z
          .string()
          .openapi({ param: { name: "token", in: "path" }, description: "of the link; with .json after it: as JSON" }),
      }),
      query: anyQuery,
      response: publicTracking,
      alternativeResponses: [HTML],
      problemPages: [404, 429],
    },
    async ({ params, c }) => {
      const isJson = params.token.endsWith(".json");
      const wait = waitOf(c);
      if (wait > 0) {
        if (isJson) throw new Problem(429, "too many requests", { headers: { "Retry-After": String(wait) } });
        c.header("Retry-After", String(wait));
        return page(c, 429, tooManyPage(languageOf(c)));
      }
      const id = await shipmentOfToken(pool, isJson ? params.token.slice(0, -".json".length) : params.token);
      const tracking = id === undefined ? undefined : await readTracking(pool, id, new Date());
      if (isJson) {
        if (!tracking) throw notFound("link");
        hide(c);
        return c.json(tracking.view);
      }
      if (!tracking) return page(c, 404, nothingPage(languageOf(c)));
      return page(c, 200, trackingPage(tracking, languageOf(c, tracking.language)));
    },
  );

  endpoints.custom(
    {
      route: "GET /00/{sscc}",
      access: "public",
      tag,
      summary: "Open the tracking page by the GS1 Digital Link in the QR code of a label",
      params: z.strictObject({
        sscc: z.string().openapi({ param: { name: "sscc", in: "path" }, description: "18 digits" }),
      }),
      query: z.looseObject({ t: z.string().optional().describe("the token of the label's tracking link") }),
      status: 303,
      problemPages: [404, 429],
    },
    async ({ params, query: { t: token = "" }, c }) => {
      const wait = waitOf(c);
      if (wait > 0) {
        c.header("Retry-After", String(wait));
        return page(c, 429, tooManyPage(languageOf(c)));
      }
      const sscc = /^\d{18}$/.test(params.sscc) ? parseSscc(params.sscc)?.sscc : undefined;
      const id = sscc === undefined ? undefined : await shipmentOfToken(pool, token);
      if (id === undefined || !(await hasSscc(pool, id, sscc!))) return page(c, 404, nothingPage(languageOf(c)));
      hide(c);
      // Relative, so that it holds whatever path a proxy serves this under.
      return c.redirect(`../track/${token}`, 303);
    },
  );
}

/** Neither caches nor search engines keep it. */
function hide(c: Context<ApiEnv>): void {
  c.header("Cache-Control", "no-store");
  c.header("X-Robots-Tag", "noindex, nofollow");
}
