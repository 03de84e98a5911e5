import { randomUUID } from "node:crypto";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import type { ApiEnv } from "../deps.ts";
import { Problem } from "./problem.ts";

const MAX_BODY_BYTES = 1024 * 1024;

/** Adds what every request passes, in order: request id, security headers, CORS, compression, limit of the body. */
export function useMiddleware(app: OpenAPIHono<ApiEnv>, corsOrigins: readonly string[]): void {
  app.use(async (c, next) => {
    c.set("requestId", randomUUID());
    await next();
    c.header("X-Request-Id", c.get("requestId"));
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
  const onError = (): never => {
    throw new Problem(413, `a body has at most ${MAX_BODY_BYTES} bytes`);
  };
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError }));
}
