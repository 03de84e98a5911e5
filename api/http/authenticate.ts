import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import type { Pool } from "pg";
import { denialReason } from "../auth/authorize.ts";
import { type Principal, principalName } from "../auth/principal.ts";
import type { Role } from "../auth/roles.ts";
import type { Sessions } from "../auth/sessions.ts";
import type { ApiEnv } from "../deps.ts";
import { addAuditEntry } from "./audit-queries.ts";
import { Problem } from "./problem.ts";
import type { RateLimiter } from "./rate-limit.ts";

export const SESSION_COOKIE = "waystock_session";

export interface Authenticator {
  /**
   * Finds out who sends the request, and checks rate limit and role.
   * @throws Problem 401 without valid credentials, 429 above the rate limit, 403 (audited) when `access` lacks the role
   */
  authenticate(c: Context<ApiEnv>, access: readonly Role[]): Promise<Principal>;
}

export function createAuthenticator(pool: Pool, sessions: Sessions, rateLimiter: RateLimiter): Authenticator {
  return {
    async authenticate(c, access) {
      const principal = await identify(c, sessions);
      c.set("principal", principal);
      const wait = rateLimiter.take(principalName(principal), performance.now());
      if (wait > 0) throw new Problem(429, "too many requests", { headers: { "Retry-After": String(wait) } });
      const request = { method: c.req.method, requestedWith: c.req.header("X-Requested-With") };
      const reason = denialReason(principal, access, request);
      if (reason === undefined) return principal;
      await addAuditEntry(pool, {
        actor: principalName(principal),
        action: c.req.method,
        subject: c.req.path,
        outcome: "refused",
        detail: { reason, request_id: c.get("requestId") },
      });
      throw new Problem(403, reason);
    },
  };
}

async function identify(c: Context<ApiEnv>, sessions: Sessions): Promise<Principal> {
  const header = c.req.header("Authorization");
  if (header !== undefined) {
    const token = /^Bearer +([A-Za-z0-9._~+/=-]{1,4096})$/i.exec(header)?.[1];
    const principal = token === undefined ? undefined : await sessions.byAccessToken(token);
    if (principal) return principal;
    throw new Problem(401, "the access token is not valid, or has expired", {
      headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' },
    });
  }
  const cookie = getCookie(c, SESSION_COOKIE);
  const principal = cookie === undefined ? undefined : await sessions.byCookie(cookie);
  if (principal) return principal;
  throw new Problem(401, "sign in, or send an access token", { headers: { "WWW-Authenticate": "Bearer" } });
}

/** The peer's IP address; undefined when the request came without a socket, as in tests. */
export const addressOf = (c: Context<ApiEnv>): string | undefined => c.env?.incoming?.socket?.remoteAddress;
