import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesBelow } from "./support/files-below.ts";

/*
 * `SELECT id::float8 … ORDER BY id LIMIT 50` sorts by what is selected, which no index has: all rows are read and sorted for each page.
 * `ORDER BY things.id` sorts by the column.
 */

const root = join(import.meta.dirname, "..");
/** A column that is selected under its own name with another type. */
const CAST = /(?<![.\w"$)])(?:[a-z_]+\.)?([a-z_]+)::(?:float8|text|int|integer)(?=\s*(?:,|$|FROM\b|`))/gm;

function sortedByCast(source: string): string[] {
  const columns = new Set([...source.matchAll(CAST)].map(([, column = ""]) => column));
  return [...columns].filter((column) => new RegExp(`ORDER BY ${column}\\b(?!\\.)`).test(source));
}

test("no query is sorted by a column that it has cast", async () => {
  const files = await Promise.all(["api", "ingest", "broker"].map((part) => filesBelow(join(root, part))));
  const found: string[] = [];
  for (const file of files.flat().filter((name) => name.endsWith(".ts"))) {
    for (const column of sortedByCast(await readFile(join(root, file), "utf8"))) found.push(`${file}: ${column}`);
  }
  expect(found).toEqual([]);
});

test.each([
  ["SELECT id::float8, kind FROM outbox ORDER BY id LIMIT 5", ["id"]],
  ["SELECT kind, position::float8\n FROM events WHERE position > $1 ORDER BY position", ["position"]],
  ["SELECT id::float8, kind FROM outbox ORDER BY outbox.id LIMIT 5", []],
  ["SELECT d.id::float8, d.kind FROM deliveries d ORDER BY d.id", []],
  ["SELECT d.id::float8, d.kind FROM deliveries d ORDER BY id", ["id"]],
  ["SELECT name FROM parties WHERE id = ANY($1::int[]) ORDER BY id", []],
])("%s", (sql, columns) => {
  expect(sortedByCast(sql)).toEqual(columns);
});
