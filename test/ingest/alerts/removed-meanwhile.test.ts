import { expect } from "vitest";
import { assessSubjects } from "../../../ingest/alerts/assess-subjects.ts";
import { STOCK } from "../../../ingest/alerts/subject-kind.ts";
import { loadAlertRules } from "../../../ingest/stores/queries/alerts/rules.ts";
import { ingestApiTest } from "../../support/ingest-test.ts";

ingestApiTest(
  "what is removed just when its alert is written has none, and is no error",
  async ({ api: { db }, world, manager }) => {
    const location = await world.location("shop", "delivery");
    const item = await world.item("ALERT-1");
    const body = { item_id: item, location_id: location, quantity: 0, reorder_point: 10 };
    const stock = (await manager("POST /inventory-items", body)).body["id"] as number;
    const remover = await db.pool.connect();
    try {
      await remover.query("BEGIN");
      await remover.query("DELETE FROM inventory_items WHERE id = $1", [stock]);
      const assessed = assessSubjects(db.pool, await loadAlertRules(db.pool), STOCK, [stock]);
      const waiting =
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))";
      await expect.poll(async () => (await remover.query<{ n: number }>(waiting)).rows[0]!.n).toBe(1);
      await remover.query("COMMIT");
      await assessed;
    } finally {
      remover.release();
    }
    const { rows } = await db.pool.query("SELECT * FROM alerts");
    expect(rows).toEqual([]);
  },
);
