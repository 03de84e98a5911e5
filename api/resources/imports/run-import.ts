import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";
import { inTransaction } from "../../../ingest/decisions/record-facts.ts";
import { type Principal, principalName } from "../../auth/principal.ts";
import type { AddAuditEntries } from "../../http/audit/queries.ts";
import { Problem, problemFrom } from "../../http/problem.ts";
import { rejectUnstorableText } from "../../http/validate.ts";
import { readCsv } from "../../tables/read-csv.ts";
import { readJsonArray, readJsonLines } from "../../tables/read-json.ts";
import type { ImportRow, ReadRow } from "../../tables/row.ts";
import type { Spool } from "../../tables/spool.ts";
import type { TextFormat } from "../../tables/text-format.ts";
import { batchesOf } from "./batches.ts";
import { DryRunRows } from "./dry-run-rows.ts";
import { type ImportContext, type ImportKind, problemsOf, type RowResult } from "./kinds/kind.ts";
import { type Done, type ImportProgress, recordProgress, type StoredError } from "./run-queries.ts";

export interface ImportRun {
  id: number;
  kind: ImportKind;
  principal: Principal;
  isDryRun: boolean;
  spool: Spool;
  format: TextFormat;
  /** of an import that goes on: what is written already */
  done: Done;
}

interface Stores {
  pool: Pool;
  addAuditEntries: AddAuditEntries;
}

/** Undoes the transaction of a dry run, with what would have been. */
class Undo extends Error {
  readonly results: RowResult[];

  constructor(results: RowResult[]) {
    super("dry run");
    this.results = results;
  }
}

/**
 * START HERE. Reads a file and writes its rows, batch by batch. Each batch is a transaction of its own, with the audit entries of its rows and the
 * progress of the import: whatever ends the process, what is told is what was written.
 * @throws Problem for a file that cannot be read, what aborted `signal`, or a fault of ours
 */
export async function runImport(stores: Stores, run: ImportRun, signal: AbortSignal): Promise<void> {
  const { id, kind, principal, isDryRun, format, done } = run;
  const seen = new DryRunRows();
  let readBytes = 0;
  const counts = { ...done.counts };
  let errorCount = done.errors;

  const rows = rowsOf(run, (bytes) => (readBytes += bytes));
  for await (const batch of batchesOf(withoutFirst(done.counts.rows, rows), kind)) {
    signal.throwIfAborted();
    await writeBatch(batch);
  }

  /** A batch with a row that Postgres refuses is written in halves, until that row is alone. */
  async function writeBatch(batch: readonly ReadRow[]): Promise<void> {
    try {
      const next = await patiently(() => transactionOf(batch), signal);
      Object.assign(counts, next.counts);
      errorCount += next.errors.length;
    } catch (error) {
      const problem = problemFrom(error);
      const [first] = batch;
      // What is refused of a row that is not to be written is no fault of the row.
      if (problem === undefined || problem.status >= 500 || (batch.length === 1 && "problems" in first!)) throw error;
      if (batch.length === 1) return writeBatch([{ line: first!.line, problems: problemsOf(problem) }]);
      const half = Math.ceil(batch.length / 2);
      await writeBatch(batch.slice(0, half));
      await writeBatch(batch.slice(half));
    }
  }

  async function transactionOf(batch: readonly ReadRow[]) {
    const rows = batch.filter((row): row is ImportRow => "fields" in row);
    const known = isDryRun ? rows.map((row) => seen.resultOf(kind, row)) : [];
    const fresh = rows.filter((_, at) => known[at] === undefined);
    const results = isDryRun ? await tried(fresh) : undefined;
    return inTransaction(stores.pool, async (client) => {
      const written = results ?? (fresh.length === 0 ? [] : await kind.apply(client, fresh, contextOf()));
      const outcomes = new Map<ReadRow, RowResult>();
      for (const [at, row] of fresh.entries()) outcomes.set(row, written[at]!);
      for (const [at, row] of rows.entries()) if (known[at]) outcomes.set(row, known[at]);
      const next = summaryOf(batch, outcomes, counts);
      if (isDryRun) for (const [at, row] of fresh.entries()) seen.remember(kind, row, written[at]!);
      const progress: ImportProgress = {
        ...next.counts,
        errors: next.errors,
        firstError: errorCount,
        readBytes,
        format,
      };
      await recordProgress(client, { id, attempt: done.attempt }, progress);
      return next;
    });
  }

  /** What these rows would do: they are written, and the transaction is undone. */
  async function tried(rows: readonly ImportRow[]): Promise<RowResult[]> {
    if (rows.length === 0) return [];
    try {
      return await inTransaction(stores.pool, async (client): Promise<RowResult[]> => {
        throw new Undo(await kind.apply(client, rows, contextOf()));
      });
    } catch (error) {
      if (error instanceof Undo) return error.results;
      throw error;
    }
  }

  function contextOf(): ImportContext {
    return {
      principal,
      importId: id,
      isDryRun,
      wouldExist: (name) => isDryRun && seen.has(name),
      async audit(client: PoolClient, changes) {
        if (isDryRun) return;
        await stores.addAuditEntries(
          client,
          changes.map(({ line, subject, ...change }) => ({
            actor: principalName(principal),
            action: `POST /imports/${kind.name}`,
            subject,
            outcome: "done",
            detail: { import: id, line, ...change },
          })),
        );
      },
    };
  }
}

/** How often a batch is tried while the database is away or too busy, and the pause before the next time, milliseconds. */
const MAX_ATTEMPTS = 30;
const PAUSE_MS = 2_000;

async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (problemFrom(error)?.status !== 503 || attempt === MAX_ATTEMPTS) throw error;
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }
}

type Counts = Pick<ImportProgress, "rows" | "created" | "updated" | "unchanged" | "refused">;

function summaryOf(batch: readonly ReadRow[], outcomes: ReadonlyMap<ReadRow, RowResult>, before: Counts) {
  const counts = { ...before, rows: before.rows + batch.length };
  const errors: StoredError[] = [];
  for (const row of batch) {
    const result = "fields" in row ? outcomes.get(row)! : row;
    if ("outcome" in result) counts[result.outcome] += 1;
    else {
      counts.refused += 1;
      errors.push(...result.problems.map((problem) => ({ line: row.line, ...problem })));
    }
  }
  return { counts, errors };
}

/** The rows of a file, without those that hold what Postgres cannot store. */
async function* rowsOf({ kind, spool, format }: ImportRun, onRead: (bytes: number) => void): AsyncGenerator<ReadRow> {
  const text = spool.text(onRead);
  const rows =
    format.type === "csv"
      ? readCsv(text, format, kind.columns)
      : format.type === "ndjson"
        ? readJsonLines(text)
        : await readJsonArray(text, spool.sizeBytes);
  for await (const row of rows) yield "fields" in row ? storable(row) : row;
}

/** The rows after those that are written. Batches are written in the order of the file. */
async function* withoutFirst(count: number, rows: AsyncIterable<ReadRow>): AsyncGenerator<ReadRow> {
  let at = 0;
  for await (const row of rows) {
    at += 1;
    if (at > count) yield row;
  }
}

function storable(row: ImportRow): ReadRow {
  try {
    rejectUnstorableText(row.fields);
    return row;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { line: row.line, problems: problemsOf(error) };
  }
}
