import type { PoolClient } from "pg";
import type { Reader } from "../../../auth/limits.ts";
import type { Principal } from "../../../auth/principal.ts";
import type { AuditedChange } from "../../../http/audit/changes.ts";
import { Problem } from "../../../http/problem.ts";
import type { Columns } from "../../../tables/columns.ts";
import type { ImportRow, RowProblem } from "../../../tables/row.ts";

export const KIND_NAMES = ["items", "locations", "parties", "devices", "orders", "stock"] as const;
export type KindName = (typeof KIND_NAMES)[number];

export type Outcome = "created" | "updated" | "unchanged";
export type RowResult = { outcome: Outcome } | { problems: readonly RowProblem[] };

/** A change of a row, for the audit. */
export interface ImportedChange extends AuditedChange {
  line: number;
  /** path of the resource */
  subject: string;
}

export interface ImportContext {
  principal: Principal;
  importId: number;
  /** what is written will be undone: what need not be written to know the outcome is not */
  isDryRun: boolean;
  /** whether an earlier row of this dry run would have made what has this name */
  wouldExist(name: string): boolean;
  audit(client: PoolClient, changes: readonly ImportedChange[]): Promise<void>;
}

/** What can be imported and exported as a table. */
export interface ImportKind {
  name: KindName;
  /** what a row of the file is matched with what is there by, in words */
  key: string;
  columns: Columns;
  /** the key of a row first, then what else no two rows may share or another may refer to; or what is missing of the key */
  namesOf(fields: Readonly<Record<string, unknown>>): string[] | RowProblem;
  /** names of rows further up that this one refers to */
  refersTo?(fields: Readonly<Record<string, unknown>>): string[];
  /** Writes rows, no two of which share a name, by the rules of the API. A row with problems changes nothing. */
  apply(client: PoolClient, rows: readonly ImportRow[], context: ImportContext): Promise<RowResult[]>;
  /** the rows of an export, by key. @param filters those of the list */
  page(
    db: Reader,
    after: number | string | undefined,
    limit: number,
    filters?: Readonly<Record<string, unknown>>,
  ): Promise<ExportPage>;
}

export interface ExportPage {
  rows: Record<string, unknown>[];
  /** undefined: this was the last page */
  next: number | string | undefined;
}

/** The first step of a pointer is a column; the fields of a mount are columns, too. */
function columnOf(pointer: string): string | null {
  const [, first, second] = pointer.split("/");
  const column = first === "mount" ? (second ?? first) : first;
  return column?.replaceAll("~1", "/").replaceAll("~0", "~") ?? null;
}

/** What a problem says of a row. */
export function problemsOf(problem: Problem): RowProblem[] {
  if (problem.errors.length === 0) return [{ column: null, message: problem.message }];
  return problem.errors.map(({ pointer, message }) => ({
    column: columnOf(pointer),
    message: message.endsWith("received undefined") ? "a value is needed" : message,
  }));
}

/** The opposite, for rows that are written one by one. */
export const asProblem = (problems: readonly RowProblem[]): Problem =>
  new Problem(400, problems[0]!.message, {
    errors: problems.map(({ column, message }) => ({ pointer: column === null ? "" : `/${column}`, message })),
  });

export const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";

/** A page of rows that were queried with `limit + 1`, by id. */
export function exportPage<R extends { id: number | string }>(
  rows: readonly R[],
  limit: number,
  write: (row: R) => Record<string, unknown>,
): ExportPage {
  const page = rows.slice(0, limit);
  return { rows: page.map(write), next: rows.length > limit ? page.at(-1)!.id : undefined };
}
