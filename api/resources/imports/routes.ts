import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Pool } from "pg";
import type { Principal } from "../../auth/principal.ts";
import { MANAGEMENT } from "../../auth/roles.ts";
import type { ApiEnv } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { Problem } from "../../http/problem.ts";
import { list } from "../../http/response.ts";
import { csvLines } from "../../tables/csv-text.ts";
import { bodyChunks } from "../../http/body.ts";
import { readJsonArray } from "../../tables/read-json.ts";
import { spoolBody, type Spool } from "../../tables/spool.ts";
import { recogniseCsv, type TextFormat } from "../../tables/text-format.ts";
import { importersOf, kindsFor } from "./importers.ts";
import { KINDS } from "./kinds/index.ts";
import type { ImportKind, KindName } from "./kinds/kind.ts";
import { getImport, listErrors, listImports } from "./queries.ts";
import type { ImportRunner } from "./runner.ts";
import { importQuery, importReport, importRows, type ImportSummary, importSummary } from "./schema.ts";

const tag = "Imports";
const CSV = "text/csv; charset=utf-8";
const CSV_TYPE = "text/csv";
const LINES_TYPE = "application/x-ndjson";
/** A file up to this size is answered when it has been read; a larger one at once, with where to follow it. */
const SMALL_BYTES = 256 * 1024;

/** Tables of master data, devices, orders and stock. They come out again by `../exports/`. */
export function registerImports(endpoints: Endpoints, pool: Pool, runner: ImportRunner): void {
  for (const kind of Object.values(KINDS)) registerKind(endpoints, pool, runner, kind);
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
      body: await reportOf(db, params.id, kindsFor(principal.role)),
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
      const spool = await received(c);
      const isTaken = await runner.resume({ id: params.id, kind: KINDS[kind], principal, spool });
      const report = await reportOf(pool, params.id, [kind]);
      if (!isTaken) throw notContinued(report);
      return c.json(report, 202, { "Cache-Control": "private, no-cache" });
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

function registerKind(endpoints: Endpoints, pool: Pool, runner: ImportRunner, kind: ImportKind): void {
  const { name, key, columns } = kind;
  endpoints.custom(
    {
      route: `POST /imports/${name}`,
      access: importersOf(name),
      tag,
      summary:
        `Import ${name} from CSV or JSON: a row is matched by ${key}; what is new is added, what differs is changed. ` +
        `A row with errors changes nothing, the others are imported. An empty cell leaves its field as it is; \`\\N\`, or null in JSON, takes its value away. Columns: ${Object.keys(columns).join(", ")}`,
      query: importQuery,
      body: importRows,
      streamedBody: [CSV_TYPE, LINES_TYPE],
      response: importReport,
      accepted: "a large file: it is read in the background",
      acceptedResponse: importReport,
    },
    async ({ query, principal, c }) => {
      const { dry_run: isDryRun = false, file_name: fileName } = query;
      const { id, end } = await begin(runner, kind, { principal, isDryRun, fileName }, c);
      await end;
      const location = end === undefined ? { Location: `/imports/${id}` } : {};
      return c.json(await reportOf(pool, id, [name]), end === undefined ? 202 : 200, {
        ...location,
        "Cache-Control": "private, no-cache",
      });
    },
  );
}

const fileHeaders = (name: string): Record<string, string> => ({
  "Content-Type": CSV,
  "Content-Disposition": `attachment; filename="${name}"`,
  "Cache-Control": "private, no-store",
});

async function begin(
  runner: ImportRunner,
  kind: ImportKind,
  run: { principal: Principal; isDryRun: boolean; fileName: string | undefined },
  c: Context<ApiEnv>,
): Promise<{ id: number; end: Promise<void> | undefined }> {
  const type = typeOf(c.req.header("Content-Type"));
  const spool = await received(c);
  const format = await formatOf(type, spool, kind);
  return runner.start({ ...run, kind, spool, format }, spool.sizeBytes <= SMALL_BYTES);
}

/** @throws Problem 415 */
function typeOf(contentType: string | undefined): TextFormat["type"] {
  const type = contentType?.split(";")[0]!.trim().toLowerCase();
  // Browsers on Windows call CSV what opens it.
  if (type?.startsWith("text/") || type === "application/csv" || type === "application/vnd.ms-excel") return "csv";
  if (type === LINES_TYPE || type === "application/jsonl") return "ndjson";
  if (type === "application/json") return "json";
  throw new Problem(
    415,
    `the body is ${type ?? "of no type"}; ${CSV_TYPE}, application/json or ${LINES_TYPE} is expected`,
  );
}

/** @throws Problem 400 for a first line that does not name columns of this kind, and 400 or 413 for no JSON array; the file is closed then */
async function formatOf(type: TextFormat["type"], spool: Spool, kind: ImportKind): Promise<TextFormat> {
  const { encoding, byte_order_mark, start } = spool;
  try {
    if (type === "json")
      await readJsonArray(
        spool.text(() => undefined),
        spool.sizeBytes,
      );
    return { type, encoding, byte_order_mark, ...(type === "csv" && recogniseCsv(start, kind.columns)) };
  } catch (error) {
    await spool.close();
    throw error;
  }
}

async function reportOf(db: Parameters<typeof getImport>[0], id: number, kinds: readonly KindName[]) {
  return { ...(await getImport(db, id, kinds)), errors: await listErrors(db, id) };
}

/** The sender manages this installation: a file of 256 MiB takes longer than other requests may. */
function received(c: Context<ApiEnv>): Promise<Spool> {
  c.env?.takeUpload?.();
  return spoolBody(bodyChunks(c), c.req.header("Content-Length"));
}

function notContinued({ state, dry_run: isDryRun }: ImportSummary): Problem {
  if (isDryRun) return new Problem(409, "a dry run has written nothing that it could go on after: send the file again");
  if (state !== "interrupted") return new Problem(409, `the import is ${state}: one that was interrupted can go on`);
  return new Problem(409, "this is not the file of the import: its bytes differ");
}
