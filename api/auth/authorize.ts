import type { Principal } from "./principal.ts";
import type { Role } from "./roles.ts";

/** The parts of a request that decide whether it is allowed. */
export interface RequestFacts {
  method: string;
  /** the header `X-Requested-With` */
  requestedWith: string | undefined;
}

/**
 * Decides whether a signed-in principal may make this request: http/authenticate.ts asks it for every endpoint that is not for
 * everybody. Handlers narrow further what a role may do with one resource, and answer 403 themselves then. Answers that are kept in
 * memory (cache/quick-answers.ts) are of endpoints for everybody who has signed in.
 * @returns the reason for a denial, undefined when the request is allowed
 */
export function denialReason(
  { role, authMethod }: Principal,
  access: readonly Role[],
  { method, requestedWith }: RequestFacts,
): string | undefined {
  if (!access.includes(role)) return `a ${role} may not do this`;
  // CSRF: a page of another origin cannot set this header without CORS permission, so its forged writes end here.
  const writes = method !== "GET" && method !== "HEAD";
  if (writes && authMethod === "cookie" && requestedWith !== "waystock") {
    return "a change by the session cookie needs the header X-Requested-With: waystock";
  }
  return undefined;
}
