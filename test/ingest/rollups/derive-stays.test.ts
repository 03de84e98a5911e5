import { expect, vi } from "vitest";
import { deriveStays } from "../../../ingest/rollups/derive-stays.ts";
import { databaseTest } from "../../support/database-test.ts";
import { worldIn } from "../../support/world.ts";

vi.setConfig({ testTimeout: 60_000 });

const T = Date.parse("2026-03-01T08:00:00Z");

databaseTest(
  "shipments from before there were stays get those of their facts, and nothing else of them changes",
  async ({ db: { pool } }) => {
    const world = worldIn(pool);
    const [hub, shop] = [await world.location("hub", "storage"), await world.location("shop", "delivery")];
    const vehicle = await world.vehicle("truck");
    for (let n = 0; n < 60; n += 1) {
      const id = await world.shipment(hub, shop, T + n * 60_000);
      if (n % 2 === 0) continue;
      await world.fact(id, "loaded", { vehicleId: vehicle, locationId: hub }, T + 3_600_000);
      await world.fact(id, "unloaded", { locationId: shop }, T + 7_200_000);
      if (n % 3 === 0) await world.fact(id, "proof", { name: "Li", note: null, outcome: "partly" }, T + 7_500_000);
    }
    const stays = async () => (await pool.query("SELECT * FROM shipment_stays ORDER BY shipment_id, from_at")).rows;
    const shipments = async () => (await pool.query("SELECT id, version, updated_at FROM shipments ORDER BY id")).rows;
    const [before, rows] = [await stays(), await shipments()];
    expect(before.length).toBeGreaterThan(60);
    expect(before.some(({ ended_by }) => ended_by === "delivered_partly")).toBe(true);
    await pool.query("DELETE FROM shipment_stays; INSERT INTO stays_to_derive SELECT id FROM shipments");
    // Two nodes at once.
    const derive = async (): Promise<void> => {
      while (await deriveStays(pool));
    };
    await Promise.all([derive(), derive()]);
    expect(await stays()).toEqual(before);
    expect(await shipments()).toEqual(rows);
    expect((await pool.query("SELECT FROM stays_to_derive")).rowCount).toBe(0);
  },
);
