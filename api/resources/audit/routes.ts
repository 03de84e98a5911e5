import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { AUDITING } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { list } from "../../http/response.ts";
import { listAudit } from "./queries.ts";
import { auditEntry } from "./schema.ts";

export function registerAudit(endpoints: Endpoints, pool: Pool): void {
  endpoints.read(
    {
      route: "GET /audit",
      access: AUDITING,
      tag: "Audit",
      summary: "List the audit log: changes and denials, newest first",
      query: z.strictObject({ actor: z.string().max(128).optional(), ...pageParameters }),
      response: z.array(auditEntry),
    },
    async ({ query, c }) => {
      const { actor, limit } = query;
      const rows = await listAudit(pool, { before: idAfter(query.cursor), actor, limit: limit + 1 });
      return list(pageById(rows, limit), c.req.url);
    },
  );
}
