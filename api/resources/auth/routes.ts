import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import type { PoolClient } from "pg";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import { LoginThrottle } from "../../auth/login-throttle.ts";
import { hashPassword, verifyPassword } from "../../auth/passwords.ts";
import { principalName } from "../../auth/principal.ts";
import { type Role, SIGNED_IN } from "../../auth/roles.ts";
import { sha256 } from "../../auth/secrets.ts";
import { revokeSession } from "../../auth/session-queries.ts";
import { type NewSession, SESSION_SECONDS, type Sessions } from "../../auth/sessions.ts";
import { redeemSetupToken } from "../../auth/setup-token-queries.ts";
import { TOKEN_SECONDS } from "../../auth/tokens.ts";
import type { ApiDeps, ApiEnv } from "../../deps.ts";
import { addAuditEntry } from "../../http/audit-queries.ts";
import { addressOf, SESSION_COOKIE } from "../../http/authenticate.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { noContent } from "../../http/response.ts";
import { insertRow, updateRow } from "../../http/rows.ts";
import { findActiveUser, findUser, hasAdmin } from "../users/queries.ts";
import { login, me, setup, signedIn } from "./schema.ts";

const tag = "Identity";

export function registerAuth(
  endpoints: Endpoints,
  { pool, settings, createAttemptCounter }: ApiDeps,
  sessions: Sessions,
): void {
  const throttle = new LoginThrottle(settings.loginAttempts, createAttemptCounter);
  const secure = settings.publicUrl.startsWith("https:");

  /** Answers with the access token, and sets the session cookie. */
  function sendSession(c: Context<ApiEnv>, session: NewSession, role: Role): Response {
    const cookie = { httpOnly: true, secure, sameSite: "Strict", path: "/", maxAge: SESSION_SECONDS } as const;
    setCookie(c, SESSION_COOKIE, session.cookie, cookie);
    c.header("Cache-Control", "no-store");
    return c.json({ access_token: session.accessToken, token_type: "Bearer", expires_in: TOKEN_SECONDS, role });
  }

  endpoints.custom(
    { route: "POST /auth/login", access: "public", tag, summary: "Sign in", body: login, response: signedIn },
    async ({ body, c }) => {
      const [address, attemptedAt] = [addressOf(c), performance.now()];
      throttle.assertAllowed(body.email, address, attemptedAt);
      throttle.countAttempt(body.email, address, attemptedAt);
      const user = await findActiveUser(pool, body.email);
      if (!(await verifyPassword(body.password, user?.password_hash)) || !user) {
        await addAuditEntry(pool, {
          actor: "nobody",
          action: "sign in",
          subject: body.email,
          outcome: "refused",
          detail: null,
        });
        throw new Problem(401, "e-mail address or password is wrong");
      }
      throttle.refund(body.email, address, attemptedAt);
      const session = await transaction(pool, (client) => openSession(client, sessions, user.id, "sign in"));
      return sendSession(c, session, user.role);
    },
  );

  endpoints.custom(
    {
      route: "POST /auth/setup",
      access: "public",
      tag,
      summary: "Sign in by a one-time link",
      body: setup,
      response: signedIn,
    },
    async ({ body, c }) => {
      const passwordHash = body.password === undefined ? undefined : await hashPassword(body.password);
      const { session, role } = await transaction(pool, async (client) => {
        const user = await redeem(client, { ...body, passwordHash });
        return { session: await openSession(client, sessions, user.id, "one-time link"), role: user.role };
      });
      return sendSession(c, session, role);
    },
  );

  endpoints.custom(
    {
      route: "POST /auth/refresh",
      access: SIGNED_IN,
      tag,
      summary: "Renew the access token and the cookie of this session",
      response: signedIn,
    },
    async ({ principal, c }) => {
      const session = await transaction(pool, (client) => sessions.renew(client, principal));
      sessions.clearCache();
      if (!session) throw new Problem(401, "the session has ended");
      return sendSession(c, session, principal.role);
    },
  );

  endpoints.mutate(
    { route: "POST /auth/logout", access: SIGNED_IN, tag, summary: "End this session", status: 204 },
    async ({ principal, c }, client) => {
      await revokeSession(client, principal.sessionId);
      deleteCookie(c, SESSION_COOKIE, { path: "/", secure });
      return { ...noContent, afterCommit: () => sessions.clearCache() };
    },
  );

  endpoints.read(
    { route: "GET /auth/me", access: SIGNED_IN, tag, summary: "Get the signed-in user", response: me },
    async ({ principal }) => ({
      status: 200,
      body: { id: principal.userId, email: principal.email, role: principal.role },
    }),
  );
}

async function openSession(
  client: PoolClient,
  sessions: Sessions,
  userId: number,
  action: string,
): Promise<NewSession> {
  await addAuditEntry(client, {
    actor: principalName({ userId }),
    action,
    subject: null,
    outcome: "done",
    detail: null,
  });
  return sessions.open(client, userId);
}

interface Redemption {
  token: string;
  email?: string | undefined;
  passwordHash: string | undefined;
}

/**
 * Signs in by a one-time token, or creates the first administrator with it. When anything is refused, the transaction is
 * rolled back and the link stays valid.
 */
async function redeem(
  client: PoolClient,
  { token, email, passwordHash }: Redemption,
): Promise<{ id: number; role: Role }> {
  const link = await redeemSetupToken(client, sha256(token));
  if (!link) throw new Problem(401, "this link was used already, or has expired");
  if (link.user_id !== null) {
    const change = { email, password_hash: passwordHash };
    if (email ?? passwordHash) await updateRow(client, "users", link.user_id, change, ["email", "password_hash"]);
    const user = await findUser(client, link.user_id);
    if (!user?.active) throw new Problem(401, "this account is deactivated");
    return user;
  }
  if (await hasAdmin(client)) throw new Problem(409, "there is an administrator already; sign in instead");
  if (email === undefined) throw invalid("/email", "the first administrator needs an e-mail address");
  if (passwordHash === undefined) throw invalid("/password", "the first administrator needs a password");
  const row = { email, password_hash: passwordHash, role: "admin" };
  return { id: await insertRow(client, "users", row, ["email", "password_hash", "role"]), role: "admin" };
}
