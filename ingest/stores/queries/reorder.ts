import type { PoolClient } from "pg";
import type { DemandHistory } from "../../domain/stock/reorder.ts";
import { msOfTime } from "../sql-time.ts";

/** A stock position as reordering sees it. */
export interface ReorderStock {
  id: number;
  itemId: number;
  locationId: number;
  available: number;
  onOrder: number;
  inTransit: number;
  reorderPoint: number;
  supplierId: number | null;
  leadTimeDays: number | null;
  minimumQuantity: number | null;
  packQuantity: number | null;
  valueCents: number | null;
  /** since when it is short; epoch milliseconds. null: it was not */
  shortSince: number | null;
  /** the draft that was made for it */
  draftId: number | null;
  draftQuantity: number | null;
  draftVersion: number | null;
  /** a person has changed what it orders */
  isDraftChanged: boolean;
  /** when a person last dismissed a draft for it; epoch milliseconds. null: never */
  dismissedAt: number | null;
  /** its place's time zone, else that of the nearest place above; IANA, as somebody entered it */
  timeZone: string | null;
}

/**
 * The positions that may be short or were: projected stock is never below what is available, so those that are not low are
 * not short.
 */
export async function loadReorderStock(client: PoolClient): Promise<ReorderStock[]> {
  const { rows } = await client.query<ReorderStock>({
    name: "load_reorder_stock",
    text: `SELECT i.id, i.item_id AS "itemId", i.location_id AS "locationId", greatest(i.quantity, 0) - i.reserved AS available,
        on_order(i.id)::float8 AS "onOrder", in_transit(i.id)::float8 AS "inTransit",
        i.reorder_point AS "reorderPoint", p.id AS "supplierId", p.lead_time_days AS "leadTimeDays",
        p.minimum_quantity AS "minimumQuantity", p.pack_quantity AS "packQuantity", t.value_cents::float8 AS "valueCents", extract(epoch FROM h.since)::float8 * 1000 AS "shortSince", d.id AS "draftId",
        (SELECT sum(quantity)::float8 FROM order_lines WHERE order_id = d.id) AS "draftQuantity",
        d.version::float8 AS "draftVersion", d.id IS NOT NULL AND NOT is_as_proposed(d) AS "isDraftChanged", ${msOfTime("q.at")} AS "dismissedAt",
        CASE WHEN q.at IS NOT NULL THEN (WITH RECURSIVE above AS (SELECT id, parent_id, time_zone, 0 AS height FROM locations WHERE id = i.location_id
            UNION ALL SELECT l.id, l.parent_id, l.time_zone, above.height + 1 FROM above JOIN locations l ON l.id = above.parent_id
              WHERE above.time_zone IS NULL AND above.height < 50)
          SELECT time_zone FROM above WHERE time_zone IS NOT NULL ORDER BY height LIMIT 1) END AS "timeZone"
      FROM inventory_items i JOIN items t ON t.id = i.item_id LEFT JOIN parties p ON p.id = t.supplier_id
        LEFT JOIN shortages h ON h.inventory_item_id = i.id
        LEFT JOIN orders d ON d.made_for = i.id AND d.status = 'draft'
        LEFT JOIN LATERAL (SELECT max(dismissed_at) AS at FROM orders WHERE made_for = i.id AND dismissed_at IS NOT NULL) q ON true
      WHERE i.id IN (SELECT id FROM inventory_items WHERE is_low AND reorder_point > 0 UNION SELECT inventory_item_id FROM shortages)
      ORDER BY i.id`,
  });
  return rows;
}

/** What was taken from positions, by id. Those without movements are missing. */
export async function loadDemand(client: PoolClient, ids: readonly number[]): Promise<Map<number, DemandHistory>> {
  const { rows } = await client.query<DemandHistory & { id: number }>({
    name: "load_demand",
    text: `SELECT i.id, d.days, d.taken, d.taken_squared AS "takenSquared" FROM unnest($1::int[]) AS i (id), demand_of(i.id) d
      WHERE d.days IS NOT NULL`,
    values: [ids],
  });
  return new Map(rows.map(({ id, ...history }) => [id, history]));
}

export async function beginShortages(client: PoolClient, ids: readonly number[]): Promise<void> {
  await client.query(
    "INSERT INTO shortages (inventory_item_id) SELECT unnest($1::int[]) ON CONFLICT (inventory_item_id) DO NOTHING",
    [ids],
  );
}

/** Ends shortages, and cancels the drafts that nobody has approved or changed. */
export async function endShortages(client: PoolClient, ids: readonly number[]): Promise<void> {
  await client.query("DELETE FROM shortages WHERE inventory_item_id = ANY($1::int[])", [ids]);
  await client.query(
    `UPDATE orders SET status = 'cancelled', updated_at = now(), version = version + 1 WHERE made_for = ANY($1::int[]) AND status = 'draft' AND is_as_proposed(orders)`,
    [ids],
  );
}

export interface Draft {
  stockId: number;
  itemId: number;
  locationId: number;
  supplierId: number | null;
  quantity: number;
}

/**
 * Adds the draft of a shortage: its goods go to the position that is short, so it is of the owner of that. What no owner has goes to the
 * main position, unless it says otherwise.
 * @returns its id; undefined when there is one
 */
export async function addDraft(client: PoolClient, draft: Draft): Promise<number | undefined> {
  const { rows } = await client.query<{ id: number }>(
    `WITH drafted AS (INSERT INTO orders (kind, location_id, supplier_id, made_for, owner_id, takes_in_main, proposed_quantity)
        SELECT 'restock', $1::int, $2::int, i.id, i.owner_id, CASE WHEN i.owner_id IS NULL AND NOT i.is_main THEN false END, $5::int
        FROM inventory_items i WHERE i.id = $3::int
        ON CONFLICT (made_for) WHERE made_for IS NOT NULL AND status = 'draft' DO NOTHING RETURNING id)
    INSERT INTO order_lines (order_id, line, item_id, quantity) SELECT id, 1, $4::int, $5::int FROM drafted RETURNING order_id AS id`,
    [draft.locationId, draft.supplierId, draft.stockId, draft.itemId, draft.quantity],
  );
  return rows[0]?.id;
}

/** Changes the quantity of a draft that nobody has approved or changed meanwhile. */
export async function changeDraft(
  client: PoolClient,
  { id, version }: { id: number; version: number },
  quantity: number,
): Promise<void> {
  await client.query(
    `WITH raised AS (UPDATE orders SET proposed_quantity = $2, updated_at = now(), version = version + 1 WHERE id = $1 AND status = 'draft' AND version = $3 RETURNING id)
    UPDATE order_lines l SET quantity = $2 FROM raised WHERE l.order_id = raised.id AND l.line = 1`,
    [id, quantity, version],
  );
}
