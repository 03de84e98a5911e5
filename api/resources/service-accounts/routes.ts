import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { ADMINISTRATION } from "../../auth/roles.ts";
import { newSecret, sha256 } from "../../auth/secrets.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { decodeCursor, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { created, list, noContent, ok, okLive } from "../../http/response.ts";
import { deleteRow, updateRow } from "../../http/rows.ts";
import { addAccountSecret, addServiceAccount, getServiceAccount, listServiceAccounts, setFilters } from "./queries.ts";
import {
  accountParams,
  newServiceAccount,
  serviceAccount,
  serviceAccountChange,
  serviceAccountWithSecret,
} from "./schema.ts";

const tag = "Service accounts";
const TABLE = "service_accounts";
const NOUN = "service account";
const cursorSchema = z.tuple([z.string()]);

/**
 * MQTT accounts of gateways and bridges, with the topic filters they may use. They stand apart from API clients: a gateway
 * needs no role in the API, and its user name is part of its client ids, so people choose it. Postgres tells every broker
 * of a change, which cuts the connections that it no longer allows.
 */
export function registerServiceAccounts(endpoints: Endpoints, pool: Pool): void {
  endpoints.read(
    {
      route: "GET /service-accounts",
      access: ADMINISTRATION,
      tag,
      summary: "List MQTT service accounts",
      query: z.strictObject(pageParameters),
      response: z.array(serviceAccount),
    },
    async ({ query, c }) => {
      const [after] = decodeCursor(query.cursor, cursorSchema) ?? [""];
      const rows = await listServiceAccounts(pool, after, query.limit + 1);
      return list(pageById(rows, query.limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /service-accounts",
      access: ADMINISTRATION,
      tag,
      summary: "Add an MQTT service account; the answer shows its secret, once",
      body: newServiceAccount,
      response: serviceAccountWithSecret,
      status: 201,
      showsSecret: true,
    },
    async ({ body, c }, client) => {
      const secret = newSecret();
      await addServiceAccount(client, { ...body, secretSha256: sha256(secret) });
      const row = { ...(await getServiceAccount(client, body.id)), secret };
      return created(row, c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /service-accounts/{id}",
      access: ADMINISTRATION,
      tag,
      summary: "Get one MQTT service account",
      params: accountParams,
      response: serviceAccount,
    },
    async ({ params }) => okLive(await getServiceAccount(pool, params.id)),
  );
  endpoints.mutate(
    {
      route: "PUT /service-accounts/{id}",
      access: ADMINISTRATION,
      tag,
      summary: "Change an MQTT service account; a change of filters, activity or expiry ends its connections",
      params: accountParams,
      audited: { table: "service_accounts", read: (client, { id }) => getServiceAccount(client, id) },
      body: serviceAccountChange,
      response: serviceAccount,
    },
    async ({ params, body, c }, client) => {
      await lockRowIfMatch(c, client, TABLE, params.id, NOUN);
      const { publish, subscribe, ...row } = body;
      await updateRow(client, TABLE, params.id, row, ["name", "active", "expires_at"]);
      await setFilters(client, params.id, { publish, subscribe });
      return ok(await getServiceAccount(client, params.id));
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /service-accounts/{id}",
      access: ADMINISTRATION,
      tag,
      summary: "Remove an MQTT service account; its connections end at once",
      params: accountParams,
      audited: { table: "service_accounts", read: (client, { id }) => getServiceAccount(client, id) },
      status: 204,
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, TABLE, params.id, NOUN);
      await deleteRow(client, TABLE, params.id);
      return noContent;
    },
  );
  endpoints.mutate(
    {
      route: "POST /service-accounts/{id}/credentials",
      access: ADMINISTRATION,
      tag,
      summary: "Issue a new secret; the previous one stays valid, an older one ends with its connections",
      params: accountParams,
      response: serviceAccountWithSecret,
      status: 201,
      showsSecret: true,
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, TABLE, params.id, NOUN);
      const secret = newSecret();
      await addAccountSecret(client, params.id, sha256(secret));
      const row = { ...(await getServiceAccount(client, params.id)), secret };
      return ok(row, 201);
    },
  );
}
