import type { Reader } from "../../auth/limits.ts";
import { found } from "../../http/problem.ts";

/** A box or pallet of a shipment that is packed. */
export interface PaperUnit {
  id: number;
  sscc: string;
  contents: { item_id: number; quantity: number; lot?: string }[];
}

/** What stands on the papers of a shipment. */
export interface PaperShipment {
  trackingNumber: string;
  reference: string | null;
  orderId: number | null;
  createdAt: Date;
  dueAt: Date | null;
  origin: string | null;
  destination: string | null;
  timeZone: string | null;
  /** the party that the goods are for, and its address */
  customer: string | null;
  customerAddress: string | null;
  owner: string | null;
  language: string | null;
  lines: {
    line: number;
    itemId: number | null;
    name: string;
    sku: string | null;
    quantity: number;
    /** base unit; null: the product is not in the catalogue */
    unit: string | null;
    unitGrams: number | null;
    lots: { lot: string; quantity: number }[];
  }[];
}

/** @throws Problem 404 when `db` does not show this shipment */
export async function readPaper(db: Reader, id: number): Promise<PaperShipment> {
  const { rows } = await db.query<PaperShipment>({
    name: "api_paper",
    text: `SELECT s.tracking_number AS "trackingNumber", s.reference, s.order_id AS "orderId", s.created_at AS "createdAt", s.due_at AS "dueAt",
        o.name AS origin, d.name AS destination, coalesce(d.time_zone, o.time_zone) AS "timeZone",
        c.name AS customer, c.address AS "customerAddress", w.name AS owner, coalesce(c.language, w.language) AS language,
        (SELECT json_agg(json_build_object('line', l.line, 'itemId', l.item_id, 'name', l.product_name, 'sku', i.sku, 'quantity', l.quantity,
            'unit', i.base_unit, 'unitGrams', i.unit_weight_grams, 'lots', (
              SELECT coalesce(json_agg(json_build_object('lot', n.lot, 'quantity', n.quantity) ORDER BY n.lot), '[]')
              FROM (SELECT lot, sum(quantity) AS quantity FROM shipment_lots WHERE shipment_id = s.id AND item_id = l.item_id GROUP BY lot) n
            )) ORDER BY l.line)
          FROM (SELECT 1 AS line, s.item_id, s.product_name, s.quantity WHERE s.line_count = 1
            UNION ALL SELECT line, item_id, product_name, quantity FROM shipment_lines WHERE shipment_id = s.id) l
            LEFT JOIN items i ON i.id = l.item_id) AS lines
      FROM shipments s LEFT JOIN locations o ON o.id = s.origin_id LEFT JOIN locations d ON d.id = s.destination_id
        LEFT JOIN orders r ON r.id = s.order_id LEFT JOIN parties c ON c.id = r.customer_id
        LEFT JOIN parties w ON w.id = s.owner_id
      WHERE s.id = $1`,
    values: [id],
  });
  return found(rows[0], "shipment");
}

/** Units of one paper at most. */
const MAX_UNITS = 1_000;

/** Those that are packed, in the order in which they were. */
export async function readUnits(db: Reader, shipmentId: number): Promise<PaperUnit[]> {
  const { rows } = await db.query<PaperUnit>(
    `SELECT id, sscc, contents FROM handling_units WHERE shipment_id = $1 AND unpacked_at IS NULL ORDER BY id LIMIT ${MAX_UNITS}`,
    [shipmentId],
  );
  return rows;
}

/** Of all goods, grams; undefined: the weight of one of them is not known. */
export function weightOf({ lines }: Pick<PaperShipment, "lines">): number | undefined {
  let grams = 0;
  for (const { unitGrams, quantity } of lines) {
    if (unitGrams === null) return undefined;
    grams += unitGrams * quantity;
  }
  return grams;
}
