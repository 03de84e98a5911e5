/** What is wrong with a row; `column` null: not with one of its cells. */
export interface RowProblem {
  column: string | null;
  message: string;
}

/** A row of a file, with what its cells say. */
export interface ImportRow {
  /** of the file, from 1, the line of its column names included; of a JSON array, the place in it, from 1 */
  line: number;
  fields: Record<string, unknown>;
}

/** A row that was read, or what prevented that. */
export type ReadRow = ImportRow | { line: number; problems: readonly RowProblem[] };
