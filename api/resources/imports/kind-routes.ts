import { setTimeout as sleep } from "node:timers/promises";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Pool } from "pg";
import type { ApiEnv } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { Problem } from "../../http/problem.ts";
import type { ApiResponse } from "../../http/response.ts";
import { readJsonArray } from "../../tables/read-json.ts";
import type { Spool } from "../../tables/spool.ts";
import { recogniseCsv, type TextFormat } from "../../tables/text-format.ts";
import { importersOf } from "./importers.ts";
import { KINDS } from "./kinds/index.ts";
import { type ImportKind, KIND_NAMES, type KindName } from "./kinds/kind.ts";
import { getReport } from "./queries.ts";
import type { ImportRunner } from "./runner.ts";
import { importQuery, type ImportReport, importReport, importRows } from "./schema.ts";
import { mediaTypeOf, takeFile } from "./take-file.ts";

export const CSV_TYPE = "text/csv";
export const LINES_TYPE = "application/x-ndjson";
/** A file up to this size is answered when it has been read; a larger one at once, with where to follow it. */
const SMALL_BYTES = 256 * 1024;
/** A repeat waits at most so long for a small file that the first request has sent; then it is told where to follow it. */
const MAX_WAIT_MS = 5_000;
const LOOK_EVERY_MS = 100;

/** One route for each kind of table. */
export function registerKinds(
  endpoints: Endpoints,
  app: OpenAPIHono<ApiEnv>,
  { pool, runner }: { pool: Pool; runner: ImportRunner },
): void {
  for (const kind of Object.values(KINDS)) registerKind(endpoints, pool, runner, kind);
  // Else its path would be that of an import, which takes no POST.
  app.all("/imports/:kind", async (c, next) => {
    if (c.req.method !== "POST" || /^\d+$/.test(c.req.param("kind"))) return next();
    throw new Problem(404, `there is no such kind of import; kinds: ${KIND_NAMES.join(", ")}`);
  });
}

function registerKind(endpoints: Endpoints, pool: Pool, runner: ImportRunner, kind: ImportKind): void {
  const { name, key, columns } = kind;
  endpoints.custom(
    {
      route: `POST /imports/${name}`,
      access: importersOf(name),
      tag: "Imports",
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
    async ({ query: { dry_run: isDryRun = false, file_name: fileName }, principal, c }) => {
      const type = typeOf(mediaTypeOf(c));
      const { response, end } = await takeFile({ pool, principal, c }, async (spool, once) => {
        const format = await formatOf(type, spool, kind);
        const run = { kind, principal, isDryRun, fileName, spool, format };
        return runner.start(run, spool.sizeBytes <= SMALL_BYTES, once);
      });
      const { status, body, headers } = response.status === 200 ? await endOf(pool, name, response, end) : response;
      return c.json(body as ImportReport, status as 200, { ...headers, "Cache-Control": "private, no-cache" });
    },
  );
}

/** What is answered about a small file: how its import has ended, or where to follow one that goes on. */
async function endOf(
  pool: Pool,
  kind: KindName,
  { body: begun, headers = {} }: ApiResponse,
  end: Promise<void> | undefined,
): Promise<ApiResponse> {
  const { id } = begun as ImportReport;
  await end;
  for (const giveUpAt = performance.now() + MAX_WAIT_MS; ; await sleep(LOOK_EVERY_MS)) {
    const body = await getReport(pool, id, [kind]);
    if (body.state !== "waiting" && body.state !== "running") return { status: 200, body, headers };
    if (performance.now() > giveUpAt) return { status: 202, body, headers: { ...headers, Location: `/imports/${id}` } };
  }
}

/** @throws Problem 415 */
function typeOf(type: string | undefined): TextFormat["type"] {
  // Browsers on Windows call CSV what opens it.
  if (type?.startsWith("text/") || type === "application/csv" || type === "application/vnd.ms-excel") return "csv";
  if (type === LINES_TYPE || type === "application/jsonl") return "ndjson";
  if (type === "application/json") return "json";
  throw new Problem(
    415,
    `the body is ${type ?? "of no type"}; ${CSV_TYPE}, application/json or ${LINES_TYPE} is expected`,
  );
}

/** @throws Problem 400 for a first line that does not name columns of this kind, and 400 or 413 for no JSON array */
async function formatOf(type: TextFormat["type"], spool: Spool, kind: ImportKind): Promise<TextFormat> {
  const { encoding, byte_order_mark, start } = spool;
  if (type === "json")
    await readJsonArray(
      spool.text(() => undefined),
      spool.sizeBytes,
    );
  return { type, encoding, byte_order_mark, ...(type === "csv" && recogniseCsv(start, kind.columns)) };
}
