import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { ADMINISTRATION } from "../../auth/roles.ts";
import { userIdOf } from "../../auth/principal.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams, queryId } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { found, Problem } from "../../http/problem.ts";
import { list } from "../../http/response.ts";
import { findConnection } from "../../integrations/erp/connections.ts";
import { keepSide } from "../../integrations/erp/resolve.ts";
import { askForSync, getErpConflict, listErpConflicts } from "./queries.ts";
import { CONFLICT_TYPES, erpConflict, erpResolution } from "./schema.ts";

const tag = "ERP";

const listQuery = z.strictObject({
  connection_id: queryId.optional(),
  state: z.enum(["open", "resolved"]).optional(),
  type: z.enum(CONFLICT_TYPES).optional(),
  ...pageParameters,
});

/** What the two sides do not agree on, and what a person says to it. */
export function registerErpConflicts(endpoints: Endpoints, pool: Pool): void {
  endpoints.read(
    {
      route: "GET /erp/conflicts",
      access: ADMINISTRATION,
      tag,
      summary: "List what ERP and platform do not agree on, the newest first",
      query: listQuery,
      response: z.array(erpConflict),
    },
    async ({ query: { connection_id: connectionId, state, type, cursor, limit }, c }) => {
      const filter = { connectionId, state, type, before: idAfter(cursor), limit: limit + 1 };
      return list(pageById(await listErpConflicts(pool, filter), limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /erp/conflicts/{id}/resolve",
      access: ADMINISTRATION,
      tag,
      summary: "Say which side is right",
      params: idParams,
      audited: { table: "erp_conflicts", read: (client, { id }) => getErpConflict(client, id) },
      body: erpResolution,
      response: erpConflict,
      problems: { 409: "it was resolved already, or cannot be resolved so" },
    },
    async ({ params: { id }, body: { keep }, principal }, client) => {
      const conflict = await getErpConflict(client, id);
      if (conflict.state !== "open") throw new Problem(409, "this conflict was resolved already");
      const connection = found(await findConnection(client, conflict.connection_id), "ERP connection");
      await keepSide({ client, principal, connection, conflict }, keep);
      await client.query(
        "UPDATE erp_conflicts SET state = 'resolved', kept = $2, resolved_by = $3, resolved_at = now(), updated_at = now() WHERE id = $1",
        [id, keep, userIdOf(principal)],
      );
      await askForSync(client, conflict.connection_id, false);
      const { document_id: _, ...resolved } = await getErpConflict(client, id);
      return { status: 200, body: resolved };
    },
  );
}
