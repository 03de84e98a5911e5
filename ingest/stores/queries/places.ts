import type { Pool, PoolClient } from "pg";
import type { Place } from "../../domain/place.ts";

/** Every location, as the folds need it. */
export async function loadPlaces(client: Pool | PoolClient): Promise<Map<number, Place>> {
  const { rows } = await client.query<Place>({
    name: "load_places",
    text: `SELECT id, stage, geofence IS NOT NULL AS "hasGeofence" FROM locations`,
  });
  return new Map(rows.map((row) => [row.id, row]));
}
