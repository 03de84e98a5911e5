import { randomUUID } from "node:crypto";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import type { ApiEnv } from "../deps.ts";
import type { RequestMetrics } from "../metrics/request-metrics.ts";

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
    const exposeHeaders = ["ETag", "Link", "Location", "Retry-After", "X-Request-Id"];
    app.use(cors({ origin: [...corsOrigins], exposeHeaders, maxAge: 600 }));
  }
  app.use(compress({ threshold: 1024 }));
}
