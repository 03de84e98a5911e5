import type { Pool } from "pg";
import type { TimeRange } from "../../domain/time-range.ts";

/** What a scanned code names. */
export interface ScanTargets {
  /** shipments by tracking number, bound tag or handling unit; each with when the code spoke for it */
  shipments: Map<string, (TimeRange & { shipmentId: number })[]>;
  /** items by SKU, GTIN or barcode */
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
    text: `WITH named AS (
        SELECT tracking_number AS code, id AS shipment_id, NULL::timestamptz AS since, NULL::timestamptz AS until
          FROM shipments WHERE tracking_number = ANY($1::text[])
        UNION SELECT epc, shipment_id, since, until FROM shipments_of_tags($1::text[])
      )
      SELECT code, (SELECT id FROM items WHERE sku = code OR gtin = code OR barcode = code ORDER BY id LIMIT 1) AS "itemId",
        (SELECT coalesce(json_agg(json_build_object('shipmentId', n.shipment_id,
          'since', round(extract(epoch FROM n.since) * 1000), 'until', round(extract(epoch FROM n.until) * 1000)) ORDER BY n.shipment_id), '[]')
          FROM named n WHERE n.code = t.code) AS shipments
      FROM unnest($1::text[]) AS t (code)`,
    values: [codes],
  });
  for (const { code, shipments, itemId } of rows) {
    if (shipments.length > 0) targets.shipments.set(code, shipments);
    if (itemId !== null) targets.items.set(code, itemId);
  }
  return targets;
}
