import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiEnv } from "../deps.ts";
import type { Route } from "./endpoint-spec.ts";
import { honoPath } from "./endpoint.ts";
import { Problem } from "./problem.ts";

/** Answers other methods of a known path with 405 and the allowed ones (RFC 9110 §15.5.6). Call it after all routes. */
export function refuseOtherMethods(app: OpenAPIHono<ApiEnv>, routes: readonly Route[]): void {
  const methods = new Map<string, string[]>();
  for (const route of routes) {
    const [method, path] = route.split(" ") as [string, string];
    methods.set(path, [...(methods.get(path) ?? []), method]);
  }
  for (const [path, allowed] of methods) {
    const allow = [...allowed, ...(allowed.includes("GET") ? ["HEAD"] : [])].join(", ");
    app.all(honoPath(path), (c) => {
      throw new Problem(405, `${c.req.path} does not take ${c.req.method}`, { headers: { Allow: allow } });
    });
  }
}
