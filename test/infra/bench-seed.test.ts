import { expect, test } from "vitest";
import { seedStock } from "../../infra/bench/api/seed.ts";
import { compareLedger } from "../../ingest/stores/queries/ledger-check.ts";
import { startApi } from "../api/support.ts";

test("a seeded database passes the check of the ledger, and goes on from there", async () => {
  const api = await startApi();
  try {
    const { pool } = api.db;
    const manager = await api.as("manager");
    await pool.query("INSERT INTO locations (name) SELECT 'Yard ' || n FROM generate_series(1, 900) n");
    await seedStock(pool, 1_500);
    expect(await compareLedger(pool, 0, 10_000)).toMatchObject({ positions: 1_500, different: [] });
    const { rows } = await pool.query<{ id: number; item: number; place: number; level: number }>(
      "SELECT id, item_id AS item, location_id AS place, quantity AS level FROM inventory_items WHERE quantity > 10 ORDER BY id LIMIT 1",
    );
    const { id, item, place, level } = rows[0]!;
    const taken = { item_id: item, location_id: place, quantity: -3, reason: "broken" };
    expect(await manager("POST /movements", taken)).toMatchObject({ status: 201, body: { level: level - 3 } });
    expect((await manager(`GET /inventory-items/${id}`)).body).toMatchObject({ quantity: level - 3 });
    expect(await compareLedger(pool, 0, 10_000)).toMatchObject({ different: [] });
    // What is dated before the count has all facts of the position folded again.
    const before = { ...taken, quantity: 2, at: new Date(Date.now() - 3_600_000).toISOString() };
    expect(await manager("POST /movements", before)).toMatchObject({ status: 201 });
    expect((await manager(`GET /inventory-items/${id}`)).body).toMatchObject({ quantity: level - 3 });
    expect(await compareLedger(pool, 0, 10_000)).toMatchObject({ different: [] });
  } finally {
    await api.close();
  }
});
