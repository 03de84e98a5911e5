import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { AUDITING } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { list } from "../../http/response.ts";
import { checkAuditChain } from "./check-chain.ts";
import { auditCsv } from "./csv.ts";
import { type AuditFilter, listAudit } from "./queries.ts";
import { auditCheck, auditEntry, auditFilter } from "./schema.ts";

const tag = "Audit";
const CSV = "text/csv; charset=utf-8";

const csvQuery = z.strictObject(auditFilter);
const checkQuery = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,15}$/, "expected digits")
    .transform(Number)
    .optional()
    .openapi({ type: "integer", description: "`checked_to` of the answer before" }),
});

export function registerAudit(endpoints: Endpoints, pool: Pool): void {
  endpoints.read(
    {
      route: "GET /audit",
      access: AUDITING,
      tag,
      summary: "List the audit: changes with what they changed, and what was refused; newest first",
      query: z.strictObject({ ...auditFilter, ...pageParameters }),
      response: z.array(auditEntry),
    },
    async ({ query, c }) => {
      const { limit, cursor } = query;
      const rows = await listAudit(pool, filterOf(query, idAfter(cursor)), limit + 1);
      return list(pageById(rows, limit), c.req.url);
    },
  );
  endpoints.custom(
    {
      route: "GET /audit.csv",
      access: AUDITING,
      tag,
      summary: "Export the audit as CSV, newest first",
      query: csvQuery,
      response: z.string(),
      responseType: "text/csv",
    },
    async ({ query, c }) =>
      c.body(ReadableStream.from(auditCsv(pool, filterOf(query, undefined))) as globalThis.ReadableStream, 200, {
        "Content-Type": CSV,
        "Content-Disposition": 'attachment; filename="audit.csv"',
        "Cache-Control": "private, no-store",
      }),
  );
  endpoints.read(
    {
      route: "GET /audit/check",
      access: AUDITING,
      tag,
      summary: "Compare the audit with the chain of its hashes: was an entry changed, removed or put in later?",
      query: checkQuery,
      response: auditCheck,
    },
    async ({ query }) => ({ status: 200, body: await checkAuditChain(pool, query.after) }),
  );
}

export const filterOf = (query: z.output<typeof csvQuery>, before: number | undefined): AuditFilter => ({
  before,
  actor: query.actor,
  action: query.action,
  subject: query.subject,
  outcome: query.outcome,
  from: query.from,
  to: query.to,
});
