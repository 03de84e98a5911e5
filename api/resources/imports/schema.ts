import { z } from "@hono/zod-openapi";
import { id, nullableTimestamp, queryFlag, shortText, timestamp } from "../../http/fields.ts";
import { KIND_NAMES } from "./kinds/kind.ts";

export const IMPORT_STATES = ["waiting", "running", "done", "failed", "interrupted"] as const;
/** Errors of one import that are kept. */
export const MAX_ERRORS = 1_000;

export const importQuery = z.strictObject({
  dry_run: queryFlag.optional().describe("true: says what would happen, and changes nothing"),
  file_name: shortText.optional().describe("what it is called in lists"),
});

const format = z.object({
  type: z.enum(["csv", "json", "ndjson"]),
  encoding: z.enum(["utf-8", "latin-1", "utf-16le"]).describe("latin-1: as Windows writes it (windows-1252)"),
  byte_order_mark: z.boolean(),
  delimiter: z.enum(["comma", "semicolon", "tab"]).optional().describe("of CSV"),
  columns: z.array(z.string()).optional().describe("of CSV: those that the first line names"),
  decimal_comma: z.boolean().optional().describe("of CSV: a number was written as `1,5`"),
});

const rowError = z
  .object({
    line: z
      .number()
      .int()
      .describe("of the file, from 1, the line of column names included; of a JSON array, the place in it, from 1"),
    column: z.string().nullable().describe("null: the row as a whole"),
    message: z.string(),
  })
  .openapi("ImportError");

const counts = {
  rows: z.number().int().describe("read so far"),
  created: z.number().int(),
  updated: z.number().int(),
  unchanged: z.number().int(),
  refused: z.number().int().describe("rows with errors: they have changed nothing"),
};

export const importSummary = z
  .object({
    id,
    kind: z.enum(KIND_NAMES),
    state: z
      .enum(IMPORT_STATES)
      .describe(
        "interrupted: its process has ended; what it had written stays, and `POST /imports/{id}/resume` goes on after that",
      ),
    dry_run: z.boolean(),
    file_name: z.string().nullable(),
    format,
    size_bytes: z.number().int(),
    read_bytes: z.number().int().describe("how far it has come"),
    ...counts,
    problem: z.string().nullable().describe("of one that failed: why nothing more was read"),
    actor: z.string(),
    created_at: timestamp,
    ended_at: nullableTimestamp,
  })
  .openapi("ImportSummary");
export type ImportSummary = z.output<typeof importSummary>;

export const importReport = importSummary
  .extend({ errors: z.array(rowError).describe(`the first ${MAX_ERRORS}`) })
  .openapi("ImportReport");
export type ImportReport = z.output<typeof importReport>;

/** Rows as JSON: fields are named like the columns. */
export const importRows = z.array(z.looseObject({})).openapi("ImportRows");
