import { stringify } from "csv-stringify/sync";
import { guardFormula } from "./formula-guard.ts";

/** How a file of CSV is written, where it is not UTF-8 with commas. */
export interface CsvStyle {
  delimiter: "," | ";" | "\t";
  encoding: "utf8" | "utf16le";
}

const PLAIN: CsvStyle = { delimiter: ",", encoding: "utf8" };

/** Lines of CSV (RFC 4180). What a spreadsheet would run as a formula is marked as text; numbers stay numbers. */
export const csvLines = (
  records: readonly (readonly unknown[])[],
  { delimiter, encoding }: CsvStyle = PLAIN,
): Uint8Array =>
  Buffer.from(
    stringify(
      records.map((cells) => cells.map(guardedCell)),
      // Spaces at the ends of a cell are kept in quotes only.
      { delimiter, record_delimiter: "windows", quoted_match: /^\s|\s$/ },
    ),
    encoding,
  );

const guardedCell = (cell: unknown): string => {
  if (cell === null || cell === undefined) return "";
  if (cell instanceof Date) return cell.toISOString();
  return guardFormula(typeof cell === "string" ? cell : JSON.stringify(cell));
};
