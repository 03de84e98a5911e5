import { getCookie } from "hono/cookie";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import type { OidcProvider } from "../../auth/oidc/provider.ts";
import type { OidcUsers } from "../../auth/oidc/users.ts";
import { principalName } from "../../auth/principal.ts";
import { SIGNED_IN } from "../../auth/roles.ts";
import { countRecoveryCodes } from "../../auth/second-factor/queries.ts";
import { pseudonym } from "../../auth/secrets.ts";
import { endSession } from "../../auth/session-queries.ts";
import type { Sessions } from "../../auth/sessions.ts";
import type { ApiDeps } from "../../deps.ts";
import type { AddAuditEntry } from "../../http/audit/queries.ts";
import { SESSION_COOKIE } from "../../http/authenticate.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { Problem } from "../../http/problem.ts";
import { noContent } from "../../http/response.ts";
import { findActiveUser, getUser } from "../users/queries.ts";
import { registerLinks } from "./link-routes.ts";
import { registerOidc } from "./oidc-routes.ts";
import { registerPassword } from "./password-routes.ts";
import { requireUser } from "./require-user.ts";
import { login, me, meOf, signedIn } from "./schema.ts";
import { registerSecondFactor } from "./second-factor-routes.ts";
import { registerSessions } from "./session-routes.ts";
import { SignIn } from "./sign-in.ts";

const tag = "Identity";

/** How people sign in, stay signed in and sign out. */
export function registerAuth(
  endpoints: Endpoints,
  deps: ApiDeps,
  sessions: Sessions,
  addAuditEntry: AddAuditEntry,
  oidc: { provider: OidcProvider; users: OidcUsers } | undefined,
): void {
  const { pool } = deps;
  const signIn = new SignIn(deps, sessions, addAuditEntry);
  registerLinks(endpoints, deps, signIn, addAuditEntry);
  registerPassword(endpoints, deps, signIn, sessions);
  registerSecondFactor(endpoints, deps, signIn, sessions);
  registerSessions(endpoints, pool, signIn, sessions);
  registerOidc(endpoints, deps, signIn, oidc);

  endpoints.custom(
    {
      route: "POST /auth/login",
      access: "public",
      tag,
      summary: "Sign in",
      body: login,
      response: signedIn,
      problems: { 401: "wrong credentials; by its type, that a code of the second factor is missing or wrong" },
    },
    async ({ body: { email, password, code }, c }) => {
      const user = await findActiveUser(pool, email);
      const claim = { email, hash: user?.password_hash, isSignedIn: false };
      if (!(await signIn.isPassword(c, claim, password)) || !user) {
        // What is typed here by mistake may be a password: only the address of an account is written down.
        await signIn.recordDenied("nobody", "sign in", user ? email : pseudonym(email));
        throw new Problem(401, "e-mail address or password is wrong");
      }
      if (user.second_factor) await signIn.demandCode(c, user, code);
      const session = await transaction(pool, (client) => signIn.openSession(c, client, user.id, "sign in"));
      return signIn.sendSession(c, session, user.role);
    },
  );

  endpoints.custom(
    {
      route: "POST /auth/refresh",
      access: "public",
      tag,
      summary: "Renew the access token and the cookie of a session, by that cookie alone",
      response: signedIn,
      problems: { 401: "there is no session with this cookie" },
    },
    async ({ c }) => {
      const cookie = getCookie(c, SESSION_COOKIE);
      if (cookie === undefined) throw new Problem(401, "the session cookie is missing: sign in");
      const renewal = await transaction(pool, async (client) => {
        const result = await sessions.renew(client, cookie, signIn.addressOf(c));
        if (result.type === "replayed") {
          const actor = principalName({ kind: "user", id: result.userId });
          const detail = { reason: "a cookie that had been renewed came again: the session was ended" };
          await addAuditEntry(client, { actor, action: "refresh", subject: null, outcome: "refused", detail });
        }
        return result;
      });
      sessions.clearCache();
      if (renewal.type === "renewed") return signIn.sendSession(c, renewal.session, renewal.role);
      signIn.deleteCookie(c);
      throw new Problem(401, "the session has ended: sign in again");
    },
  );

  endpoints.mutate(
    { route: "POST /auth/logout", access: SIGNED_IN, tag, summary: "End this session", status: 204 },
    async ({ principal, c }, client) => {
      await endSession(client, requireUser(principal).sessionId);
      signIn.deleteCookie(c);
      return { ...noContent, afterCommit: () => sessions.clearCache() };
    },
  );

  endpoints.read(
    {
      route: "GET /auth/me",
      access: SIGNED_IN,
      tag,
      summary: "Get the user or API client behind the request",
      response: me,
    },
    async ({ principal }) => {
      const user = principal.kind === "user" ? await getUser(pool, principal.id) : undefined;
      const codesLeft = user?.second_factor === true ? await countRecoveryCodes(pool, user.id) : null;
      return { status: 200, body: meOf(principal, user, codesLeft) };
    },
  );
}
