import { randomBytes } from "node:crypto";
import { z } from "@hono/zod-openapi";
import type { PoolClient } from "pg";
import { ADMINISTRATION } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { invalid } from "../../http/problem.ts";
import { assertReferences } from "../../http/references.ts";
import { created, list, noContent, ok } from "../../http/response.ts";
import { deleteRow, insertRow, updateRow } from "../../http/rows.ts";
import { urlProblem } from "../../integrations/channels/public-addresses.ts";
import {
  type Connection,
  credentialsProblem,
  type ErpCredentials,
  keepCredentials,
} from "../../integrations/erp/connections.ts";
import type { ErpOptions } from "../../integrations/erp/options.ts";
import type { ErpDeps } from "./deps.ts";
import { registerErpActions } from "./action-routes.ts";
import { registerErpConflicts } from "./conflict-routes.ts";
import { getErpConnection, listErpConnections, listErpStates } from "./queries.ts";
import { erpConnection, erpConnectionChange, erpState, newErpConnection } from "./schema.ts";

const ERP_TAG = "ERP";
const COLUMNS = ["name", "kind", "url", "database", "options", "enabled", "api_client_id"];

/** Connections with ERP systems. The work is done by the relay (api/integrations/erp/erp-relay.ts). */
export function registerErp(endpoints: Endpoints, deps: ErpDeps): void {
  const { pool, sealer, allowedHosts } = deps;
  const audited = {
    table: "erp_connections",
    read: (client: PoolClient, { id }: { id: number }) => getErpConnection(client, id),
  };
  endpoints.read(
    {
      route: "GET /erp",
      access: ADMINISTRATION,
      tag: ERP_TAG,
      summary: "List the state of ERP connections: when they were in step, what waits, what differs",
      query: z.strictObject(pageParameters),
      response: z.array(erpState),
    },
    async ({ query: { cursor, limit }, c }) =>
      list(pageById(await listErpStates(pool, idAfter(cursor), limit + 1), limit), c.req.url),
  );
  endpoints.read(
    {
      route: "GET /erp/connections",
      access: ADMINISTRATION,
      tag: ERP_TAG,
      summary: "List ERP connections",
      query: z.strictObject(pageParameters),
      response: z.array(erpConnection),
    },
    async ({ query: { cursor, limit }, c }) =>
      list(pageById(await listErpConnections(pool, idAfter(cursor), limit + 1), limit), c.req.url),
  );
  endpoints.mutate(
    {
      route: "POST /erp/connections",
      access: ADMINISTRATION,
      tag: ERP_TAG,
      summary: "Connect an ERP; its credentials are never shown again",
      body: newErpConnection,
      response: erpConnection,
      status: 201,
      showsSecret: true,
    },
    async ({ body: { credentials = {}, ...body }, c }, client) => {
      await check(client, body, credentials, allowedHosts);
      // In its name orders and movements are recorded; it has no secret, so nobody can sign in as it.
      const clientId = `erp-${randomBytes(8).toString("hex")}`;
      const api_client_id = await insertRow(
        client,
        "api_clients",
        { client_id: clientId, name: `ERP: ${body.name}`.slice(0, 255), role: "manager" },
        ["client_id", "name", "role"],
      );
      const id = await insertRow(client, "erp_connections", { ...body, api_client_id }, COLUMNS);
      await keepCredentials(client, sealer, id, credentials);
      const connection = await getErpConnection(client, id);
      return { ...created(connection, c.req.url), made: connection, holdsNoSecret: true as const };
    },
  );
  endpoints.read(
    {
      route: "GET /erp/connections/{id}",
      access: ADMINISTRATION,
      tag: ERP_TAG,
      summary: "Get one ERP connection",
      params: idParams,
      response: erpConnection,
    },
    async ({ params }) => ok(await getErpConnection(pool, params.id)),
  );
  endpoints.mutate(
    {
      route: "PUT /erp/connections/{id}",
      access: ADMINISTRATION,
      tag: ERP_TAG,
      summary: "Change an ERP connection; one that was stopped is tried again",
      params: idParams,
      audited,
      body: erpConnectionChange,
      response: erpConnection,
    },
    async ({ params: { id }, body: { credentials, ...body }, c }, client) => {
      await lockRowIfMatch(c, client, "erp_connections", id, "ERP connection");
      const before = await getErpConnection(client, id);
      // Credentials go to the host that they were given for, and to no other.
      if (credentials === undefined && body.url !== undefined && originOf(body.url) !== originOf(before.url))
        throw invalid("/credentials", "another host needs its credentials: give them with its address");
      await check(client, { ...before, ...definedOf(body) }, credentials, allowedHosts);
      await updateRow(client, "erp_connections", id, body, COLUMNS);
      if (credentials !== undefined) await keepCredentials(client, sealer, id, credentials);
      // A pass that is under way works with what was: it ends.
      await client.query(
        "UPDATE erp_connections SET is_stopped = false, claim = NULL, claimed_until = NULL, next_sync_at = now() WHERE id = $1",
        [id],
      );
      return ok(await getErpConnection(client, id));
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /erp/connections/{id}",
      access: ADMINISTRATION,
      tag: ERP_TAG,
      summary: "Remove an ERP connection and what is known of its documents; the documents stay on both sides",
      params: idParams,
      audited,
      status: 204,
    },
    async ({ params: { id }, c }, client) => {
      await lockRowIfMatch(c, client, "erp_connections", id, "ERP connection");
      await client.query(
        "UPDATE api_clients SET active = false WHERE id = (SELECT api_client_id FROM erp_connections WHERE id = $1)",
        [id],
      );
      await deleteRow(client, "erp_connections", id);
      return noContent;
    },
  );
  registerErpActions(endpoints, deps);
  registerErpConflicts(endpoints, pool);
}

type Checked = Pick<Connection, "kind" | "url"> & { options: ErpOptions };

/** @throws Problem 400 for an address that may not be called, credentials that are missing, and places that do not exist */
async function check(
  client: PoolClient,
  { kind, url, options }: Checked,
  credentials: ErpCredentials | undefined,
  allowedHosts: readonly string[],
): Promise<void> {
  const problem = urlProblem(url, allowedHosts);
  if (problem !== undefined) throw invalid("/url", problem);
  const missing = credentials === undefined ? undefined : credentialsProblem(kind, credentials);
  if (missing !== undefined) throw invalid("/credentials", missing);
  const placesOf = (name: "warehouses" | "customers") =>
    options[name].map(({ location_id: id }, at) => ({ pointer: `/options/${name}/${at}/location_id`, id }));
  await assertReferences(client, "locations", [...placesOf("warehouses"), ...placesOf("customers")]);
}

const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url);

const definedOf = <Body extends object>(body: Body): { [K in keyof Body]: Exclude<Body[K], undefined> } =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as never;
