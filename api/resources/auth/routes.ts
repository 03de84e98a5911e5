import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import type { PoolClient } from "pg";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import { LoginThrottle } from "../../auth/login-throttle.ts";
import { hashPassword, verifyPassword } from "../../auth/passwords.ts";
import { principalName } from "../../auth/principal.ts";
import { SIGNED_IN, type Role } from "../../auth/roles.ts";
import { sha256 } from "../../auth/secrets.ts";
import { type NewSession, SESSION_SECONDS, type Sessions } from "../../auth/sessions.ts";
import { TOKEN_SECONDS } from "../../auth/tokens.ts";
import { addressOf, SESSION_COOKIE } from "../../http/authenticate.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { noContent } from "../../http/response.ts";
import { addAuditEntry } from "../../http/audit-queries.ts";
import { insertRow, updateRow } from "../../http/rows.ts";
import { revokeSession } from "../../auth/session-queries.ts";
import { findActiveUser, findUser, hasAdmin } from "../users/queries.ts";
import { redeemSetupToken } from "../../auth/setup-token-queries.ts";
import { login, me, setup, signedIn } from "./schema.ts";
import type { ApiDeps, ApiEnv } from "../../deps.ts";

const tag = "Identity";

export function registerAuth(endpoints: Endpoints, { pool, settings }: ApiDeps, sessions: Sessions): void {
  const failed = new LoginThrottle(settings.loginAttempts);
  const secure = settings.publicUrl.startsWith("https:");

  function answer(c: Context<ApiEnv>, session: NewSession, role: Role): Response {
    const cookie = { httpOnly: true, secure, sameSite: "Strict", path: "/", maxAge: SESSION_SECONDS } as const;
    setCookie(c, SESSION_COOKIE, session.cookie, cookie);
    c.header("Cache-Control", "no-store");
    return c.json({ access_token: session.accessToken, token_type: "Bearer", expires_in: TOKEN_SECONDS, role });
  }

  endpoints.custom(
    { route: "POST /auth/login", access: "public", tag, summary: "Sign in", body: login, response: signedIn },
    async ({ body, c }) => {
      const [address, triedAt] = [addressOf(c), Date.now()];
      failed.assertAllowed(body.email, address, triedAt);
      failed.countAttempt(body.email, address, triedAt);
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
      failed.refund(body.email, address, triedAt);
      const session = await transaction(pool, (client) => openSession(client, sessions, user.id, "sign in"));
      return answer(c, session, user.role);
    },
  );

  endpoints.custom(
    {
      route: "POST /auth/setup",
      access: "public",
      tag,
      summary: "Use a one-time link",
      body: setup,
      response: signedIn,
    },
    async ({ body, c }) => {
      const passwordHash = body.password === undefined ? undefined : await hashPassword(body.password);
      const { session, role } = await transaction(pool, async (client) => {
        const user = await redeem(client, { ...body, passwordHash });
        return { session: await openSession(client, sessions, user.id, "one-time link"), role: user.role };
      });
      return answer(c, session, role);
    },
  );

  endpoints.custom(
    {
      route: "POST /auth/refresh",
      access: SIGNED_IN,
      tag,
      summary: "A new access token and cookie for this session",
      response: signedIn,
    },
    async ({ principal, c }) => {
      const session = await transaction(pool, (client) => sessions.renew(client, principal));
      sessions.clearCache();
      if (!session) throw new Problem(401, "the session has ended");
      return answer(c, session, principal.role);
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
    { route: "GET /auth/me", access: SIGNED_IN, tag, summary: "Who is signed in", response: me },
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

/** Uses a one-time token up; if anything is refused, the transaction takes that back and the link still works. */
async function redeem(
  client: PoolClient,
  { token, email, passwordHash }: Redemption,
): Promise<{ id: number; role: Role }> {
  const link = await redeemSetupToken(client, sha256(token));
  if (!link) throw new Problem(401, "this link was used before, or is too old");
  if (link.user_id !== null) {
    const change = { email, password_hash: passwordHash };
    if (email ?? passwordHash) await updateRow(client, "users", link.user_id, change, ["email", "password_hash"]);
    const user = await findUser(client, link.user_id);
    if (!user?.active) throw new Problem(401, "this account is not active");
    return user;
  }
  if (await hasAdmin(client)) throw new Problem(409, "there is an administrator already: sign in");
  if (email === undefined) throw invalid("/email", "an e-mail address for the first administrator is needed");
  if (passwordHash === undefined) throw invalid("/password", "a password for the first administrator is needed");
  const row = { email, password_hash: passwordHash, role: "admin" };
  return { id: await insertRow(client, "users", row, ["email", "password_hash", "role"]), role: "admin" };
}
