import type { Reader } from "../../auth/limits.ts";

/** What happened at a place. */
interface PlaceEvent {
  at: Date;
  event: "came" | "left" | "was put there" | "was taken from there" | "was counted there";
  /** in words */
  what: string;
  shipment_id: number | null;
  inventory_item_id: number | null;
  location_id: number;
  quantity: number;
}

/** In so many words, as the indexes of stays have them. */
const AT_PLACE =
  "coalesce(s.location_id, 0) IN (SELECT id FROM below) AND s.stage IN ('production', 'storage', 'transportation', 'delivery')";

/** @param to undefined: now. Each part of the answer reads at most so many rows by its index. */
export async function placeEvents(
  db: Reader,
  locationId: number,
  { from, to, limit }: { from: string; to: string | undefined; limit: number },
): Promise<PlaceEvent[]> {
  const { rows } = await db.query<PlaceEvent>(
    `WITH RECURSIVE below AS (
      SELECT id FROM locations WHERE id = $1 UNION SELECT l.id FROM locations l JOIN below b ON l.parent_id = b.id),
    stays AS (
      (SELECT s.shipment_id, s.from_at AS at, 'came' AS event, s.location_id, s.units FROM shipment_stays s
        WHERE ${AT_PLACE} AND s.from_at >= $2::timestamptz AND s.from_at < coalesce($3::timestamptz, now()) ORDER BY s.from_at DESC LIMIT $4)
      UNION ALL
      (SELECT s.shipment_id, s.to_at, 'left', s.location_id, s.units FROM shipment_stays s
        WHERE ${AT_PLACE} AND s.to_at >= $2::timestamptz AND s.to_at < coalesce($3::timestamptz, now()) AND s.ended_by = 'moved' ORDER BY s.to_at DESC LIMIT $4)),
    changes AS (
      SELECT m.at, m.delta, m.level, f.type, i.id, i.location_id, t.name FROM inventory_items i
      JOIN movements m ON m.inventory_item_id = i.id AND m.at >= $2::timestamptz AND m.at < coalesce($3::timestamptz, now())
      JOIN items t ON t.id = i.item_id LEFT JOIN facts f ON f.id = m.id
      WHERE i.location_id IN (SELECT id FROM below) ORDER BY m.at DESC LIMIT $4)
    SELECT * FROM (
      SELECT s.at, s.event, 'shipment ' || coalesce(h.tracking_number || ' (' || h.product_name || ')', s.shipment_id::text) AS what,
        s.shipment_id, NULL::integer AS inventory_item_id, s.location_id, s.units AS quantity
      FROM stays s LEFT JOIN shipments h ON h.id = s.shipment_id
      UNION ALL
      SELECT at, CASE WHEN type IN ('counted', 'lot_counted') THEN 'was counted there' WHEN delta < 0 THEN 'was taken from there' ELSE 'was put there' END,
        abs(delta) || ' × ' || name || ' (level ' || level || ')', NULL, id, location_id, delta FROM changes) e
    ORDER BY at DESC LIMIT $4`,
    [locationId, from, to ?? null, limit],
  );
  return rows;
}
