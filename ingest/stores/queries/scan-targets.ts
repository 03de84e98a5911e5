import type { Pool } from "pg";
import type { TimeRange } from "../../domain/time-range.ts";
import { msOfTime } from "../sql-time.ts";

/** The shipments and items that scanned codes identify. */
export interface ScanTargets {
  /** by code (tracking number, tag or handling unit), each with the time range in which the code identifies the shipment */
  shipments: Map<string, (TimeRange & { shipmentId: number })[]>;
  /** item id by code (SKU, GTIN or barcode) */
  items: Map<string, number>;
}

export async function findScanTargets(pool: Pool, codes: readonly string[]): Promise<ScanTargets> {
  const targets: ScanTargets = { shipments: new Map(), items: new Map() };
  if (codes.length === 0) return targets;
  const { rows } = await pool.query<{
    code: string;
    shipments: (TimeRange & { shipmentId: number })[];
    itemId: number | null;
  }>({
    name: "find_scan_targets",
    text: `WITH matches AS (
        SELECT tracking_number AS code, id AS shipment_id, NULL::timestamptz AS since, NULL::timestamptz AS until
          FROM shipments WHERE tracking_number = ANY($1::text[])
        UNION SELECT epc, shipment_id, since, until FROM shipments_of_tags($1::text[])
      )
      SELECT code, (SELECT id FROM items WHERE sku = code OR gtin = code OR barcode = code ORDER BY id LIMIT 1) AS "itemId",
        (SELECT coalesce(json_agg(json_build_object('shipmentId', m.shipment_id,
          'since', ${msOfTime("m.since")}, 'until', ${msOfTime("m.until")}) ORDER BY m.shipment_id), '[]')
          FROM matches m WHERE m.code = t.code) AS shipments
      FROM unnest($1::text[]) AS t (code)`,
    values: [codes],
  });
  for (const { code, shipments, itemId } of rows) {
    if (shipments.length > 0) targets.shipments.set(code, shipments);
    if (itemId !== null) targets.items.set(code, itemId);
  }
  return targets;
}
