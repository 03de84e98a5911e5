import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { MANAGEMENT } from "../../auth/roles.ts";
import type { ApiEnv } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { list } from "../../http/response.ts";
import { csvLines } from "../../tables/csv-text.ts";
import { kindsFor } from "./importers.ts";
import { CSV_TYPE, LINES_TYPE, registerKinds } from "./kind-routes.ts";
import { KINDS } from "./kinds/index.ts";
import { getImport, getReport, listErrors, listImports } from "./queries.ts";
import type { ImportRunner } from "./runner.ts";
import { type ImportReport, importReport, importRows, importSummary } from "./schema.ts";
import { takeFile } from "./take-file.ts";

const tag = "Imports";
const CSV = "text/csv; charset=utf-8";

/** Tables of master data, devices, orders and stock. They come out again by `../exports/`. */
export function registerImports(
  endpoints: Endpoints,
  app: OpenAPIHono<ApiEnv>,
  { pool, imports: runner }: { pool: Pool; imports: ImportRunner },
): void {
  registerKinds(endpoints, app, { pool, runner });
  endpoints.read(
    {
      route: "GET /imports",
      access: MANAGEMENT,
      tag,
      summary: "List imports, newest first; they are kept for 30 days. Managers see those of devices",
      query: z.strictObject(pageParameters),
      response: z.array(importSummary),
    },
    async ({ query: { cursor, limit }, principal, c, db }) => {
      const rows = await listImports(db, kindsFor(principal.role), { before: idAfter(cursor), limit: limit + 1 });
      return list(pageById(rows, limit), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /imports/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Get one import: how far it has come, and what is wrong with which rows",
      params: idParams,
      response: importReport,
    },
    async ({ params, principal, db }) => ({
      status: 200,
      body: await getReport(db, params.id, kindsFor(principal.role)),
    }),
  );
  endpoints.custom(
    {
      route: "POST /imports/{id}/resume",
      access: MANAGEMENT,
      tag,
      summary:
        "Go on with an import that was interrupted, by sending the same file again: it begins after the last row that was written",
      params: idParams,
      body: importRows,
      streamedBody: [CSV_TYPE, LINES_TYPE],
      status: 202,
      response: importReport,
    },
    async ({ params, principal, c }) => {
      const { kind } = await getImport(pool, params.id, kindsFor(principal.role));
      const { response } = await takeFile({ pool, principal, c }, (spool, once) =>
        runner.resume({ id: params.id, kind: KINDS[kind], principal, spool }, once),
      );
      const headers = { ...response.headers, "Cache-Control": "private, no-cache" };
      return c.json(response.body as ImportReport, 202, headers);
    },
  );
  endpoints.custom(
    {
      route: "GET /imports/{id}/errors.csv",
      access: MANAGEMENT,
      tag,
      summary: "Export what is wrong with the rows of an import",
      params: idParams,
      response: z.string(),
      responseType: CSV_TYPE,
    },
    async ({ params, principal, c }) => {
      await getImport(pool, params.id, kindsFor(principal.role));
      const errors = await listErrors(pool, params.id);
      const lines = csvLines([
        ["line", "column", "message"],
        ...errors.map(({ line, column, message }) => [line, column, message]),
      ]);
      return c.body(Buffer.from(lines).toString("utf8"), 200, fileHeaders(`import-${params.id}-errors.csv`));
    },
  );
}

const fileHeaders = (name: string): Record<string, string> => ({
  "Content-Type": CSV,
  "Content-Disposition": `attachment; filename="${name}"`,
  "Cache-Control": "private, no-store",
});
