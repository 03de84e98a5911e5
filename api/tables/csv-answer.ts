import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { accepts } from "hono/accepts";
import type { ApiResponse } from "../http/response.ts";
import { csvLines } from "./csv-text.ts";

const JSON_TYPE = "application/json";
/** Media type of a list that is asked for as a file. */
export const CSV = "text/csv";

/** Query parameter of a list that is a file, too. */
export const format = z
  .enum(["json", "csv"])
  .optional()
  .describe("`csv`: all rows as a file, whatever `limit`; also by `Accept: text/csv`");

/** Whether a list is asked for as a file: by `format`, else by the header `Accept`. */
export function wantsCsv(c: Context, asked: z.output<typeof format>): boolean {
  if (asked !== undefined) return asked === "csv";
  return accepts(c, { header: "Accept", supports: [JSON_TYPE, CSV], default: JSON_TYPE }) === CSV;
}

/** A list of which a file may be had instead. */
export const asList = (response: ApiResponse): ApiResponse => ({
  ...response,
  headers: { ...response.headers, Vary: "Accept" },
});

/** A file for people to save. @param name without its ending */
export const csvFile = (name: string, bytes: Uint8Array): ApiResponse => ({
  status: 200,
  bytes,
  headers: {
    "Content-Type": `${CSV}; charset=utf-8`,
    "Content-Disposition": `attachment; filename="${name}.csv"`,
    Vary: "Accept",
  },
});

/** Rows with a header line. What a spreadsheet would run as a formula is marked as text. */
export const csvOfRows = (columns: readonly string[], rows: readonly object[]): Uint8Array =>
  csvLines([columns, ...rows.map((row) => columns.map((column) => (row as Record<string, unknown>)[column]))]);
