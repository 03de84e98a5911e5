import type { ReadRow } from "../../tables/row.ts";
import type { ImportKind } from "./kinds/kind.ts";

/** Rows of one transaction. */
const BATCH_SIZE = 500;

/**
 * Puts rows together that can be written at once: no two of them are the same thing, share a code, or refer to one another. A row
 * without its key is one with a problem.
 */
export async function* batchesOf(rows: AsyncIterable<ReadRow>, kind: ImportKind): AsyncGenerator<ReadRow[]> {
  let batch: ReadRow[] = [];
  let names = new Set<string>();
  try {
    for await (const row of rows) {
      const read = "fields" in row ? kind.namesOf(row.fields) : [];
      const own = Array.isArray(read) ? read : [];
      const needed = "fields" in row ? [...own, ...(kind.refersTo?.(row.fields) ?? [])] : [];
      if (batch.length >= BATCH_SIZE || needed.some((name) => names.has(name))) {
        yield batch;
        batch = [];
        names = new Set();
      }
      for (const name of own) names.add(name);
      batch.push(Array.isArray(read) ? row : { line: row.line, problems: [read] });
    }
  } catch (error) {
    // What was read before is good.
    if (batch.length > 0) yield batch;
    throw error;
  }
  if (batch.length > 0) yield batch;
}
