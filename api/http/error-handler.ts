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
  return c.body(
    maskSecrets(JSON.stringify(problemBody(problem, typeOf(problem, c.req.path), requestId))),
    problem.status as 400,
    {
      "Content-Type": "application/problem+json",
    },
  );
}

/** Below this path errors have the names of the EPCIS standard. */
const EPCIS = /^\/epcis(?:\/|$)/;

/** What EPCIS 2.0 calls errors that are not named more closely (its OpenAPI document). */
const EPCIS_EXCEPTIONS: Readonly<Record<number, string>> = {
  400: "ValidationException",
  401: "SecurityException",
  403: "SecurityException",
  404: "NoSuchResourceException",
  406: "NotAcceptableException",
  409: "ResourceAlreadyExistsException",
  413: "CaptureLimitExceededException",
  414: "URITooLongException",
  415: "UnsupportedMediaTypeException",
};

/** The `type` of an answer (RFC 9457 §3.1.1): an anchor of the page /docs, or a name of another standard, which has a colon. */
function typeOf({ type, status }: Problem, path: string): string {
  if (type.includes(":")) return type;
  if (!EPCIS.test(path) || type !== `status-${status}`) return `/docs#${type}`;
  return `epcisException:${EPCIS_EXCEPTIONS[status] ?? "ImplementationException"}`;
}
