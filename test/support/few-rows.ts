import { expect } from "vitest";
import type { ExplainedStatement, TableRead } from "./explained.ts";

/** A small table may be read whole. */
const SMALL_TABLE = 2_000;

/**
 * Expects that what was explained has read no large table from end to end, and fewer than `maxRows` rows in all.
 * @param where what was asked, for the message
 * @param isExcepted tables that may be read whole
 * @returns what was read
 */
export function expectFewRows(
  explained: readonly ExplainedStatement[],
  where: string,
  maxRows: number,
  isExcepted: (table: string) => boolean = () => false,
): TableRead[] {
  const reads = explained.flatMap((statement) => statement.reads);
  expect(reads.length, where).toBeGreaterThan(0);
  const large = reads.filter(
    ({ index, table, rows }) => index === undefined && rows > SMALL_TABLE && !isExcepted(table),
  );
  expect(large, where).toEqual([]);
  const read = reads.reduce((sum, { rows }) => sum + rows, 0);
  expect(read, `${where}: ${JSON.stringify(reads)}`).toBeLessThan(maxRows);
  return reads;
}
