import { transaction } from "../../../ingest/decisions/record-facts.ts";
import { openConflict } from "./conflicts.ts";
import type { Pass } from "./pass-tools.ts";

/** Items whose levels are read at once. */
const AT_ONCE = 50;

interface Level {
  itemId: number;
  locationId: number;
  documentId: number;
  externalId: string;
  sku: string;
  place: string;
}

/**
 * Compares the stock there with what the ERP was told: nothing is changed by it, what differs is shown. Items of which something waits
 * to be told are left out.
 */
export async function compareLevels({ pool, connection, adapter, owned, stopping }: Pass): Promise<void> {
  const { warehouses } = connection.options;
  if (warehouses.length === 0) return;
  for (let after = 0; !stopping.aborted;) {
    const { rows } = await pool.query<Level>(
      `SELECT l.item_id AS "itemId", l.location_id AS "locationId", d.id::float8 AS "documentId", d.external_id AS "externalId", t.sku, p.name AS place
      FROM (SELECT DISTINCT item_id FROM erp_levels WHERE connection_id = $1 AND item_id > $2 ORDER BY item_id LIMIT ${AT_ONCE}) i
      JOIN erp_levels l ON l.connection_id = $1 AND l.item_id = i.item_id
      JOIN erp_documents d ON d.connection_id = $1 AND d.direction = 'in' AND d.kind = 'item' AND d.local_id = l.item_id AND d.state = 'linked'
      JOIN items t ON t.id = l.item_id JOIN locations p ON p.id = l.location_id
      ORDER BY l.item_id, l.location_id`,
      [connection.id, after],
    );
    if (rows.length === 0) return;
    after = rows.at(-1)!.itemId;
    const itemIds = [...new Set(rows.map(({ externalId }) => externalId))];
    const there = await adapter.levels(
      itemIds,
      warehouses.map(({ external_id }) => external_id),
    );
    await transaction(pool, async (client) => {
      await owned(client);
      for (const row of rows) {
        const warehouse = warehouses.find(({ location_id }) => location_id === row.locationId)?.external_id;
        const theirs = there.find(
          ({ itemId, warehouseId }) => itemId === row.externalId && warehouseId === warehouse,
        )?.quantity;
        if (warehouse === undefined || theirs === undefined) continue;
        const { rows: told } = await client.query<{ expected: number; waits: boolean }>(
          `UPDATE erp_levels l SET theirs = $4 WHERE connection_id = $1 AND item_id = $2 AND location_id = $3
          RETURNING (told + by_orders)::float8 AS expected, EXISTS (SELECT FROM erp_documents d WHERE d.connection_id = $1 AND d.direction = 'out'
            AND d.state IN ('waiting', 'reversing') AND ((d.kind IN ('movement', 'count') AND d.local_id = $2)
              OR (d.kind IN ('delivery', 'receipt') AND d.content -> 'lines' @> jsonb_build_array(jsonb_build_object('item', $2::int))))) AS waits`,
          [connection.id, row.itemId, row.locationId, theirs],
        );
        const [level] = told;
        if (level === undefined || level.waits) continue;
        const subject = String(row.locationId);
        if (level.expected === theirs) {
          await client.query(
            `UPDATE erp_conflicts SET state = 'resolved', resolved_at = now(), updated_at = now()
            WHERE document_id = $1 AND type = 'level_differs' AND subject = $2 AND state = 'open'`,
            [row.documentId, subject],
          );
          continue;
        }
        await openConflict(client, connection.id, {
          type: "level_differs",
          kind: "item",
          documentId: row.documentId,
          localId: row.itemId,
          externalId: row.externalId,
          subject,
          message: `of ${row.sku} at ${row.place} the ERP has ${theirs}, and by what it was told it should have ${level.expected}`,
          ours: { quantity: level.expected, location_id: row.locationId, item_id: row.itemId },
          theirs: { quantity: theirs, warehouse },
        });
      }
    });
  }
}
