import type { z } from "zod";
import type { Reader } from "../../auth/limits.ts";
import type { Access } from "../../auth/roles.ts";
import { type Columns, writeCell } from "../../tables/columns.ts";
import { csvLines, type CsvStyle } from "../../tables/csv-text.ts";

/** Rows that are read, and written, together. */
const PAGE_SIZE = 1_000;

/** What is read with. */
export interface Source {
  /** shows what the principal may see, and nothing else */
  db: Reader;
  /** whether that is less than everything */
  isLimited: boolean;
}

/** A list as a file: who may have it, by which filters, and its rows page by page. */
export interface ExportKind {
  name: string;
  /** of the list that it is */
  access: Access;
  tag: string;
  summary: string;
  /** the filters of the list */
  filters: z.ZodObject;
  columns: Columns;
  /** @param after what the page before has returned as `next`; undefined: the first page */
  page(source: Source, filters: never, after: unknown, limit: number): Promise<ExportRows>;
}

interface ExportRows {
  rows: readonly Readonly<Record<string, unknown>>[];
  /** undefined: this was the last page */
  next: unknown;
}

/** What a list asks for beside its filters. */
export const PAGING = { limit: true, cursor: true } as const;

/** Every field of a resource is a column; one that holds more than one value is JSON. */
export const columnsOf = (resource: z.ZodObject): Columns =>
  Object.fromEntries(Object.keys(resource.shape).map((name) => [name, "text" as const]));

/** A page of rows that were queried with `limit + 1`. */
export function pageOfRows<R extends object>(
  rows: readonly R[],
  limit: number,
  keyOf: (last: R) => unknown,
): ExportRows {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page as readonly Readonly<Record<string, unknown>>[],
    next: rows.length > limit && last !== undefined ? keyOf(last) : undefined,
  };
}

/** All rows as CSV, page by page: as much of it is in memory as one page, however many rows there are. */
export async function* exportCsv(
  kind: ExportKind,
  source: Source,
  filters: unknown,
  style: CsvStyle & { byteOrderMark: boolean },
): AsyncGenerator<Uint8Array> {
  const types = Object.entries(kind.columns);
  if (style.byteOrderMark) yield Buffer.from("\uFEFF", style.encoding);
  yield csvLines([Object.keys(kind.columns)], style);
  let after: unknown;
  do {
    const { rows, next } = await kind.page(source, filters as never, after, PAGE_SIZE);
    if (rows.length > 0) {
      yield csvLines(
        rows.map((row) => types.map(([name, type]) => writeCell(type, row[name]))),
        style,
      );
    }
    after = next;
  } while (after !== undefined);
}
