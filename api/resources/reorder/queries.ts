import { demandFigures, orderQuantity, projectedOf } from "../../../ingest/domain/stock/reorder.ts";
import type { Reader } from "../../auth/limits.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { REORDER_POINT_SOURCE } from "../inventory/queries.ts";
import { ARRIVALS, AWAITED_ORDERS, IN_TRANSIT_LATE } from "./arrivals.ts";
import type { ReorderSuggestion } from "./schema.ts";

interface Row {
  id: number;
  item_id: number;
  name: string;
  sku: string;
  location_id: number;
  unit: string;
  available: number;
  on_order: number;
  in_transit: number;
  in_transit_late: number;
  orders: ReorderSuggestion["orders"];
  arrivals: ReorderSuggestion["arrivals"];
  reorder_point: number;
  reorder_point_source: ReorderSuggestion["reorder_point_source"];
  reorder_point_location_id: number | null;
  supplier_id: number | null;
  order_id: number | null;
  leadTimeDays: number | null;
  minimumQuantity: number | null;
  packQuantity: number | null;
  valueCents: number | null;
  days: number | null;
  taken: number;
  takenSquared: number;
}

export interface SuggestionFilter {
  /** id of the last one on the page before */
  after: number | undefined;
  inventoryItemId: number | undefined;
  locationId: number | undefined;
  limit: number;
}

/** Positions whose projected stock is at or below their reorder point, by id. Those that are not low are not short. */
export async function listSuggestions(
  db: Reader,
  { after, inventoryItemId, locationId, limit }: SuggestionFilter,
): Promise<ReorderSuggestion[]> {
  const conditions = new Conditions()
    .is("i.is_low AND i.reorder_point > 0", true)
    .where("i.id > ?", after)
    .where("i.id = ?", inventoryItemId)
    .where("i.location_id = ?", locationId);
  const { rows } = await db.query<Row>(
    `SELECT i.*, ${IN_TRANSIT_LATE} AS in_transit_late, ${AWAITED_ORDERS} AS orders, ${ARRIVALS} AS arrivals, d.days, d.taken, d.taken_squared AS "takenSquared" FROM (
      SELECT i.id, i.item_id, t.name, t.sku, i.location_id, t.base_unit AS unit, greatest(i.quantity, 0) - i.reserved AS available,
        s.on_order, s.in_transit, i.reorder_point, ${REORDER_POINT_SOURCE}, p.id AS supplier_id,
        (SELECT o.id FROM orders o WHERE o.made_for = i.id AND o.status = 'draft') AS order_id, p.lead_time_days AS "leadTimeDays",
        p.minimum_quantity AS "minimumQuantity", p.pack_quantity AS "packQuantity", t.value_cents::float8 AS "valueCents"
      FROM inventory_items i JOIN items t ON t.id = i.item_id LEFT JOIN parties p ON p.id = t.supplier_id
        CROSS JOIN LATERAL (SELECT on_order(i.id)::float8 AS on_order,
          in_transit(i.id)::float8 AS in_transit) s
      ${conditions.sql} AND greatest(i.quantity, 0) - i.reserved + s.on_order + s.in_transit <= i.reorder_point
      ORDER BY i.id LIMIT ${conditions.parameter(limit)}) i CROSS JOIN LATERAL demand_of(i.id) d ORDER BY i.id`,
    conditions.values,
  );
  return rows.map(suggestionOf);
}

function suggestionOf({ days, taken, takenSquared, valueCents, ...row }: Row): ReorderSuggestion {
  const { leadTimeDays, minimumQuantity, packQuantity, ...shown } = row;
  const stock = {
    available: row.available,
    onOrder: row.on_order,
    inTransit: row.in_transit,
    reorderPoint: row.reorder_point,
  };
  const demand = days === null ? undefined : demandFigures({ days, taken, takenSquared }, leadTimeDays, valueCents);
  const terms = { leadTimeDays, minimumQuantity, packQuantity };
  return {
    ...shown,
    projected: projectedOf(stock),
    suggested_quantity: orderQuantity(stock, terms, demand?.economic_quantity ?? null),
    insufficient_history: demand === undefined,
    demand: demand ?? null,
  };
}
