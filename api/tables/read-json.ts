import { Problem } from "../http/problem.ts";
import { parseJsonBody } from "../http/validate.ts";
import type { ReadRow } from "./row.ts";

/** An array is read as a whole. */
const MAX_ARRAY_BYTES = 1024 * 1024;
/** A longer line is no row. */
const MAX_LINE_CHARACTERS = 256 * 1024;

/** Reads the rows of a JSON array. @throws Problem 400 for other JSON, 413 for one that is too large */
export async function readJsonArray(text: AsyncIterable<string>, sizeBytes: number): Promise<ReadRow[]> {
  if (sizeBytes > MAX_ARRAY_BYTES) {
    const instead = "send a line of JSON for each row (application/x-ndjson), or CSV: these are read as they come";
    throw new Problem(413, `a JSON array has at most ${MAX_ARRAY_BYTES} bytes here; ${instead}`);
  }
  let whole = "";
  for await (const part of text) whole += part;
  const rows = parseJsonBody(whole);
  if (!Array.isArray(rows)) throw new Problem(400, "a JSON array of rows is expected");
  return rows.map((row: unknown, at) => rowOf(row, at + 1));
}

/** Reads one row from each line (NDJSON). */
export async function* readJsonLines(text: AsyncIterable<string>): AsyncGenerator<ReadRow> {
  let line = 0;
  let rest = "";
  for await (const part of text) {
    const lines = (rest + part).split("\n");
    rest = lines.pop()!;
    if (rest.length > MAX_LINE_CHARACTERS)
      throw new Problem(400, `line ${line + lines.length + 1} is too long for a row`);
    for (const each of lines) {
      line += 1;
      if (each.trim() !== "") yield parsed(each, line);
    }
  }
  if (rest.trim() !== "") yield parsed(rest, line + 1);
}

function parsed(text: string, line: number): ReadRow {
  try {
    return rowOf(parseJsonBody(text), line);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { line, problems: [{ column: null, message: error.message.replace("the body", "this line") }] };
  }
}

const rowOf = (value: unknown, line: number): ReadRow =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? { line, fields: value as Record<string, unknown> }
    : { line, problems: [{ column: null, message: "a row is a JSON object" }] };
