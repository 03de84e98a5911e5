import { randomUUID } from "node:crypto";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import type { ApiEnv } from "../deps.ts";
import type { RequestMetrics } from "../metrics/request-metrics.ts";

const EPCIS_HEADERS = ["GS1-EPCIS-Version", "GS1-CBV-Version", "GS1-Next-Page-Token-Expires"];

/**
 * Adds what every request passes, in order: request id, security headers, CORS, compression. None of it reads a body:
 * that follows once the sender is known (`body.ts`).
 */
export function useMiddleware(
  app: OpenAPIHono<ApiEnv>,
  corsOrigins: readonly string[],
  requests: RequestMetrics,
): void {
  app.use(async (c, next) => {
    const startedAt = performance.now();
    c.set("requestId", randomUUID());
    await next();
    c.header("X-Request-Id", c.get("requestId"));
    if (c.get("isForeign")) c.header("Content-Security-Policy", "default-src 'none'; sandbox");
    const policy = c.get("policy");
    if (policy !== undefined) c.header("Content-Security-Policy", policy);
    requests.observe(c.req.method, c.get("route"), c.res.status, performance.now() - startedAt);
  });
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        // `default-src` does not cover it: injected markup could send a form, and what is typed into it, elsewhere.
        formAction: ["'self'"],
      },
      xFrameOptions: "DENY",
      // HSTS belongs to the proxy that terminates TLS: this process cannot know whether the site is served by HTTPS.
      strictTransportSecurity: false,
    }),
  );
  if (corsOrigins.length > 0) {
    const exposeHeaders = ["ETag", "Link", "Location", "Retry-After", "X-Request-Id", ...EPCIS_HEADERS];
    const share = cors({ origin: [...corsOrigins], exposeHeaders, maxAge: 600 });
    // It answers every OPTIONS itself; that of a client that asks for what EPCIS offers has no such header.
    app.use((c, next) =>
      c.req.method === "OPTIONS" && c.req.header("Access-Control-Request-Method") === undefined
        ? next()
        : share(c, next),
    );
  }
  app.use(compress({ threshold: 1024 }));
}
