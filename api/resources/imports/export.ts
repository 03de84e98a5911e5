import type { Reader } from "../../auth/limits.ts";
import { writeCell } from "../../tables/columns.ts";
import { csvLines } from "../../tables/csv-text.ts";
import type { ImportKind } from "./kinds/kind.ts";

/** Rows that are read, and written, together. */
const PAGE_SIZE = 1_000;

/** All rows of a kind as CSV (RFC 4180), page by page; imported again, it changes nothing. */
export async function* exportCsv(db: Reader, kind: ImportKind): AsyncGenerator<Uint8Array> {
  const types = Object.entries(kind.columns);
  yield csvLines([Object.keys(kind.columns)]);
  let after: number | string | undefined;
  do {
    const { rows, next } = await kind.page(db, after, PAGE_SIZE);
    if (rows.length > 0) yield csvLines(rows.map((row) => types.map(([name, type]) => writeCell(type, row[name]))));
    after = next;
  } while (after !== undefined);
}
