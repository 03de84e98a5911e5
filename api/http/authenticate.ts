import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import { nameOf, type Principal } from "../auth/principal.ts";
import type { Sessions } from "../auth/sessions.ts";
import { addAudit } from "./audit-queries.ts";
import type { ApiDeps, ApiEnv } from "../deps.ts";
import type { Buckets } from "./rate-limit.ts";
import { Problem } from "./problem.ts";

export const SESSION_COOKIE = "waystock_session";

/** Finds out who asks, and whether they may. */
export interface Gate {
  /** @throws Problem 401, 403 or 429 */
  enter(c: Context<ApiEnv>, access: readonly string[]): Promise<Principal>;
}

export function openGate(deps: ApiDeps, sessions: Sessions, buckets: Buckets): Gate {
  async function refuse(c: Context<ApiEnv>, principal: Principal, reason: string): Promise<never> {
    await addAudit(deps.pool, {
      actor: nameOf(principal),
      action: c.req.method,
      subject: c.req.path,
      outcome: "refused",
      detail: { reason, request_id: c.get("requestId") },
    });
    throw new Problem(403, reason);
  }

  return {
    async enter(c, access) {
      const principal = await identify(c, sessions);
      c.set("principal", principal);
      const wait = buckets.take(nameOf(principal), Date.now());
      if (wait > 0) throw new Problem(429, "too many requests", { headers: { "Retry-After": String(wait) } });
      if (!access.includes(principal.role)) await refuse(c, principal, `a ${principal.role} may not do this`);
      // A page of another origin cannot set this header without our leave: its forged writes end here.
      const writes = c.req.method !== "GET" && c.req.method !== "HEAD";
      if (writes && principal.by === "cookie" && c.req.header("X-Requested-With") !== "waystock") {
        await refuse(c, principal, "a change by the session cookie needs the header X-Requested-With: waystock");
      }
      return principal;
    },
  };
}

async function identify(c: Context<ApiEnv>, sessions: Sessions): Promise<Principal> {
  const header = c.req.header("Authorization");
  if (header !== undefined) {
    const token = /^Bearer +([A-Za-z0-9._~+/=-]{1,4096})$/i.exec(header)?.[1];
    const principal = token === undefined ? undefined : await sessions.byAccessToken(token);
    if (principal) return principal;
    throw new Problem(401, "the access token is not valid, or no longer", {
      headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' },
    });
  }
  const cookie = getCookie(c, SESSION_COOKIE);
  const principal = cookie === undefined ? undefined : await sessions.byCookie(cookie);
  if (principal) return principal;
  throw new Problem(401, "sign in, or send an access token", { headers: { "WWW-Authenticate": "Bearer" } });
}

/** The peer's address; undefined when the request came by no socket. */
export const addressOf = (c: Context<ApiEnv>): string | undefined => c.env?.incoming?.socket?.remoteAddress;
