import type { PoolClient } from "pg";
import { problemFrom } from "../../../http/problem.ts";
import type { ImportRow } from "../../../tables/row.ts";
import { type Outcome, problemsOf, type RowResult } from "./kind.ts";

/** Writes rows one after the other: what one has begun is undone where it has a problem, and the next one is written. */
export async function eachRow(
  client: PoolClient,
  rows: readonly ImportRow[],
  write: (row: ImportRow, index: number) => Promise<Outcome>,
): Promise<RowResult[]> {
  const results: RowResult[] = [];
  for (const [index, row] of rows.entries()) {
    await client.query("SAVEPOINT import_row");
    try {
      results.push({ outcome: await write(row, index) });
    } catch (error) {
      const problem = problemFrom(error);
      // Of a fault that passes, or is ours, nothing is said of the row: the whole batch is tried again, or fails.
      if (problem === undefined || problem.status >= 500) throw error;
      await client.query("ROLLBACK TO SAVEPOINT import_row");
      results.push({ problems: problemsOf(problem) });
    }
    await client.query("RELEASE SAVEPOINT import_row");
  }
  return results;
}
