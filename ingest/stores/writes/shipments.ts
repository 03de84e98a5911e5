import type { Stay } from "../../domain/analytics/stays.ts";
import type { Write } from "../statement.ts";
import { timeOfMs } from "../sql-time.ts";

/** The folded state of one shipment. Times in epoch milliseconds. */
export interface ShipmentRow {
  id: number;
  status: string;
  stage: string;
  stageSince: number;
  locationId: number | null;
  vehicleId: number | null;
}

export function writeShipments(rows: readonly ShipmentRow[]): Write {
  return {
    name: "shipped",
    sql: `UPDATE shipments s SET status = t.status, stage = t.stage, stage_since = ${timeOfMs('t."stageSince"')},
        location_id = t."locationId", vehicle_id = t."vehicleId", updated_at = now(), version = s.version + 1
      FROM jsonb_to_recordset($1::jsonb) AS t (id int, status text, stage text, "stageSince" float8, "locationId" int, "vehicleId" int)
      WHERE s.id = t.id`,
    params: [JSON.stringify(rows)],
  };
}

/** Epoch milliseconds; `to` is null while the shipment is still on the vehicle. */
export interface OnVehicleRow {
  shipmentId: number;
  vehicleId: number;
  from: number;
  to: number | null;
}

/** Replaces the time ranges in which these shipments were on vehicles. */
export function writeOnVehicle(shipmentIds: readonly number[], rows: readonly OnVehicleRow[]): Write[] {
  const record = `jsonb_to_recordset($1::jsonb) AS t ("shipmentId" int, "vehicleId" int, "from" float8, "to" float8)`;
  const json = JSON.stringify(rows);
  return [
    {
      name: "on_vehicle_written",
      sql: `INSERT INTO shipment_on_vehicle AS a (shipment_id, vehicle_id, from_at, to_at)
        SELECT "shipmentId", "vehicleId", ${timeOfMs('"from"')}, ${timeOfMs('"to"')} FROM ${record}
        ON CONFLICT (shipment_id, vehicle_id, from_at) DO UPDATE SET to_at = excluded.to_at
          WHERE a.to_at IS DISTINCT FROM excluded.to_at`,
      params: [json],
    },
    {
      name: "on_vehicle_deleted",
      sql: `DELETE FROM shipment_on_vehicle a WHERE a.shipment_id = ANY($2::int[]) AND NOT EXISTS (
          SELECT FROM ${record} WHERE t."shipmentId" = a.shipment_id AND t."vehicleId" = a.vehicle_id
            AND ${timeOfMs('t."from"')} = a.from_at)`,
      params: [json, shipmentIds],
    },
  ];
}

export interface InventoryRow {
  shipmentId: number;
  locationId: number;
  quantity: number;
}

/** Replaces the rows that tell how much of these shipments is at which location. */
export function writeInventory(shipmentIds: readonly number[], rows: readonly InventoryRow[]): Write[] {
  const record = `jsonb_to_recordset($1::jsonb) AS t ("shipmentId" int, "locationId" int, quantity int)`;
  const json = JSON.stringify(rows);
  return [
    {
      name: "inventory_written",
      sql: `INSERT INTO inventory (shipment_id, location_id, quantity) SELECT "shipmentId", "locationId", quantity FROM ${record}
        ON CONFLICT (shipment_id, location_id) DO UPDATE SET quantity = excluded.quantity`,
      params: [json],
    },
    {
      name: "inventory_deleted",
      sql: `DELETE FROM inventory i WHERE i.shipment_id = ANY($2::int[]) AND NOT EXISTS (
          SELECT FROM ${record} WHERE t."shipmentId" = i.shipment_id AND t."locationId" = i.location_id)`,
      params: [json, shipmentIds],
    },
  ];
}

export type StayRow = Stay & { shipmentId: number };

/**
 * Replaces the stays of these shipments. One that has not changed is not written: a tag that is read again and again changes
 * nothing, and each write would have its hour summed again.
 */
export function writeStays(shipmentIds: readonly number[], rows: readonly StayRow[]): Write[] {
  const record = `jsonb_to_recordset($1::jsonb) AS t ("shipmentId" int, stage text, "locationId" int, "from" float8, "to" float8, "end" text)`;
  const json = JSON.stringify(rows);
  return [
    {
      name: "stays_written",
      sql: `INSERT INTO shipment_stays (shipment_id, from_at, to_at, stage, location_id, ended_by, owner_id, item_id, units)
        SELECT s.id, ${timeOfMs('t."from"')}, ${timeOfMs('t."to"')}, t.stage, t."locationId", t."end", s.owner_id, s.item_id, s.quantity
        FROM ${record} JOIN shipments s ON s.id = t."shipmentId"
        WHERE NOT EXISTS (SELECT FROM shipment_stays k WHERE k.shipment_id = t."shipmentId" AND k.from_at = ${timeOfMs('t."from"')}
          AND (k.to_at, k.stage, k.location_id, k.ended_by) IS NOT DISTINCT FROM (${timeOfMs('t."to"')}, t.stage, t."locationId", t."end"))
        ORDER BY s.id, t."from"
        ON CONFLICT (shipment_id, from_at) DO UPDATE SET to_at = excluded.to_at, stage = excluded.stage,
          location_id = excluded.location_id, ended_by = excluded.ended_by`,
      params: [json],
    },
    {
      name: "stays_deleted",
      sql: `DELETE FROM shipment_stays k WHERE k.shipment_id = ANY($2::int[]) AND NOT EXISTS (
          SELECT FROM ${record} WHERE t."shipmentId" = k.shipment_id AND ${timeOfMs('t."from"')} = k.from_at)`,
      params: [json, shipmentIds],
    },
  ];
}
