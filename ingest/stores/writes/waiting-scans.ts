import type { Pool } from "pg";
import type { Write } from "../statement.ts";

/** Scans in quarantine that may be accepted now; at most so many are tried again at once. */
const MAX_RETRIED = 200;

/** Keeps products at locations from now on (a scale that is mounted for them governs), and has the scans retried that were refused because they were not. */
export async function createStockPositions(
  pool: Pool,
  positions: readonly { itemId: number; locationId: number }[],
): Promise<void> {
  await pool.query({
    name: "create_stock_positions",
    text: `WITH created AS (
        INSERT INTO inventory_items (item_id, location_id, inherits_reorder_point, source)
        SELECT DISTINCT item, location, true, CASE WHEN EXISTS (SELECT FROM devices d JOIN LATERAL (
            SELECT mount FROM device_mounts m WHERE m.device_id = d.id ORDER BY m.since DESC LIMIT 1) newest ON true
            WHERE newest.mount @> jsonb_build_object('item_id', item, 'location_id', location)) THEN 'scale' ELSE 'ledger' END
        FROM unnest($1::int[], $2::int[]) AS t (item, location) ORDER BY item, location
        ON CONFLICT (item_id, location_id) WHERE is_main DO NOTHING RETURNING id
      )
      UPDATE quarantine SET retry_requested_at = now() WHERE EXISTS (SELECT FROM created)
        AND id IN (SELECT id FROM quarantine WHERE reason = 'not-kept-there' AND retry_requested_at IS NULL ORDER BY id DESC LIMIT ${MAX_RETRIED})`,
    values: [positions.map(({ itemId }) => itemId), positions.map(({ locationId }) => locationId)],
  });
}

/** Has the scans retried that scanners on these vehicles made before it was known where the vehicle was. */
export function retryScansAboard(vehicleIds: readonly number[]): Write {
  return {
    name: "scans_retried",
    sql: `UPDATE quarantine SET retry_requested_at = now() WHERE id IN (
        SELECT q.id FROM quarantine q JOIN device_mounts m ON m.device_id = q.device_id AND (m.mount ->> 'vehicle_id')::int = ANY($1::int[])
        WHERE q.reason = 'no-location' AND q.retry_requested_at IS NULL ORDER BY q.id DESC LIMIT ${MAX_RETRIED})`,
    params: [vehicleIds],
  };
}

/** Which of these sources are in quarantine. */
export async function findQuarantined(pool: Pool, sources: readonly string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ source: string }>({
    name: "find_quarantined",
    text: "SELECT source FROM quarantine WHERE source = ANY($1::text[])",
    values: [sources],
  });
  return new Set(rows.map(({ source }) => source));
}
