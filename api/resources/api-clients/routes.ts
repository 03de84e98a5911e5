import { randomBytes } from "node:crypto";
import { z } from "@hono/zod-openapi";
import type { Pool, PoolClient } from "pg";
import type { ApiClients } from "../../auth/api-clients.ts";
import { ADMINISTRATION } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { limitColumns } from "../../http/limits.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { created, list, noContent, ok, okLive, type Versioned } from "../../http/response.ts";
import { deleteRow, insertRow, updateRow } from "../../http/rows.ts";
import { addSecret, getApiClient, listApiClients } from "./queries.ts";
import { apiClient, apiClientChange, type ApiClientWithSecret, apiClientWithSecret, newApiClient } from "./schema.ts";

const tag = "API clients";
const TABLE = "api_clients";
const COLUMNS = ["client_id", "name", "role", "location_ids", "owner_ids", "active", "expires_at"];

/** 96 random bits: it names the client, and may be read by people. */
const newClientId = (): string => `wsc_${randomBytes(12).toString("base64url")}`;

async function withNewSecret(client: PoolClient, id: number): Promise<Versioned<ApiClientWithSecret>> {
  const client_secret = await addSecret(client, id);
  return { ...(await getApiClient(client, id)), client_secret };
}

/** Systems that use the API: what they may do, until when, and their secrets. */
export function registerApiClients(endpoints: Endpoints, pool: Pool, clients: ApiClients): void {
  const afterCommit = (): void => clients.clearCache();

  endpoints.read(
    {
      route: "GET /api-clients",
      access: ADMINISTRATION,
      tag,
      summary: "List API clients",
      query: z.strictObject(pageParameters),
      response: z.array(apiClient),
    },
    async ({ query, c }) => {
      const rows = await listApiClients(pool, idAfter(query.cursor) ?? 0, query.limit + 1);
      return list(pageById(rows, query.limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /api-clients",
      access: ADMINISTRATION,
      tag,
      summary: "Add an API client; the answer shows its secret, once",
      body: newApiClient,
      response: apiClientWithSecret,
      status: 201,
      showsSecret: true,
    },
    async ({ body, c }, client) => {
      const row = { ...body, ...(await limitColumns(client, body)), client_id: newClientId() };
      const id = await insertRow(client, TABLE, row, COLUMNS);
      return { ...created(await withNewSecret(client, id), c.req.url), afterCommit };
    },
  );
  endpoints.read(
    {
      route: "GET /api-clients/{id}",
      access: ADMINISTRATION,
      tag,
      summary: "Get one API client",
      params: idParams,
      response: apiClient,
    },
    async ({ params }) => okLive(await getApiClient(pool, params.id)),
  );
  endpoints.mutate(
    {
      route: "PUT /api-clients/{id}",
      access: ADMINISTRATION,
      tag,
      summary: "Change an API client; its tokens end when its role, limits or activity change",
      params: idParams,
      audited: { table: "api_clients", read: (client, { id }) => getApiClient(client, id) },
      body: apiClientChange,
      response: apiClient,
    },
    async ({ params, body, c }, client) => {
      await lockRowIfMatch(c, client, TABLE, params.id, "API client");
      await updateRow(client, TABLE, params.id, { ...body, ...(await limitColumns(client, body)) }, COLUMNS);
      return { ...ok(await getApiClient(client, params.id)), afterCommit };
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /api-clients/{id}",
      access: ADMINISTRATION,
      tag,
      summary: "Remove an API client; its secrets, tokens and streams end at once",
      params: idParams,
      audited: { table: "api_clients", read: (client, { id }) => getApiClient(client, id) },
      status: 204,
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, TABLE, params.id, "API client");
      await deleteRow(client, TABLE, params.id);
      return { ...noContent, afterCommit };
    },
  );
  endpoints.mutate(
    {
      route: "POST /api-clients/{id}/secret",
      access: ADMINISTRATION,
      tag,
      summary: "Issue a new secret; the previous one stays valid, older ones end, and their tokens with them",
      params: idParams,
      response: apiClientWithSecret,
      status: 201,
      showsSecret: true,
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, TABLE, params.id, "API client");
      return { ...ok(await withNewSecret(client, params.id), 201), afterCommit };
    },
  );
}
