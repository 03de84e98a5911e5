import type { Pool } from "pg";
import type { Write } from "../statement.ts";

/** Scans in quarantine that may be accepted now; at most so many are tried again at once. */
const MAX_RETRIED = 200;

/** Good goods of a product that are to be kept at a location. */
export interface MissingPosition {
  itemId: number;
  locationId: number;
  /** null, as undefined: they have no owner */
  ownerId?: number | null;
  /** false: the position of this owner is meant; it is the main one where there is none yet. Else the main one, whose ever it is */
  isMain?: boolean;
}

/** Keeps products at locations from now on (a scale that is mounted for them governs), and has the scans retried that were refused because they were not. */
export async function createStockPositions(pool: Pool, positions: readonly MissingPosition[]): Promise<void> {
  await pool.query({
    name: "create_stock_positions",
    text: `WITH created AS (
        INSERT INTO inventory_items (item_id, location_id, owner_id, inherits_reorder_point, is_main, source)
        SELECT DISTINCT item, location, owner, true, is_main, CASE WHEN is_main AND EXISTS (SELECT FROM devices d JOIN LATERAL (
            SELECT mount FROM device_mounts m WHERE m.device_id = d.id ORDER BY m.since DESC LIMIT 1) newest ON true
            WHERE newest.mount @> jsonb_build_object('item_id', item, 'location_id', location)) THEN 'scale' ELSE 'ledger' END
        FROM unnest($1::int[], $2::int[], $3::int[], $4::boolean[]) AS t (item, location, owner, wants_main)
          CROSS JOIN LATERAL (SELECT wants_main OR NOT EXISTS (SELECT FROM inventory_items i
            WHERE i.item_id = item AND i.location_id = location AND i.is_main) AS is_main) m
        ORDER BY item, location, owner NULLS FIRST
        ON CONFLICT DO NOTHING RETURNING id
      )
      UPDATE quarantine SET retry_requested_at = now() WHERE EXISTS (SELECT FROM created)
        AND id IN (SELECT id FROM quarantine WHERE reason = 'not-kept-there' AND retry_requested_at IS NULL ORDER BY id DESC LIMIT ${MAX_RETRIED})`,
    values: [
      positions.map(({ itemId }) => itemId),
      positions.map(({ locationId }) => locationId),
      positions.map(({ ownerId }) => ownerId ?? null),
      positions.map(({ isMain = true }) => isMain),
    ],
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
