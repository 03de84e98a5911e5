import { Readable } from "node:stream";
import { type CsvError, type Info, parse } from "csv-parse";
import { Problem } from "../http/problem.ts";
import { CellProblem, type Columns, hasDecimalComma, readCell } from "./columns.ts";
import { CLEARED, unguardFormula } from "./formula-guard.ts";
import type { ReadRow, RowProblem } from "./row.ts";
import { DELIMITERS, type TextFormat } from "./text-format.ts";

/** A line that is longer is no line of a table: a quote was not closed. */
const MAX_RECORD_CHARACTERS = 256 * 1024;

/**
 * Reads the rows of CSV (RFC 4180) as they come. A line that cannot be read is a row with problems; the next ones are read.
 * @param format learns of a decimal comma
 */
export async function* readCsv(
  text: AsyncIterable<string> | readonly string[],
  format: TextFormat,
  columns: Columns,
): AsyncGenerator<ReadRow> {
  const names = format.columns!;
  const allowsComma = format.delimiter === "semicolon";
  let unreadable: ReadRow | undefined;
  let lastLine = 0;
  const parser = parse({
    delimiter: DELIMITERS[format.delimiter!],
    info: true,
    relax_column_count: true,
    // A quote within a cell that does not begin with one is a quote.
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_RECORD_CHARACTERS,
  });
  parser.on("skip", (error: CsvError) => {
    const message = "a quote is opened on this line, or on one of the next, and not closed";
    // The parser does not find a next line from here.
    if (error.code === "CSV_MAX_RECORD_SIZE") {
      parser.destroy(new Problem(400, `line ${lastLine + 1}: ${message}; what follows was not read`));
    } else {
      const isOpen = error.code === "CSV_QUOTE_NOT_CLOSED";
      const problem = isOpen ? message : `this line cannot be read: ${error.message}`;
      unreadable = { line: lastLine + 1, problems: [{ column: null, message: problem }] };
    }
  });
  // What ends the text, e.g. a disk that fails, ends the parser with the same error.
  const source = Readable.from(text).on("error", (error) => parser.destroy(error));
  let isHeader = true;
  for await (const each of source.pipe(parser) as AsyncIterable<{ record: string[]; info: Info }>) {
    if (!isHeader) yield rowOf(each);
    isHeader = false;
    lastLine = each.info.lines;
  }
  // The only line that cannot be read is the last one: it ends with the file.
  if (unreadable) yield unreadable;

  function rowOf({ record, info }: { record: string[]; info: Info }): ReadRow {
    const line = firstLineOf(record, info);
    if (record.length !== names.length) {
      const message = `this line has ${record.length} cells, the first line names ${names.length} columns`;
      return { line, problems: [{ column: null, message }] };
    }
    const fields: Record<string, unknown> = {};
    const problems: RowProblem[] = [];
    for (const [at, column] of names.entries()) {
      const cell = unquoted(record[at]!);
      if (cell.trim() === "") continue;
      if (cell.trim() === CLEARED) {
        fields[column] = null;
        continue;
      }
      try {
        fields[column] = valueOf(column, unguardFormula(cell));
      } catch (error) {
        if (!(error instanceof CellProblem)) throw error;
        problems.push({ column, message: error.message });
      }
    }
    return problems.length > 0 ? { line, problems } : { line, fields };
  }

  function valueOf(column: string, text: string): unknown {
    const type = columns[column]!;
    const isNumber = type === "number" || type === "integer";
    if (isNumber && allowsComma && hasDecimalComma(text)) format.decimal_comma = true;
    return readCell(type, text, allowsComma);
  }
}

/** `info.lines` is the line that a record ends on: one with line breaks in its cells has begun further up. */
const firstLineOf = (record: readonly string[], info: Info): number =>
  info.lines - record.reduce((sum, cell) => sum + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);

/** A cell in quotes may have spaces around them. */
function unquoted(cell: string): string {
  const text = cell.trim();
  return text !== cell && /^"[^]*"$/.test(text) ? text.slice(1, -1).replaceAll('""', '"') : cell;
}
