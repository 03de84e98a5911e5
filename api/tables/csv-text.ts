import { stringify } from "csv-stringify/sync";
import { guardFormula } from "./formula-guard.ts";

/** Lines of CSV (RFC 4180). What a spreadsheet would run as a formula is marked as text; numbers stay numbers. */
export const csvLines = (records: readonly (readonly unknown[])[]): Uint8Array =>
  Buffer.from(
    stringify(
      records.map((cells) => cells.map(guardedCell)),
      // Spaces at the ends of a cell are kept in quotes only.
      { record_delimiter: "windows", quoted_match: /^\s|\s$/ },
    ),
    "utf8",
  );

const guardedCell = (cell: unknown): string => {
  if (cell === null || cell === undefined) return "";
  if (cell instanceof Date) return cell.toISOString();
  return guardFormula(typeof cell === "string" ? cell : JSON.stringify(cell));
};
