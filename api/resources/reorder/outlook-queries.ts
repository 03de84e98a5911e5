import { coverOf, projectedOf } from "../../../ingest/domain/stock/reorder.ts";
import type { Reader } from "../../auth/limits.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { ARRIVALS, AWAITED_ORDERS, IN_TRANSIT_LATE } from "./arrivals.ts";
import type { StockOutlook } from "./outlook-schema.ts";

export interface OutlookFilter {
  /** id of the last one on the page before */
  after: number | undefined;
  inventoryItemId: number | undefined;
  inventoryItemIds: readonly number[] | undefined;
  itemId: number | undefined;
  locationId: number | undefined;
  limit: number;
}

type Row = Omit<StockOutlook, "projected" | keyof ReturnType<typeof coverOf>> & { days: number | null; taken: number };

/**
 * What is expected at stock positions, and how long what they have lasts, by id. Nothing is expected of damaged or held goods: their
 * quantities are 0.
 */
export async function listOutlooks(db: Reader, filter: OutlookFilter): Promise<StockOutlook[]> {
  const conditions = new Conditions()
    .where("i.id > ?", filter.after)
    .where("i.id = ?", filter.inventoryItemId)
    .where("i.id = ANY (?::int[])", filter.inventoryItemIds)
    .where("i.item_id = ?", filter.itemId)
    .where("i.location_id = ?", filter.locationId);
  const { rows } = await db.query<Row>(
    `SELECT i.id, i.item_id, i.location_id, i.unit, i.available, s.*, d.days, d.taken FROM (
      SELECT i.id, i.item_id, i.location_id, t.base_unit AS unit, i.condition,
        CASE WHEN i.condition = 'good' THEN greatest(i.quantity, 0) - i.reserved ELSE 0 END AS available
      FROM inventory_items i JOIN items t ON t.id = i.item_id
      ${conditions.sql} ORDER BY i.id LIMIT ${conditions.parameter(filter.limit)}) i
    CROSS JOIN LATERAL (SELECT
      CASE WHEN i.condition = 'good' THEN on_order(i.id)::float8 ELSE 0 END AS on_order,
      CASE WHEN i.condition = 'good' THEN in_transit(i.id)::float8 ELSE 0 END AS in_transit,
      CASE WHEN i.condition = 'good' THEN ${IN_TRANSIT_LATE} ELSE 0 END AS in_transit_late,
      CASE WHEN i.condition = 'good' THEN ${AWAITED_ORDERS} ELSE '[]' END AS orders,
      CASE WHEN i.condition = 'good' THEN ${ARRIVALS} ELSE '[]' END AS arrivals) s
    CROSS JOIN LATERAL demand_of(i.id) d ORDER BY i.id`,
    conditions.values,
  );
  return rows.map(({ days, taken, ...row }) => ({
    ...row,
    projected: projectedOf({ available: row.available, onOrder: row.on_order, inTransit: row.in_transit }),
    ...coverOf(row.available, days === null ? null : { days, taken }),
  }));
}
