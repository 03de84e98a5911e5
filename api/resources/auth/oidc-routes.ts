import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import type { OidcIdentity } from "../../auth/oidc/claims.ts";
import { CodeFlow, CodeFlowError } from "../../auth/oidc/code-flow.ts";
import type { OidcProvider } from "../../auth/oidc/provider.ts";
import type { OidcUsers } from "../../auth/oidc/users.ts";
import { LinkThrottle } from "../../auth/login-throttle.ts";
import { revokeSessionsOf } from "../../auth/session-queries.ts";
import type { ApiDeps, ApiEnv } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { notFound, Problem } from "../../http/problem.ts";
import { updateRow } from "../../http/rows.ts";
import type { SignIn } from "./sign-in.ts";

const tag = "Identity";
const PENDING_COOKIE = "waystock_oidc";
const PENDING_SECONDS = 600;
/** Of an address, so many times the failures of one account: an office may sign in from one. */
const TOTAL_FACTOR = 20;

/** What the page shows when somebody comes back who was not signed in. */
type Failure = "away" | "refused" | "no-role" | "deactivated";

/** Sign-in in the browser by the external identity provider. Without one its addresses do not exist. */
export function registerOidc(
  endpoints: Endpoints,
  { pool, log, settings, createAttemptCounter }: ApiDeps,
  signIn: SignIn,
  oidc: { provider: OidcProvider; users: OidcUsers } | undefined,
): void {
  const base = settings.publicUrl.replace(/\/+$/, "");
  // Each answer that is brought here costs a request to the provider.
  const { count, windowMs } = settings.loginAttempts;
  const throttle = new LinkThrottle({ count: count * TOTAL_FACTOR, windowMs }, createAttemptCounter);
  const flow =
    oidc?.provider.settings.clientId === undefined
      ? undefined
      : new CodeFlow(oidc.provider, `${base}/auth/oidc/callback`);
  // The provider's page sends the browser back, from another site: a cookie that is `Strict` would stay away.
  const cookie = { httpOnly: true, secure: base.startsWith("https:"), sameSite: "Lax", path: "/auth/oidc" } as const;

  const failed = (c: Context<ApiEnv>, reason: Failure): Response => c.redirect(`/#/sign-in-failed/${reason}`, 303);

  /** Signs the user of an identity in, in the role that the provider gives now. @returns why not */
  async function open(c: Context<ApiEnv>, identity: OidcIdentity, users: OidcUsers): Promise<Failure | undefined> {
    const { role } = identity;
    if (role === undefined) return "no-role";
    const user = await users.findOrAdd(identity, role);
    if (!user.active) return "deactivated";
    const session = await transaction(pool, async (client) => {
      if (user.role !== role) {
        await updateRow(client, "users", user.id, { role }, ["role"]);
        await revokeSessionsOf(client, user.id);
      }
      return signIn.openSession(c, client, user.id, "sign in by the identity provider");
    });
    users.clearCache();
    signIn.sessionsEnded();
    signIn.setCookie(c, session);
    return undefined;
  }

  endpoints.read(
    {
      route: "GET /auth/methods",
      access: "public",
      tag,
      summary: "Get how people can sign in",
      response: z
        .object({ password: z.literal(true), oidc: z.boolean().describe("by GET /auth/oidc/start") })
        .openapi("SignInMethods"),
    },
    async () => ({ status: 200, body: { password: true, oidc: flow !== undefined } }),
  );

  endpoints.custom(
    {
      route: "GET /auth/oidc/start",
      access: "public",
      tag,
      summary: "Go to the identity provider to sign in (a browser's address)",
      status: 303,
      problems: { 404: "there is no identity provider" },
    },
    async ({ c }) => {
      if (!flow) throw notFound("identity provider");
      c.header("Cache-Control", "no-store");
      try {
        const { address, pending } = await flow.begin();
        setCookie(c, PENDING_COOKIE, pending, { ...cookie, maxAge: PENDING_SECONDS });
        return c.redirect(address, 303);
      } catch (error) {
        if (error instanceof Problem) return failed(c, "away");
        throw error;
      }
    },
  );

  endpoints.custom(
    {
      route: "GET /auth/oidc/callback",
      access: "public",
      tag,
      summary: "Come back from the identity provider (a browser's address)",
      // What a provider sends beside code and state is its own affair.
      query: z.looseObject({ code: z.string().max(4096).optional(), state: z.string().max(1024).optional() }),
      status: 303,
      problems: { 404: "there is no identity provider" },
    },
    async ({ c }) => {
      if (!flow || !oidc) throw notFound("identity provider");
      const [address, now] = [signIn.addressOf(c), performance.now()];
      throttle.assertAllowed(address, now);
      const pending = getCookie(c, PENDING_COOKIE);
      deleteCookie(c, PENDING_COOKIE, cookie);
      c.header("Cache-Control", "no-store");
      try {
        const identity = await flow.finish(new URL(c.req.url).search, pending);
        const failure = await open(c, identity, oidc.users);
        if (failure === undefined) return c.redirect("/#/signed-in", 303);
        await signIn.recordDenied("nobody", "sign in by the identity provider", failure);
        return failed(c, failure);
      } catch (error) {
        if (error instanceof CodeFlowError) {
          throttle.recordFailure(address, now);
          log.info({ err: error.cause ?? error }, "a sign-in by the identity provider failed");
          await signIn.recordDenied("nobody", "sign in by the identity provider", "refused");
          return failed(c, "refused");
        }
        if (error instanceof Problem && error.status === 503) return failed(c, "away");
        throw error;
      }
    },
  );
}
