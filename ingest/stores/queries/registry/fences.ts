import type { PoolClient } from "pg";
import type { Fenced } from "../../../domain/geo/fence-index.ts";
import { readFence, type StoredFence } from "../../../domain/geo/stored-fence.ts";

/** Reads the geofences by location. @param ids only these; all when undefined */
export async function readFences(client: PoolClient, ids?: readonly number[]): Promise<Map<number, Fenced>> {
  if (ids?.length === 0) return new Map();
  const { rows } = await client.query<{ id: number; geofence: StoredFence }>(
    `SELECT id, geofence FROM locations WHERE geofence IS NOT NULL ${ids ? "AND id = ANY($1::int[])" : ""}`,
    ids ? [ids] : [],
  );
  return new Map(rows.map(({ id, geofence }) => [id, { locationId: id, fence: readFence(geofence) }]));
}
