import type { Context } from "hono";
import type { Logger } from "pino";
import type { ApiEnv } from "../deps.ts";
import { Problem, problemBody, problemFrom } from "./problem.ts";

/** Answers a request with the problem behind `error`, without what is shaped like a secret; faults of the server (5xx) are logged with the request's id. */
export function sendProblem(
  { log, maskSecrets }: { log: Logger; maskSecrets: (text: string) => string },
  c: Context<ApiEnv>,
  error: Error,
): Response {
  const requestId = c.get("requestId");
  const problem = problemFrom(error) ?? new Problem(500, "something went wrong on the server");
  if (problem.status >= 500) {
    // The address of a tracking page holds its token.
    const path = c.req.path.replace(/^\/track\/[^/]+/, "/track/…");
    log.error({ err: error.cause ?? error, requestId, method: c.req.method, path }, problem.message);
  }
  for (const [name, value] of Object.entries(problem.headers)) c.header(name, value);
  c.header("Cache-Control", "no-store");
  return c.body(maskSecrets(JSON.stringify(problemBody(problem, requestId, c.req.path))), problem.status as 400, {
    "Content-Type": "application/problem+json",
  });
}
