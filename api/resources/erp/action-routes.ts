import { z } from "@hono/zod-openapi";
import { ADMINISTRATION } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { list } from "../../http/response.ts";
import { ErpError } from "../../integrations/erp/erp-error.ts";
import { createAdapter, findConnection, readCredentials } from "../../integrations/erp/connections.ts";
import { createErpCall } from "../../integrations/erp/http-client.ts";
import { found } from "../../http/problem.ts";
import { askForSync, getErpConnection, listErpDocuments } from "./queries.ts";
import type { ErpDeps } from "./deps.ts";
import { DOCUMENT_KINDS, erpConnection, erpDocument, erpTest } from "./schema.ts";

const tag = "ERP";
/** A test takes no longer, milliseconds. */
const TEST_MS = 30_000;

const documentQuery = z.strictObject({
  kind: z.enum(DOCUMENT_KINDS).optional(),
  direction: z.enum(["in", "out"]).optional(),
  state: erpDocument.shape.state.optional(),
  ...pageParameters,
});

/** What is done with one connection. */
export function registerErpActions(endpoints: Endpoints, { pool, sealer, allowedHosts }: ErpDeps): void {
  endpoints.read(
    {
      route: "GET /erp/connections/{id}/documents",
      access: ADMINISTRATION,
      tag,
      summary: "List the documents of a connection with their ids on both sides, the newest first",
      params: idParams,
      query: documentQuery,
      response: z.array(erpDocument),
    },
    async ({ params, query: { kind, direction, state, cursor, limit }, c }) => {
      await getErpConnection(pool, params.id);
      const filter = { kind, direction, state, before: idAfter(cursor), limit: limit + 1 };
      return list(pageById(await listErpDocuments(pool, params.id, filter), limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /erp/connections/{id}/sync",
      access: ADMINISTRATION,
      tag,
      summary: "Bring both sides in step now, and look for what was deleted there",
      params: idParams,
      response: erpConnection,
      status: 202,
    },
    async ({ params: { id } }, client) => {
      const { version: _, ...connection } = await getErpConnection(client, id);
      await askForSync(client, id, true);
      return { status: 202, body: connection };
    },
  );
  endpoints.mutate(
    {
      route: "POST /erp/connections/{id}/test",
      access: ADMINISTRATION,
      tag,
      summary: "Sign in to the ERP and read a little, and tell what it says",
      params: idParams,
      response: erpTest,
    },
    (_, __, result: z.output<typeof erpTest>) => Promise.resolve({ status: 200, body: result }),
    // Nothing of Postgres is held while the ERP is waited for.
    async ({ params: { id } }) => {
      const connection = found(await findConnection(pool, id), "ERP connection");
      try {
        const call = createErpCall(allowedHosts, AbortSignal.timeout(TEST_MS));
        const adapter = createAdapter(call, connection, await readCredentials(pool, sealer, id));
        return { ok: true, message: await adapter.test() };
      } catch (error) {
        if (!(error instanceof ErpError)) throw error;
        return { ok: false, message: error.message };
      }
    },
  );
}
