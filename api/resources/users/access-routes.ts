import type { PoolClient } from "pg";
import { addOneTimeLink } from "../../auth/one-time-links.ts";
import { ADMINISTRATION } from "../../auth/roles.ts";
import { removeSecondFactor } from "../../auth/second-factor/queries.ts";
import { revokeSessionsOf } from "../../auth/session-queries.ts";
import type { Sessions } from "../../auth/sessions.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { Problem } from "../../http/problem.ts";
import { noContent } from "../../http/response.ts";
import { getUser, setInvited, setResetAnswered } from "./queries.ts";
import { oneTimeLink, type User } from "./schema.ts";

const tag = "Users";

/** @throws Problem 404 without such a user, 409 when the account is deactivated */
async function getActiveUser(client: PoolClient, id: number): Promise<User> {
  const user = await getUser(client, id);
  if (!user.active) throw new Problem(409, "this account is deactivated");
  return user;
}

/** A password here would be a way past the identity provider. */
export const keptByProvider = (): Problem =>
  new Problem(409, "this user signs in by the identity provider, and has no password here");

/** What an administrator does for users who cannot get in, or who shall not stay in. */
export function registerUserAccess(endpoints: Endpoints, publicUrl: string, sessions: Sessions): void {
  const afterCommit = (): void => sessions.clearCache();
  const link = { params: idParams, response: oneTimeLink, status: 201, showsSecret: true } as const;

  endpoints.mutate(
    {
      ...link,
      route: "POST /users/{id}/invitation",
      access: ADMINISTRATION,
      tag,
      summary: "Invite a user anew who has not chosen a password; the link before is void",
    },
    async ({ params }, client) => {
      const { state } = await getActiveUser(client, params.id);
      if (state !== "invited") throw new Problem(409, "this user has a password already: make a reset link");
      await setInvited(client, params.id);
      return { status: 201, body: await addOneTimeLink(client, "invitation", params.id, publicUrl) };
    },
  );
  endpoints.mutate(
    {
      ...link,
      route: "POST /users/{id}/reset",
      access: ADMINISTRATION,
      tag,
      summary: "Make a one-time link by which a user chooses a new password; the link before is void",
    },
    async ({ params }, client) => {
      const { state, identity_provider } = await getActiveUser(client, params.id);
      if (state === "invited") throw new Problem(409, "this user has no password yet: send the invitation again");
      if (identity_provider) throw keptByProvider();
      await setResetAnswered(client, params.id);
      return { status: 201, body: await addOneTimeLink(client, "reset", params.id, publicUrl) };
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /users/{id}/sessions",
      access: ADMINISTRATION,
      tag,
      summary: "Sign a user out everywhere",
      params: idParams,
      audited: { table: "users", read: (client, { id }) => getUser(client, id) },
      status: 204,
    },
    async ({ params }, client) => {
      await getUser(client, params.id);
      await revokeSessionsOf(client, params.id);
      return { ...noContent, afterCommit };
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /users/{id}/totp",
      access: ADMINISTRATION,
      tag,
      summary: "Remove the second factor of a user who has lost it, and sign the user out everywhere",
      params: idParams,
      audited: { table: "users", read: (client, { id }) => getUser(client, id) },
      status: 204,
    },
    async ({ params, principal }, client) => {
      await getUser(client, params.id);
      if (principal.kind === "user" && principal.id === params.id) {
        throw new Problem(409, "turn your own second factor off by DELETE /auth/totp, with password and code");
      }
      if (!(await removeSecondFactor(client, params.id))) throw new Problem(409, "this user has no second factor");
      await revokeSessionsOf(client, params.id);
      return { ...noContent, afterCommit };
    },
  );
}
