import { z } from "@hono/zod-openapi";
import type { Pool, PoolClient } from "pg";
import { hashPassword, NO_PASSWORD } from "../../auth/passwords.ts";
import { ADMINISTRATION } from "../../auth/roles.ts";
import { revokeSessionsOf } from "../../auth/session-queries.ts";
import type { Sessions } from "../../auth/sessions.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { Problem } from "../../http/problem.ts";
import { created, list, noContent, ok } from "../../http/response.ts";
import { deleteRow, insertRow, updateRow } from "../../http/rows.ts";
import { getUser, hasOtherAdmin, listUsers } from "./queries.ts";
import { newUser, type User, user, userChange } from "./schema.ts";

const tag = "Users";
const COLUMNS = ["email", "name", "role", "active", "password_hash"];

/** @throws Problem 409 when no active administrator would be left */
async function assertNotLastAdmin(client: PoolClient, before: User): Promise<void> {
  if (before.role === "admin" && before.active && !(await hasOtherAdmin(client, before.id))) {
    throw new Problem(409, "this is the last active administrator");
  }
}

export function registerUsers(endpoints: Endpoints, pool: Pool, sessions: Sessions): void {
  const afterCommit = (): void => sessions.clearCache();

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
      summary: "Add a user",
      body: newUser,
      response: user,
      status: 201,
    },
    async ({ body, c }, client) => {
      const { password, ...row } = body;
      const password_hash = password === undefined ? NO_PASSWORD : await hashPassword(password);
      const id = await insertRow(client, "users", { ...row, password_hash }, COLUMNS);
      return created(await getUser(client, id), c.req.url);
    },
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
    async ({ params }) => ok(await getUser(pool, params.id)),
  );
  endpoints.mutate(
    {
      route: "PUT /users/{id}",
      access: ADMINISTRATION,
      tag,
      summary: "Change a user",
      params: idParams,
      body: userChange,
      response: user,
    },
    async ({ params, body, c }, client) => {
      await lockRowIfMatch(c, client, "users", params.id, "user");
      const before = await getUser(client, params.id);
      const { password, ...row } = body;
      if ((row.role ?? "admin") !== "admin" || row.active === false) await assertNotLastAdmin(client, before);
      const password_hash = password === undefined ? undefined : await hashPassword(password);
      await updateRow(client, "users", params.id, { ...row, password_hash }, COLUMNS);
      // Sessions that were opened with the old password, or before the deactivation, end.
      if (password !== undefined || row.active === false) await revokeSessionsOf(client, params.id);
      return { ...ok(await getUser(client, params.id)), afterCommit };
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /users/{id}",
      access: ADMINISTRATION,
      tag,
      summary: "Remove a user to whom no record refers",
      params: idParams,
      status: 204,
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, "users", params.id, "user");
      await assertNotLastAdmin(client, await getUser(client, params.id));
      await deleteRow(client, "users", params.id);
      return { ...noContent, afterCommit };
    },
  );
}
