import type { Reader } from "../../auth/limits.ts";
import type { TextFormat } from "../../tables/text-format.ts";
import { MAX_ERRORS } from "./schema.ts";

/** The process of an import writes that it is alive this often, milliseconds. */
export const ALIVE_EVERY_MS = 3_000;
/** One that has said nothing for so long is not there any more. */
export const IS_SILENT = "alive_at < now() - interval '20 seconds'";

export interface StoredError {
  line: number;
  column: string | null;
  message: string;
}

export interface NewImport {
  kind: string;
  isDryRun: boolean;
  fileName: string | undefined;
  format: TextFormat;
  sizeBytes: number;
  sha256: Buffer;
  actor: string;
}

export async function addImport(db: Reader, added: NewImport): Promise<number> {
  const { rows } = await db.query<{ id: number }>(
    `INSERT INTO imports (kind, state, dry_run, file_name, format, size_bytes, sha256, actor) VALUES ($1, 'waiting', $2, $3, $4, $5, $6, $7) RETURNING id`,
    [
      added.kind,
      added.isDryRun,
      added.fileName ?? null,
      JSON.stringify(added.format),
      added.sizeBytes,
      added.sha256,
      added.actor,
    ],
  );
  return rows[0]!.id;
}

/** What an import has done so far: it goes on after that. */
export interface Done {
  attempt: number;
  counts: Pick<ImportProgress, "rows" | "created" | "updated" | "unchanged" | "refused">;
  /** that are kept */
  errors: number;
}

export const NOTHING_DONE: Done = {
  attempt: 1,
  counts: { rows: 0, created: 0, updated: 0, unchanged: 0, refused: 0 },
  errors: 0,
};

/** Takes an import that was interrupted over, for the file with this hash. @returns undefined: it is not to be continued with it */
export async function claimInterrupted(
  db: Reader,
  id: number,
  sha256: Buffer,
): Promise<(Done & { format: TextFormat }) | undefined> {
  const { rows } = await db.query<Done["counts"] & Pick<Done, "attempt" | "errors"> & { format: TextFormat }>(
    `UPDATE imports i SET state = 'waiting', problem = NULL, ended_at = NULL, alive_at = now(), attempt = attempt + 1
    WHERE id = $1 AND NOT dry_run AND sha256 = $2
      AND (state = 'interrupted' OR state IN ('waiting', 'running') AND ${IS_SILENT})
    RETURNING attempt, format, rows, created, updated, unchanged, refused,
      (SELECT count(*)::int FROM import_errors e WHERE e.import_id = i.id) AS errors`,
    [id, sha256],
  );
  if (rows[0] === undefined) return undefined;
  const { attempt, format, errors, ...counts } = rows[0];
  return { attempt, format, errors, counts };
}

export interface ImportProgress {
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  refused: number;
  readBytes: number;
  format: TextFormat;
  /** those that were found since the progress before, and the place of the first */
  errors: readonly StoredError[];
  firstError: number;
}

/** A message may quote what is in the file. Postgres stores no U+0000. */
const storable = (message: string, length: number): string => message.slice(0, length).replaceAll("\0", "\uFFFD");

/** Another process goes on with an import that this one has been away from for long. */
export class TakenOver extends Error {
  constructor(id: number) {
    super(`import ${id} was continued by another process`);
  }
}

/** How far an import has come. Within the transaction that writes its rows, so that the counts are those of what is written. @throws TakenOver */
export async function recordProgress(
  db: Reader,
  { id, attempt }: { id: number; attempt: number },
  progress: ImportProgress,
): Promise<void> {
  const { rows, created, updated, unchanged, refused, readBytes, format, errors, firstError } = progress;
  const { rowCount } = await db.query(
    `UPDATE imports SET state = 'running', rows = $2, created = $3, updated = $4, unchanged = $5, refused = $6, read_bytes = $7, format = $8, alive_at = now()
    WHERE id = $1 AND attempt = $9`,
    [id, rows, created, updated, unchanged, refused, readBytes, JSON.stringify(format), attempt],
  );
  if (rowCount === 0) throw new TakenOver(id);
  if (errors.length === 0) return;
  await db.query(
    `INSERT INTO import_errors (import_id, place, line, field, message)
    SELECT $1, $2 + e.place, e.line, e.field, e.message
      FROM unnest($3::int[], $4::text[], $5::text[]) WITH ORDINALITY AS e (line, field, message, place) WHERE $2 + e.place <= ${MAX_ERRORS}`,
    [
      id,
      firstError,
      errors.map(({ line }) => line),
      errors.map(({ column }) => column),
      errors.map(({ message }) => storable(message, 500)),
    ],
  );
}

export async function endImport(
  db: Reader,
  { id, attempt }: { id: number; attempt: number },
  state: "done" | "failed" | "interrupted",
  problem: string | null,
): Promise<void> {
  await db.query(
    "UPDATE imports SET state = $2, problem = $3, alive_at = now(), ended_at = now() WHERE id = $1 AND attempt = $4",
    [id, state, problem === null ? null : storable(problem, 2_000), attempt],
  );
}

export async function markAlive(db: Reader, ids: readonly number[]): Promise<void> {
  await db.query("UPDATE imports SET alive_at = now() WHERE id = ANY($1::int[]) AND ended_at IS NULL", [ids]);
}
