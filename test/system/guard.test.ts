import type pg from "pg";
import { expect, vi } from "vitest";
import type { NewFact } from "../../ingest/domain/fact.ts";
import { foldShipment } from "../../ingest/domain/shipment/shipment.ts";
import { EMPTY_STOCK } from "../../ingest/domain/stock/state.ts";
import { foldStock } from "../../ingest/domain/stock/stock.ts";
import { inTransaction, recordFacts, VersionMismatch } from "../../ingest/decisions/record-facts.ts";
import { loadPlaces } from "../../ingest/stores/queries/places.ts";
import { loadShipmentHistories } from "../../ingest/stores/queries/shipment-history.ts";
import { loadStockFacts } from "../../ingest/stores/queries/stock-levels.ts";
import { ingestTest as test } from "../support/ingest-test.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const T = Date.parse("2026-03-01T08:00:00Z");

test(
  "while people and sensors record facts at once, a shipment's row is the fold of its facts",
  { timeout: 60_000 },
  async ({ db, rig, world }) => {
    for (let round = 0; round < 40; round += 1) {
      const lon = 11 + round / 10;
      const from = await world.location("plant", "storage", { lat: 48.1, lon, radius_m: 300 });
      const to = await world.location("shop", "delivery", { lat: 48.2, lon, radius_m: 300 });
      const vehicleId = await world.vehicle("truck");
      const device = await world.device(`truck-${round}`, "gps", { vehicle_id: vehicleId });
      const shipment = await world.shipment(from, to, T - 7_200_000);
      const fixes = Array.from({ length: 57 }, (_, i) => ({
        ts: T + i * 10_000,
        lat: 48.1 + (i * 200) / 111_195,
        lon,
        accuracy: 5,
      }));
      const sensors = (async () => {
        for (let i = 0; i < fixes.length; i += 3) await rig.publish(`devices/${device}/gps`, fixes.slice(i, i + 3));
      })();
      const people = Promise.all([
        world.fact(shipment, "loaded", { vehicleId, locationId: from }, T - 3_600_000),
        world.fact(shipment, "unloaded", { locationId: from }, T - 1_800_000),
        world.fact(shipment, "loaded", { vehicleId, locationId: from }, T - 900_000),
      ]);
      await Promise.all([sensors, people]);
      await rig.settled();
      expect(await world.shipmentRow(shipment)).toEqual(await foldedRow(db.pool, shipment));
      expect((await world.shipmentRow(shipment)).status).toBe("arrived");
    }
  },
);

async function foldedRow(pool: pg.Pool, shipmentId: number) {
  const query = { shipmentIds: [shipmentId], tags: [], vehicleTimes: [], loadings: [], readsAboard: [] };
  const histories = await loadShipmentHistories(pool, query, []);
  const destinationId = histories.shipments[0]!.destinationId;
  const folded = foldShipment(histories.facts.get(shipmentId)!, { destinationId, places: await loadPlaces(pool) })!;
  const { status, stage, locationId, vehicleId } = folded.state;
  return { status, stage, location_id: locationId, vehicle_id: vehicleId };
}

test("concurrent adjustments of one stock position add up", { timeout: 60_000 }, async ({ db, world }) => {
  const stock = await world.stock(await world.item("SKU"), await world.location("store", "storage"));
  const adjust = (n: number) =>
    inTransaction(db.pool, (client) => {
      const data = { delta: n, reason: "test" };
      const fact: NewFact = {
        key: `adjust:${n}`,
        subject: `stock:${stock}`,
        at: T + n,
        type: "adjusted",
        data,
        rule: "person",
        evidence: [],
        confidence: 1,
      };
      return recordFacts(client, { facts: [fact] });
    });
  await Promise.all(
    Array.from({ length: 8 }, async (_, lane) => {
      for (let i = 1; i <= 25; i += 1) await adjust(lane * 25 + i);
    }),
  );
  const { rows } = await db.pool.query("SELECT quantity, fold FROM inventory_items WHERE id = $1", [stock]);
  expect(rows[0].quantity).toBe((200 * 201) / 2);
  const { facts } = await loadStockFacts(db.pool, stock);
  expect(rows[0].fold).toEqual(foldStock(EMPTY_STOCK, facts, { governing: "ledger" }));
});

test("a change based on an older version is refused and writes nothing", async ({ db, world }) => {
  const store = await world.location("store", "storage");
  const shipment = await world.shipment(store, null, T);
  const subject = `shipment:${shipment}` as const;
  const data = { status: "exception", stage: null, locationId: null } as const;
  const fact: NewFact = {
    key: "late correction",
    subject,
    at: T + 1,
    type: "manual",
    data,
    rule: "person",
    evidence: [],
    confidence: 1,
  };
  const attempt = inTransaction(db.pool, (client) =>
    recordFacts(client, { facts: [fact], expected: new Map([[subject, 99]]) }),
  );
  await expect(attempt).rejects.toBeInstanceOf(VersionMismatch);
  expect((await db.pool.query("SELECT FROM facts WHERE key = 'late correction'")).rowCount).toBe(0);
});
