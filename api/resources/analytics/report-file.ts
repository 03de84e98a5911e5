import type { Reader } from "../../auth/limits.ts";
import { Problem } from "../../http/problem.ts";
import { csvOfRows } from "../../tables/csv-answer.ts";
import type { Report } from "./report.ts";

/** Rows that are read together. */
const PAGE_SIZE = 1_000;
/** A file is made in memory. */
const MAX_ROWS = 100_000;

/** All rows of a report. @throws Problem 400 when there are too many for a file */
async function allRows(report: Report, db: Reader, query: Record<string, unknown>): Promise<object[]> {
  const rows: object[] = [];
  let cursor: string | undefined;
  do {
    const page = await report.page(db, query, cursor, PAGE_SIZE);
    rows.push(...page.rows);
    if (rows.length > MAX_ROWS)
      throw new Problem(
        400,
        `this report has more than ${MAX_ROWS} rows: ask for a shorter period or for fewer places`,
      );
    cursor = page.next;
  } while (cursor !== undefined);
  return rows;
}

/** A report as CSV (RFC 4180, with a header line). What a spreadsheet would run as a formula is marked as text. */
export async function csvOf(report: Report, db: Reader, query: Record<string, unknown>): Promise<Uint8Array> {
  return csvOfRows(Object.keys(report.row.shape), await allRows(report, db, query));
}

export async function jsonOf(report: Report, db: Reader, query: Record<string, unknown>): Promise<Uint8Array> {
  return Buffer.from(`${JSON.stringify(await allRows(report, db, query), null, 2)}\n`, "utf8");
}
