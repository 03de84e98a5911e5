import type pg from "pg";
import { type FactData, SHIPMENT_STATUSES } from "../../ingest/domain/fact.ts";
import { inTransaction, recordFacts } from "../../ingest/decisions/record-facts.ts";

/** Rows a test needs, put in place as the API would. */
export function worldIn(pool: pg.Pool) {
  const insert = async (text: string, values: unknown[]): Promise<number> => {
    const { rows } = await pool.query<{ id: number }>(`${text} RETURNING id`, values);
    return rows[0]!.id;
  };
  const world = {
    location: (name: string, stage: string | null, geofence: object | null = null) =>
      insert("INSERT INTO locations (name, stage, geofence) VALUES ($1, $2, $3)", [name, stage, geofence]),
    vehicle: (name: string) => insert("INSERT INTO vehicles (name) VALUES ($1)", [name]),
    item: (sku: string, unitWeightGrams: number | null = null, gtin: string | null = null) =>
      insert("INSERT INTO items (sku, name, unit_weight_grams, gtin) VALUES ($1, $2, $3, $4)", [
        sku,
        sku,
        unitWeightGrams,
        gtin,
      ]),
    stock: (itemId: number, locationId: number, source = "ledger") =>
      insert("INSERT INTO inventory_items (item_id, location_id, source) VALUES ($1, $2, $3)", [
        itemId,
        locationId,
        source,
      ]),
    async device(id: string, kind: string, mount: object | null = null, decoder = "native", since = new Date(0)) {
      await pool.query("INSERT INTO devices (id, kind, decoder) VALUES ($1, $2, $3)", [id, kind, decoder]);
      if (mount) await world.mount(id, mount, since);
      return id;
    },
    async mount(id: string, mount: object, since: Date) {
      await pool.query("INSERT INTO device_mounts (device_id, since, mount) VALUES ($1, $2, $3)", [id, since, mount]);
    },
    /** a shipment with its `created` fact */
    shipment: (
      locationId: number,
      destinationId: number | null,
      at: number,
      stage: FactData["created"]["stage"] = "storage",
    ) =>
      inTransaction(pool, async (client) => {
        const { rows } = await client.query<{ id: number }>(
          `INSERT INTO shipments (tracking_number, product_name, quantity, status, stage, stage_since, location_id, origin_id, destination_id, created_at)
           VALUES ('T' || nextval('tracking_numbers'), 'goods', 10, $1, $2, to_timestamp($3 / 1000.0), $4, $4, $5, now()) RETURNING id`,
          [SHIPMENT_STATUSES[1], stage, at, locationId, destinationId],
        );
        const { id } = rows[0]!;
        await recordFacts(client, { facts: [fact(id, "created", { stage, locationId }, at)] });
        return id;
      }),
    fact: <T extends "loaded" | "unloaded" | "proof" | "manual">(id: number, type: T, data: FactData[T], at: number) =>
      inTransaction(pool, (client) => recordFacts(client, { facts: [fact(id, type, data, at)] })),
    async tag(shipmentId: number, epc: string) {
      await pool.query("INSERT INTO shipment_tags (epc, shipment_id) VALUES ($1, $2)", [epc, shipmentId]);
    },
    async shipmentRow(id: number) {
      const { rows } = await pool.query<{
        status: string;
        stage: string;
        location_id: number | null;
        vehicle_id: number | null;
      }>("SELECT status, stage, location_id, vehicle_id FROM shipments WHERE id = $1", [id]);
      return rows[0]!;
    },
    async quality(deviceId: string) {
      const { rows } = await pool.query<Record<string, number>>(
        "SELECT received, stored, duplicate, late, quarantined, gap FROM device_states WHERE device_id = $1",
        [deviceId],
      );
      return rows[0];
    },
  };
  return world;
}

function fact<T extends keyof FactData>(shipmentId: number, type: T, data: FactData[T], at: number) {
  const subject = `shipment:${shipmentId}` as const;
  const key = `test:${shipmentId}:${type}:${at}`;
  // The pairing of type and data is what the signature says; the union cannot express it.
  return { key, subject, at, type, data, rule: "person", evidence: [], confidence: 1 } as unknown as Parameters<
    typeof recordFacts
  >[1]["facts"][number];
}
