import { z } from "@hono/zod-openapi";
import type { Pool, PoolClient } from "pg";
import { hashPassword, NO_PASSWORD } from "../../auth/passwords.ts";
import type { Sessions } from "../../auth/sessions.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { holdExpected } from "../../http/preconditions.ts";
import { idAfter, pageOf, pageParameters } from "../../http/paging.ts";
import { notFound, Problem } from "../../http/problem.ts";
import { list, nothingToSay, resource, type Stored } from "../../http/response.ts";
import { listAudit } from "../../http/audit-queries.ts";
import { deleteRow, insertRow, updateRow } from "../../http/rows.ts";
import { revokeSessionsOf } from "../../auth/session-queries.ts";
import { findUser, hasOtherAdministrator, listUsers } from "./queries.ts";
import { idParams } from "../../http/fields.ts";
import { auditEntry, newUser, type User, user, userChange } from "./schema.ts";

const tag = "Users";
const COLUMNS = ["email", "name", "role", "active", "password_hash"];

async function shown(db: Pool | PoolClient, id: number): Promise<Stored<User>> {
  const row = await findUser(db, id);
  if (!row) throw notFound("user");
  return row;
}

async function refuseLastAdministrator(client: PoolClient, before: User): Promise<void> {
  if (before.role === "admin" && before.active && !(await hasOtherAdministrator(client, before.id))) {
    throw new Problem(409, "nobody could administer any more");
  }
}

export function registerUsers(endpoints: Endpoints, pool: Pool, sessions: Sessions): void {
  const afterCommit = (): void => sessions.forget();

  endpoints.read(
    { route: "GET /users", tag, summary: "List users", query: z.strictObject(pageParameters), answer: z.array(user) },
    async ({ query, c }) => {
      const rows = await listUsers(pool, idAfter(query.cursor) ?? 0, query.limit + 1);
      return list(
        pageOf(rows, query.limit, ({ id }) => [id]),
        c.req.url,
      );
    },
  );
  endpoints.change(
    { route: "POST /users", tag, summary: "Add a user", body: newUser, answer: user, status: 201 },
    async ({ body, c }, client) => {
      const { password, ...row } = body;
      const password_hash = password === undefined ? NO_PASSWORD : await hashPassword(password);
      const id = await insertRow(client, "users", { ...row, password_hash }, COLUMNS);
      const reply = resource(await shown(client, id), 201);
      return { ...reply, headers: { ...reply.headers, Location: `${new URL(c.req.url).pathname}/${id}` } };
    },
  );
  endpoints.read(
    { route: "GET /users/{id}", tag, summary: "One user", params: idParams, answer: user },
    async ({ params }) => resource(await shown(pool, params.id)),
  );
  endpoints.change(
    { route: "PUT /users/{id}", tag, summary: "Change a user", params: idParams, body: userChange, answer: user },
    async ({ params, body, c }, client) => {
      await holdExpected(c, client, "users", params.id, "user");
      const before = await shown(client, params.id);
      const { password, ...row } = body;
      if ((row.role ?? "admin") !== "admin" || row.active === false) await refuseLastAdministrator(client, before);
      const password_hash = password === undefined ? undefined : await hashPassword(password);
      await updateRow(client, "users", params.id, { ...row, password_hash }, COLUMNS);
      // Whoever knew the old password, or had the old rights, has to sign in again.
      if (password !== undefined || row.active === false) await revokeSessionsOf(client, params.id);
      return { ...resource(await shown(client, params.id)), afterCommit };
    },
  );
  endpoints.change(
    {
      route: "DELETE /users/{id}",
      tag,
      summary: "Remove a user who has done nothing yet",
      params: idParams,
      status: 204,
    },
    async ({ params, c }, client) => {
      await holdExpected(c, client, "users", params.id, "user");
      await refuseLastAdministrator(client, await shown(client, params.id));
      await deleteRow(client, "users", params.id);
      return { ...nothingToSay, afterCommit };
    },
  );
  endpoints.read(
    {
      route: "GET /audit",
      tag: "Audit",
      summary: "Who did, or was refused, what; newest first",
      query: z.strictObject({ actor: z.string().max(128).optional(), ...pageParameters }),
      answer: z.array(auditEntry),
    },
    async ({ query, c }) => {
      const { actor, limit } = query;
      const rows = await listAudit(pool, { before: idAfter(query.cursor), actor, limit: limit + 1 });
      return list(
        pageOf(rows, limit, ({ id }) => [id]),
        c.req.url,
      );
    },
  );
}
