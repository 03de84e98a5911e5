import { expect, test as base } from "vitest";
import { disagreeingStock } from "../../../ingest/stores/queries/cycle-counts.ts";
import { createDatabase } from "../../support/postgres.ts";
import { worldIn } from "../../support/world.ts";

const test = base
  // oxlint-disable-next-line eslint/no-empty-pattern -- vitest reads from the pattern which fixtures are needed
  .extend("db", async ({}, { onCleanup }) => {
    const db = await createDatabase();
    onCleanup(() => db.drop());
    return db;
  });

interface Plan {
  "Relation Name"?: string;
  "Index Name"?: string;
  Plans?: Plan[];
}
const scans = (plan: Plan): string[] => [
  ...(plan["Relation Name"] === "inventory_items" ? [plan["Index Name"] ?? "every row"] : []),
  ...(plan.Plans ?? []).flatMap(scans),
];

test("who looks for disagreements each second reads those alone, where none of many positions has one", async ({
  db,
}) => {
  const location = await worldIn(db.pool).location("hall", "storage");
  await db.pool.query(
    `WITH made AS (INSERT INTO items (sku, name) SELECT 'SKU-' || n, 'product' FROM generate_series(1, 4000) n RETURNING id)
     INSERT INTO inventory_items (item_id, location_id, quantity) SELECT id, $1, 5 FROM made`,
    [location],
  );
  await db.pool.query("VACUUM ANALYZE inventory_items");
  const client = await db.pool.connect();
  try {
    // As the workers of ingest do.
    await client.query("SET plan_cache_mode = force_generic_plan");
    expect(await disagreeingStock(client, Date.now(), 100)).toEqual([]);
    const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(
      "EXPLAIN (FORMAT JSON) EXECUTE differing_stock (1e15, 100)",
    );
    expect(scans(rows[0]!["QUERY PLAN"][0].Plan)).toEqual(["inventory_items_differs_since"]);
  } finally {
    client.release(true);
  }
});
