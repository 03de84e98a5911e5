import type { PoolClient } from "pg";
import type { StockChange } from "../adapter.ts";
import type { Connection } from "../connections.ts";
import { findLinked, planDocument } from "../documents.ts";

/** What is kept of a movement that was told. */
export interface ReportedChange extends StockChange {
  item: number;
  location: number;
}

/** New positions that are begun with in one pass. */
const NEW_LEVELS = 500;

/**
 * Begins with items at places that have a warehouse there: what there is counts as told, and what differs shows when the levels are
 * compared. Nothing is posted for the past.
 */
export async function beginLevels(client: PoolClient, connection: Connection): Promise<void> {
  const places = connection.options.warehouses.map(({ location_id }) => location_id);
  await client.query(
    `INSERT INTO erp_levels (connection_id, item_id, location_id, told, by_orders)
    SELECT $1, n.item_id, n.location_id, erp_stock(n.item_id, n.location_id) - erp_stock_by_orders($1, n.item_id, n.location_id), told_by_orders($1, n.item_id, n.location_id)
    FROM (SELECT d.local_id::int AS item_id, p.id AS location_id FROM erp_documents d CROSS JOIN unnest($2::int[]) AS p (id)
      WHERE d.connection_id = $1 AND d.direction = 'in' AND d.kind = 'item' AND d.state = 'linked' AND d.local_id IS NOT NULL
        AND EXISTS (SELECT FROM locations l WHERE l.id = p.id)
        AND NOT EXISTS (SELECT FROM erp_levels e WHERE (e.connection_id, e.item_id, e.location_id) = ($1, d.local_id, p.id))
      LIMIT $3) n
    ON CONFLICT DO NOTHING`,
    [connection.id, places, NEW_LEVELS],
  );
}

/**
 * Posts what the stock of an item has changed by since it was told, without what orders of the ERP tell by themselves. What was posted
 * stays: a late fact that changes the past is the next movement, to the other side.
 */
export async function planStock(client: PoolClient, connection: Connection, itemId: number): Promise<void> {
  const item = await findLinked(client, connection.id, "item", itemId);
  if (item === undefined) return;
  for (const { external_id: warehouseId, location_id: location } of connection.options.warehouses) {
    const { rows } = await client.query<{ told: number; now: number; movements: number }>(
      `SELECT told::float8, movements, (erp_stock(item_id, location_id) - erp_stock_by_orders(connection_id, item_id, location_id))::float8 AS now
      FROM erp_levels WHERE connection_id = $1 AND item_id = $2 AND location_id = $3 FOR UPDATE`,
      [connection.id, itemId, location],
    );
    const [level] = rows;
    if (level === undefined || level.now === level.told) continue;
    const content: ReportedChange = {
      itemId: item.externalId!,
      warehouseId,
      delta: level.now - level.told,
      at: new Date().toISOString(),
      item: itemId,
      location,
    };
    const key = `${connection.key}-stock-${itemId}-${location}-${level.movements + 1}`;
    const kind = (await wasCounted(client, itemId, location)) ? "count" : "movement";
    await planDocument(client, connection.id, { key, kind, localId: itemId, content });
    await client.query(
      "UPDATE erp_levels SET told = $4, movements = movements + 1 WHERE connection_id = $1 AND item_id = $2 AND location_id = $3",
      [connection.id, itemId, location, level.now],
    );
  }
}

/** Whether the newest change of the stock was that somebody has counted it. A sensor counts all the time. */
async function wasCounted(client: PoolClient, itemId: number, location: number): Promise<boolean> {
  const { rows } = await client.query<{ counted: boolean }>(
    `WITH RECURSIVE within AS (SELECT $2::int AS id UNION SELECT l.id FROM locations l JOIN within w ON l.parent_id = w.id)
    SELECT f.type IN ('counted', 'lot_counted') AND coalesce(f.data ->> 'source', '') NOT IN ('scale', 'rfid') AS counted
    FROM inventory_items i CROSS JOIN LATERAL (SELECT m.id FROM movements m WHERE m.inventory_item_id = i.id ORDER BY m.id DESC LIMIT 1) m
    JOIN facts f ON f.id = m.id
    WHERE i.item_id = $1 AND i.location_id IN (SELECT id FROM within) ORDER BY m.id DESC LIMIT 1`,
    [itemId, location],
  );
  return rows[0]?.counted === true;
}
