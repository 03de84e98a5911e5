import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import { parse } from "hono/utils/cookie";
import type { Pool } from "pg";
import { denialReason } from "../auth/authorize.ts";
import { type Principal, principalName } from "../auth/principal.ts";
import { type Role, SIGNED_IN } from "../auth/roles.ts";
import type { Principals } from "../auth/principals.ts";
import type { ApiEnv } from "../deps.ts";
import type { AddAuditEntry } from "./audit/queries.ts";
import { Problem } from "./problem.ts";
import type { RateLimiter } from "./rate-limit.ts";

export const SESSION_COOKIE = "waystock_session";

export interface Authenticator {
  /**
   * Names the sender of a request by these headers, when it is within the rate limit and the endpoint is open to everybody who
   * is signed in. @returns undefined: `authenticate` has to find out what is wrong
   */
  authenticateHeaders(authorization: string | undefined, cookie: string | undefined): Promise<Principal | undefined>;
  /**
   * Finds out who sends the request, and checks rate limit and role.
   * @param anyClient API clients may do it whatever their role
   * @throws Problem 401 without valid credentials, 429 above the rate limit, 403 (audited) when `access` lacks the role
   */
  authenticate(c: Context<ApiEnv>, access: readonly Role[], anyClient?: boolean): Promise<Principal>;
  /** Puts into the audit that a request is answered 403. */
  auditRefusal(c: Context<ApiEnv>, principal: Principal, reason: string): Promise<void>;
}

export function createAuthenticator(
  pool: Pool,
  principals: Principals,
  rateLimiter: RateLimiter,
  addAuditEntry: AddAuditEntry,
): Authenticator {
  const auditRefusal = (c: Context<ApiEnv>, principal: Principal, reason: string): Promise<void> =>
    addAuditEntry(pool, {
      actor: principalName(principal),
      action: c.req.method,
      subject: c.req.path,
      outcome: "refused",
      detail: { reason, request_id: c.get("requestId") },
    });
  return {
    async authenticateHeaders(authorization, cookie) {
      const principal = await find(principals, authorization, cookie && parse(cookie, SESSION_COOKIE)[SESSION_COOKIE]);
      if (principal === undefined) return undefined;
      return rateLimiter.take(principalName(principal), performance.now()) > 0 ? undefined : principal;
    },
    async authenticate(c, access, anyClient = false) {
      const principal = await identify(c, principals);
      c.set("principal", principal);
      const wait = rateLimiter.take(principalName(principal), performance.now());
      if (wait > 0) throw new Problem(429, "too many requests", { headers: { "Retry-After": String(wait) } });
      const request = { method: c.req.method, requestedWith: c.req.header("X-Requested-With") };
      const allowed = anyClient && principal.kind === "client" ? SIGNED_IN : access;
      const reason = denialReason(principal, allowed, request);
      if (reason === undefined) return principal;
      await auditRefusal(c, principal, reason);
      throw new Problem(403, reason);
    },
    auditRefusal,
  };
}

async function identify(c: Context<ApiEnv>, principals: Principals): Promise<Principal> {
  const header = c.req.header("Authorization");
  const principal = await find(principals, header, getCookie(c, SESSION_COOKIE));
  if (principal) return principal;
  if (header !== undefined) {
    throw new Problem(401, "the access token is not valid, or has expired", {
      headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' },
    });
  }
  throw new Problem(401, "sign in, or send an access token", { headers: { "WWW-Authenticate": "Bearer" } });
}

/** Names the sender of these credentials; a token counts before a cookie, also when it is not valid. */
async function find(
  principals: Principals,
  authorization: string | undefined,
  cookie: string | undefined,
): Promise<Principal | undefined> {
  if (authorization === undefined) return cookie === undefined ? undefined : principals.byCookie(cookie);
  const token = /^Bearer +([A-Za-z0-9._~+/=-]{1,4096})$/i.exec(authorization)?.[1];
  return token === undefined ? undefined : principals.byAccessToken(token);
}
