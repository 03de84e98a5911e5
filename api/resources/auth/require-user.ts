import type { Principal, UserPrincipal } from "../../auth/principal.ts";
import { Problem } from "../../http/problem.ts";

/** For what only people have: sessions, passwords, second factors. @throws Problem 403 for who has no session here */
export function requireUser(principal: Principal): UserPrincipal & { sessionId: string } {
  if (principal.kind === "client") {
    throw new Problem(403, "an API client has no password and no session; its tokens end by themselves");
  }
  const { sessionId } = principal;
  if (sessionId !== null) return { ...principal, sessionId };
  throw new Problem(403, "this account is kept by the identity provider, and its token has no session here");
}
