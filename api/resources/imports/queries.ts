import type { Reader } from "../../auth/limits.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import type { KindName } from "./kinds/kind.ts";
import { IS_SILENT, type StoredError } from "./run-queries.ts";
import { type ImportReport, type ImportSummary, MAX_ERRORS } from "./schema.ts";

const IMPORT = `SELECT id, kind, CASE WHEN state IN ('waiting', 'running') AND ${IS_SILENT} THEN 'interrupted' ELSE state END AS state,
    dry_run, file_name, format, size_bytes::float8 AS size_bytes, read_bytes::float8 AS read_bytes, rows, created, updated, unchanged, refused,
    problem, actor, created_at, ended_at
  FROM imports`;

/** @throws Problem 404 when there is none of these kinds */
export async function getImport(db: Reader, id: number, kinds: readonly KindName[]): Promise<ImportSummary> {
  const { rows } = await db.query<ImportSummary>(`${IMPORT} WHERE id = $1 AND kind = ANY($2)`, [id, kinds]);
  return found(rows[0], "import");
}

/** Newest first. */
export async function listImports(
  db: Reader,
  kinds: readonly KindName[],
  { before, limit }: { before: number | undefined; limit: number },
): Promise<ImportSummary[]> {
  const conditions = new Conditions().where("kind = ANY(?)", kinds).where("id < ?", before);
  const { rows } = await db.query<ImportSummary>(
    `${IMPORT} ${conditions.sql} ORDER BY id DESC LIMIT ${conditions.parameter(limit)}`,
    conditions.values,
  );
  return rows;
}

export async function listErrors(db: Reader, importId: number): Promise<StoredError[]> {
  const { rows } = await db.query<StoredError>(
    `SELECT line, field AS column, message FROM import_errors WHERE import_id = $1 ORDER BY place LIMIT ${MAX_ERRORS}`,
    [importId],
  );
  return rows;
}

/** An import with what is wrong with its rows. @throws Problem 404 when there is none of these kinds */
export async function getReport(db: Reader, id: number, kinds: readonly KindName[]): Promise<ImportReport> {
  return { ...(await getImport(db, id, kinds)), errors: await listErrors(db, id) };
}
