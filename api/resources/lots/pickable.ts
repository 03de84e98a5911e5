import type { PickableLot } from "../../../ingest/domain/stock/propose-lots.ts";
import type { Reader } from "../../auth/limits.ts";

/**
 * What could be picked at these stock positions, by lot, for the rules in ingest/domain/stock/propose-lots.ts: all lots of them, with
 * their dates and holds, and what has no lot that is known. `available` is what is there: what is reserved, which names no lot, the
 * caller takes off.
 */
export async function loadPickableLots(db: Reader, stockIds: readonly number[]): Promise<PickableLot[]> {
  const { rows } = await db.query<PickableLot>({
    name: "api_pickable_lots",
    text: `SELECT i.id AS "stockId", i.location_id AS "locationId", s.lot, to_char(l.expires_on, 'YYYY-MM-DD') AS "expiresOn",
        (extract(epoch FROM s.since) * 1000)::float8 AS since, coalesce(l.held_at IS NOT NULL, false) AS "isOnHold", s.quantity AS available
      FROM inventory_items i CROSS JOIN LATERAL (
        SELECT lot, quantity, since FROM stock_lots WHERE inventory_item_id = i.id
        UNION ALL SELECT NULL, greatest(i.quantity, 0) - coalesce((SELECT sum(quantity) FROM stock_lots WHERE inventory_item_id = i.id), 0)::int, NULL
      ) s LEFT JOIN lots l ON l.item_id = i.item_id AND l.number = s.lot
      WHERE i.id = ANY($1::int[]) AND i.condition = 'good' AND s.quantity > 0
      ORDER BY i.id, s.lot`,
    values: [stockIds],
  });
  return rows;
}
