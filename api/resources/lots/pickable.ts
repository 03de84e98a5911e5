import type { PickableLot } from "../../../ingest/domain/stock/propose-lots.ts";
import type { Reader } from "../../auth/limits.ts";

interface Wanted {
  itemId: number;
  /** only there */
  locationIds?: readonly number[];
  /** null: what has no owner; undefined: of any owner */
  ownerId?: number | null | undefined;
}

/**
 * What of an item could be picked where, by lot, for `proposeLots` (ingest/domain/stock/propose-lots.ts): all lots of what is
 * good, with their dates and holds, and what has no lot that is known. `available` is what is there: what is reserved, which names
 * no lot, the caller takes off.
 */
export async function loadPickableLots(db: Reader, { itemId, locationIds, ownerId }: Wanted): Promise<PickableLot[]> {
  const { rows } = await db.query<PickableLot>({
    name: "api_pickable_lots",
    text: `SELECT i.id AS "stockId", i.location_id AS "locationId", s.lot, to_char(l.expires_on, 'YYYY-MM-DD') AS "expiresOn",
        (extract(epoch FROM s.since) * 1000)::float8 AS since, coalesce(l.held_at IS NOT NULL, false) AS "isOnHold", s.quantity AS available
      FROM inventory_items i CROSS JOIN LATERAL (
        SELECT lot, quantity, since FROM stock_lots WHERE inventory_item_id = i.id
        UNION ALL SELECT NULL, greatest(i.quantity, 0) - coalesce((SELECT sum(quantity) FROM stock_lots WHERE inventory_item_id = i.id), 0)::int, NULL
      ) s LEFT JOIN lots l ON l.item_id = i.item_id AND l.number = s.lot
      WHERE i.item_id = $1 AND i.condition = 'good' AND s.quantity > 0 AND ($2::int[] IS NULL OR i.location_id = ANY($2))
        AND ($3::boolean OR i.owner_id IS NOT DISTINCT FROM $4::int)
      ORDER BY i.id, s.lot`,
    values: [itemId, locationIds ?? null, ownerId === undefined, ownerId ?? null],
  });
  return rows;
}
