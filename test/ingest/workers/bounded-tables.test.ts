import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CLEANUP_STEPS, TABLES_BY_DAY } from "../../../ingest/workers/cleanup-steps.ts";
import { createDatabase } from "../../support/postgres.ts";

const PAGE = join(import.meta.dirname, "../../../docs/decisions/20-growth.md");
/** What the page says of tables whose rows cleanup deletes. */
const DELETED = /^deleted\b/;

async function tablesOfThePage(): Promise<Map<string, string>> {
  const rows = (await readFile(PAGE, "utf8")).matchAll(/^\| (`[a-z_`, ]+`) \| (.+) \|$/gm);
  return new Map(
    [...rows].flatMap(([, names, bound]) => [...names!.matchAll(/[a-z_]+/g)].map(([name]) => [name, bound!])),
  );
}

test("every table of the schema is bounded by what it holds, or its rows are deleted by age; the page says which", async () => {
  const db = await createDatabase();
  const { rows } = await db.pool.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
  );
  await db.drop();
  const page = await tablesOfThePage();
  expect([...page.keys()].toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
  const deleted = [...page].flatMap(([name, bound]) => (DELETED.test(bound) ? [name] : []));
  const cleaned = new Set([...CLEANUP_STEPS.flatMap(({ tables }) => tables), ...TABLES_BY_DAY]);
  expect(deleted.toSorted()).toEqual([...cleaned].toSorted());
});
