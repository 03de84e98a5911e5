import type { Pool } from "pg";
import type { TimeRange } from "../../domain/time-range.ts";
import { msOfTime } from "../sql-time.ts";

/** The product that a code identifies. */
export interface ScannedItem {
  itemId: number;
  sku: string;
  /** base units in what carries the code: 1, or those of the pack with this GTIN */
  pieces: number;
}

/** The shipments, items and drivers that scanned codes identify. */
export interface ScanTargets {
  /** by code (tracking number, tag or handling unit), each with the time range in which the code identifies the shipment */
  shipments: Map<string, (TimeRange & { shipmentId: number })[]>;
  /** by the customer's reference, the shipments that have it, since they were created */
  referred: Map<string, (TimeRange & { shipmentId: number })[]>;
  /** by code (SKU, GTIN, barcode, or the GTIN of a pack) */
  items: Map<string, ScannedItem>;
  /** by token, the names of the drivers who sign on with it */
  drivers: Map<string, string>;
  /** names of all locations asked for */
  locationNames: Map<number, string>;
}

/** A reference that many shipments have names none of them. */
const MAX_REFERRED = 100;

/** @param locationIds of these the names are wanted too */
export async function findScanTargets(
  pool: Pool,
  codes: readonly string[],
  locationIds: readonly number[] = [],
): Promise<ScanTargets> {
  const targets: ScanTargets = {
    shipments: new Map(),
    referred: new Map(),
    items: new Map(),
    drivers: new Map(),
    locationNames: new Map(),
  };
  if (codes.length === 0) return targets;
  const { rows } = await pool.query<{
    code: string;
    shipments: (TimeRange & { shipmentId: number })[];
    referred: (TimeRange & { shipmentId: number })[];
    item: ScannedItem | null;
    driver: string | null;
  }>({
    name: "find_scan_targets",
    text: `WITH matches AS (
        SELECT tracking_number AS code, id AS shipment_id, NULL::timestamptz AS since, NULL::timestamptz AS until
          FROM shipments WHERE tracking_number = ANY($1::text[])
        UNION SELECT epc, shipment_id, since, until FROM shipments_of_tags($1::text[])
      )
      SELECT code, (SELECT json_build_object('itemId', i.id, 'sku', i.sku, 'pieces', CASE WHEN i.sku = code OR i.gtin = code OR i.barcode = code THEN 1
            ELSE coalesce((SELECT (p ->> 'quantity')::int FROM jsonb_array_elements(i.packs) p WHERE p ->> 'gtin' = code LIMIT 1), 1) END)
          FROM items i WHERE i.sku = code OR i.gtin = code OR i.barcode = code OR i.packs @> jsonb_build_array(jsonb_build_object('gtin', code))
          ORDER BY i.id LIMIT 1) AS item,
        (SELECT coalesce(json_agg(json_build_object('shipmentId', m.shipment_id,
          'since', ${msOfTime("m.since")}, 'until', ${msOfTime("m.until")}) ORDER BY m.shipment_id), '[]')
          FROM matches m WHERE m.code = t.code) AS shipments,
        (SELECT coalesce(json_agg(json_build_object('shipmentId', r.id, 'since', ${msOfTime("r.created_at")}, 'until', NULL) ORDER BY r.id), '[]')
          FROM (SELECT id, created_at FROM shipments WHERE reference = code LIMIT ${MAX_REFERRED}) r) AS referred,
        (SELECT name FROM drivers WHERE token = code) AS driver
      FROM unnest($1::text[]) AS t (code)`,
    values: [codes],
  });
  for (const { code, shipments, referred, item, driver } of rows) {
    if (referred.length > 0) targets.referred.set(code, referred);
    if (shipments.length > 0) targets.shipments.set(code, shipments);
    if (item !== null) targets.items.set(code, item);
    if (driver !== null) targets.drivers.set(code, driver);
  }
  const { rows: locations } = await pool.query<{ id: number; name: string }>({
    name: "names_of_locations",
    text: "SELECT id, name FROM locations WHERE id = ANY($1::int[])",
    values: [locationIds],
  });
  for (const { id, name } of locations) targets.locationNames.set(id, name);
  return targets;
}
