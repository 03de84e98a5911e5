import type { PoolClient } from "pg";
import { recordFacts } from "../../http/record-facts.ts";
import { notifyStockChanged } from "../inventory/notify.ts";
import type { Subject } from "../../../ingest/domain/fact.ts";

/** Where each scale is mounted now: the product it weighs at a location. */
const MOUNTED = `SELECT d.id AS device_id, (m.mount ->> 'item_id')::int AS item_id, (m.mount ->> 'location_id')::int AS location_id
  FROM devices d JOIN LATERAL (SELECT mount FROM device_mounts WHERE device_id = d.id AND since <= now() ORDER BY since DESC LIMIT 1) m ON true
  WHERE m.mount ? 'item_id' AND d.state <> 'retired'`;

/**
 * Makes stock follow a scale that was mounted or taken off: the product below it is kept there from now on, with the scale
 * as its source, and the ledger governs again where the last scale has gone. Without a position, what the scale says would
 * count nothing, and nobody would know. Call it after the mount is recorded, or before the device is removed.
 */
export async function followScale(client: PoolClient, deviceId: string, isRemoved = false): Promise<void> {
  const { rows } = await client.query<{ id: number }>(
    `WITH mounted AS (${MOUNTED}), here AS (SELECT * FROM mounted WHERE device_id = $1 AND NOT $2),
      gained AS (
        INSERT INTO inventory_items (item_id, location_id, source, made_for, inherits_reorder_point)
          SELECT item_id, location_id, 'scale', $1, true FROM here
        ON CONFLICT (item_id, location_id) WHERE is_main DO UPDATE SET source = 'scale', updated_at = now() WHERE inventory_items.source = 'ledger'
        RETURNING id
      ), left_behind AS (
        SELECT i.id FROM inventory_items i WHERE i.source = 'scale'
          AND EXISTS (SELECT FROM device_mounts m WHERE m.device_id = $1
            AND m.mount @> jsonb_build_object('item_id', i.item_id, 'location_id', i.location_id))
          AND NOT EXISTS (SELECT FROM mounted m WHERE m.item_id = i.item_id AND m.location_id = i.location_id
            AND NOT (m.device_id = $1 AND $2))
      ), lost AS (
        UPDATE inventory_items SET source = 'ledger', updated_at = now() WHERE id IN (SELECT id FROM left_behind) RETURNING id
      )
    SELECT id FROM gained UNION ALL SELECT id FROM lost ORDER BY id`,
    [deviceId, isRemoved],
  );
  if (rows.length === 0) return;
  await client.query(
    `DELETE FROM inventory_items i WHERE id = ANY($1::int[]) AND made_for IS NOT NULL AND source = 'ledger' AND measured_at IS NULL
      AND NOT EXISTS (SELECT FROM facts f WHERE f.subject = 'stock:' || i.id)`,
    [rows.map(({ id }) => id)],
  );
  // Those that were removed are folded no more.
  await notifyStockChanged(
    client,
    rows.map(({ id }) => id),
  );
  await recordFacts(client, { facts: [], refold: rows.map(({ id }): Subject => `stock:${id}`) });
}
