import { z } from "@hono/zod-openapi";
import type { PoolClient } from "pg";
import { addOneTimeLink } from "../../auth/one-time-links.ts";
import { hashPassword, NO_PASSWORD } from "../../auth/passwords.ts";
import { ADMINISTRATION } from "../../auth/roles.ts";
import { revokeSessionsOf } from "../../auth/session-queries.ts";
import { setPassword } from "../../auth/set-password.ts";
import { voidSetupTokensOf } from "../../auth/setup-token-queries.ts";
import type { Sessions } from "../../auth/sessions.ts";
import type { ApiDeps } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { limitColumns } from "../../http/limits.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { created, list, noContent, ok, okLive } from "../../http/response.ts";
import { deleteRow, insertRow, updateRow } from "../../http/rows.ts";
import { keptByProvider, registerUserAccess } from "./access-routes.ts";
import { getUser, hasOtherAdmin, listUsers } from "./queries.ts";
import { addedUser, newUser, type User, user, userChange } from "./schema.ts";

const tag = "Users";
const COLUMNS = ["email", "name", "role", "active", "location_ids", "owner_ids", "password_hash", "invited_at"];

/** What of a user decides what may be seen and done. */
const rightsOf = ({ role, active, location_ids, owner_ids }: User): string =>
  JSON.stringify([role, active, location_ids, owner_ids]);

/** The columns of a body. @throws Problem 400 for a location that does not exist */
async function rowOf<Body extends z.output<typeof userChange>>(client: PoolClient, body: Body) {
  const { password: _, location_ids, owner_ids, ...row } = body;
  return { ...row, ...(await limitColumns(client, { location_ids, owner_ids })) };
}

/** Administrators look after the whole installation: none who is limited can. */
const canAdminister = ({ role, active, location_ids, owner_ids }: User): boolean =>
  role === "admin" && active && location_ids === null && owner_ids === null;

/** @throws Problem 409 when nobody would be left who can administer */
async function assertOtherAdmin(client: PoolClient, id: number): Promise<void> {
  if (await hasOtherAdmin(client, id)) return;
  throw new Problem(409, "this is the last active administrator without limits");
}

export function registerUsers(
  endpoints: Endpoints,
  { pool, passwordProblem, settings: { publicUrl } }: Pick<ApiDeps, "pool" | "passwordProblem" | "settings">,
  sessions: Sessions,
): void {
  registerUserAccess(endpoints, publicUrl, sessions);
  const afterCommit = (): void => sessions.clearCache();

  /** @throws Problem 400 when the password may not be chosen */
  async function hashOf({ body: { password } }: { body: { password?: string | undefined } }) {
    if (password === undefined) return undefined;
    const problem = passwordProblem(password);
    if (problem !== undefined) throw invalid("/password", problem);
    return hashPassword(password);
  }

  endpoints.read(
    {
      route: "GET /users",
      access: ADMINISTRATION,
      tag,
      summary: "List users",
      query: z.strictObject(pageParameters),
      response: z.array(user),
    },
    async ({ query, c }) => {
      const rows = await listUsers(pool, idAfter(query.cursor) ?? 0, query.limit + 1);
      return list(pageById(rows, query.limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /users",
      access: ADMINISTRATION,
      tag,
      summary: "Add a user, or invite one: without a password the answer holds a one-time link to choose it by",
      body: newUser,
      response: addedUser,
      status: 201,
      showsSecret: true,
      holdsPassword: ({ password }) => password !== undefined,
    },
    async ({ body, c }, client, password_hash) => {
      const row = await rowOf(client, body);
      const isInvited = password_hash === undefined;
      const secret = { password_hash: password_hash ?? NO_PASSWORD, invited_at: isInvited ? new Date() : null };
      const id = await insertRow(client, "users", { ...row, ...secret }, COLUMNS);
      const made = await getUser(client, id);
      if (!isInvited) return { ...created(made, c.req.url), made, holdsNoSecret: true };
      const invitation = await addOneTimeLink(client, "invitation", id, publicUrl);
      const invited = { ...(await getUser(client, id)), invitation };
      return { ...created(invited, c.req.url), made };
    },
    hashOf,
  );
  endpoints.read(
    {
      route: "GET /users/{id}",
      access: ADMINISTRATION,
      tag,
      summary: "Get one user",
      params: idParams,
      response: user,
    },
    async ({ params }) => okLive(await getUser(pool, params.id)),
  );
  endpoints.mutate(
    {
      route: "PUT /users/{id}",
      access: ADMINISTRATION,
      tag,
      summary: "Change a user",
      params: idParams,
      audited: { table: "users", read: (client, { id }) => getUser(client, id) },
      body: userChange,
      response: user,
    },
    async ({ params, body, c }, client, password_hash) => {
      await lockRowIfMatch(c, client, "users", params.id, "user");
      const before = await getUser(client, params.id);
      if (password_hash !== undefined && before.identity_provider) throw keptByProvider();
      const row = await rowOf(client, body);
      await updateRow(client, "users", params.id, row, COLUMNS);
      // A link that was sent to another address is another person's.
      if (row.email !== undefined && row.email !== before.email) await voidSetupTokensOf(client, params.id);
      if (password_hash !== undefined) await setPassword(client, params.id, password_hash);
      const after = await getUser(client, params.id);
      if (canAdminister(before) && !canAdminister(after)) await assertOtherAdmin(client, params.id);
      // Sessions with other rights end, and with them the streams that are open.
      if (rightsOf(after) !== rightsOf(before)) await revokeSessionsOf(client, params.id);
      return { ...ok(after), afterCommit };
    },
    hashOf,
  );
  endpoints.mutate(
    {
      route: "DELETE /users/{id}",
      access: ADMINISTRATION,
      tag,
      summary: "Remove a user to whom no record refers",
      params: idParams,
      audited: { table: "users", read: (client, { id }) => getUser(client, id) },
      status: 204,
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, "users", params.id, "user");
      if (canAdminister(await getUser(client, params.id))) await assertOtherAdmin(client, params.id);
      await deleteRow(client, "users", params.id);
      return { ...noContent, afterCommit };
    },
  );
}
