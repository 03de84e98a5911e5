import type { PoolClient } from "pg";
import { expect } from "vitest";
import { inTransaction } from "../../../ingest/decisions/record-facts.ts";
import { loadShipmentHistories } from "../../../ingest/stores/queries/shipment-history.ts";
import { ingestTest } from "../../support/ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
const OTHERS = 3_000;
const TABLES = ["facts", "fold_versions", "shipments", "shipment_on_vehicle", "shipment_tags"];

/** How often this session has read each of the tables from end to end. */
async function wholeReads(client: PoolClient): Promise<unknown[]> {
  const { rows } = await client.query(
    "SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE relname = ANY($1) ORDER BY relname",
    [TABLES],
  );
  return rows;
}

ingestTest(
  "a change reads its shipment's history by indexes, planned once, however many others there are",
  async ({ db: { pool }, world }) => {
    const hub = await world.location("hub", "storage");
    const truck = await world.vehicle("truck");
    const id = await world.shipment(hub, null, T);
    await world.tag(id, "urn:epc:id:sscc:0614141.1000000001");
    await world.fact(id, "loaded", { vehicleId: truck, locationId: hub }, T + 60_000);
    await pool.query(
      `INSERT INTO shipments (tracking_number, product_name, quantity, status, stage, stage_since, location_id, origin_id, created_at)
       SELECT 'O' || n, 'goods', 1, 'in_storage', 'storage', now(), $1, $1, now() FROM generate_series(1, $2::int) AS n`,
      [hub, OTHERS],
    );
    await pool.query(
      "INSERT INTO fold_versions (subject, version) SELECT 'shipment:' || id, 1 FROM shipments WHERE id <> $1",
      [id],
    );
    await pool.query(
      `INSERT INTO facts (key, subject, at, type, data, rule)
       SELECT 'other:' || id, 'shipment:' || id, now(), 'loaded', json_build_object('vehicleId', $2::int), 'person' FROM shipments WHERE id <> $1`,
      [id, truck],
    );
    await pool.query(
      "INSERT INTO shipment_on_vehicle (shipment_id, vehicle_id, from_at) SELECT id, $2, now() FROM shipments WHERE id <> $1",
      [id, truck],
    );
    await pool.query(
      "INSERT INTO shipment_tags (epc, shipment_id) SELECT 'urn:x:' || id, id FROM shipments WHERE id <> $1",
      [id],
    );
    await pool.query("ANALYZE");

    await inTransaction(pool, async (client) => {
      const loadings = [{ shipmentId: id, vehicleId: truck, at: T + 120_000 }];
      const before = await wholeReads(client);
      const query = {
        shipmentIds: [id],
        tags: [],
        vehicleTimes: [{ vehicleId: truck, at: T + 120_000 }],
        loadings,
        readsAboard: [],
      };
      for (let round = 0; round < 10; round += 1) {
        const { facts, tags } = await loadShipmentHistories(client, query, [`shipment:${id}`]);
        expect([...facts.values()].map((some) => some.map(({ type }) => type))).toEqual([["created", "loaded"]]);
        expect(tags.get(id)).toHaveLength(1);
      }
      expect(await wholeReads(client)).toEqual(before);
      const { rows: plans } = await client.query(
        "SELECT custom_plans FROM pg_prepared_statements WHERE name = 'load_shipment_histories'",
      );
      expect(plans).toEqual([{ custom_plans: 0 }]);
    });
  },
);
