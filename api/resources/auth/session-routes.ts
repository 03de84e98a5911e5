import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { SIGNED_IN } from "../../auth/roles.ts";
import { endSessionOf, listSessions, revokeSessionsOf } from "../../auth/session-queries.ts";
import type { Sessions } from "../../auth/sessions.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { decodeCursor, pageOf, pageParameters } from "../../http/paging.ts";
import { notFound } from "../../http/problem.ts";
import { list, noContent } from "../../http/response.ts";
import { requireUser } from "./require-user.ts";
import { ownSession, sessionParams } from "./schema.ts";
import type { SignIn } from "./sign-in.ts";

const tag = "Identity";
const cursor = z.tuple([z.string().regex(/^\d{1,18}$/), z.uuid()]);

/** The signed-in user's own sessions. */
export function registerSessions(endpoints: Endpoints, pool: Pool, signIn: SignIn, sessions: Sessions): void {
  const afterCommit = (): void => sessions.clearCache();

  endpoints.read(
    {
      route: "GET /auth/sessions",
      access: SIGNED_IN,
      tag,
      summary: "List one's own sessions, newest first",
      query: z.strictObject(pageParameters),
      response: z.array(ownSession),
    },
    async ({ principal, query, c }) => {
      const { id, sessionId } = requireUser(principal);
      const before = decodeCursor(query.cursor, cursor);
      const rows = await listSessions(pool, id, { before, limit: query.limit + 1 });
      const page = pageOf(rows, query.limit, ({ key, session }) => [key, session.id]);
      const own = page.rows.map(({ session }) => ({ ...session, current: session.id === sessionId }));
      return list({ ...page, rows: own }, c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /auth/sessions",
      access: SIGNED_IN,
      tag,
      summary: "Sign out everywhere: end all one's own sessions, this one too",
      status: 204,
    },
    async ({ principal, c }, client) => {
      await revokeSessionsOf(client, requireUser(principal).id);
      signIn.deleteCookie(c);
      return { ...noContent, afterCommit };
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /auth/sessions/{session_id}",
      access: SIGNED_IN,
      tag,
      summary: "End one of one's own sessions",
      params: sessionParams,
      status: 204,
    },
    async ({ principal, params }, client) => {
      if (!(await endSessionOf(client, requireUser(principal).id, params.session_id))) throw notFound("session");
      return { ...noContent, afterCommit };
    },
  );
}
