import type { Pool, PoolClient } from "pg";
import type { Place } from "../../domain/place.ts";

/** Locations, as the folds need them. @param ids only these; all when undefined */
export async function loadPlaces(client: Pool | PoolClient, ids?: readonly number[]): Promise<Map<number, Place>> {
  const text = `SELECT id, stage, geofence IS NOT NULL AS "hasGeofence", parent_id AS "parentId" FROM locations`;
  const { rows } = await client.query<Place>(
    ids
      ? { name: "load_places_by_id", text: `${text} WHERE id = ANY($1::int[])`, values: [ids] }
      : { name: "load_places", text },
  );
  return new Map(rows.map((row) => [row.id, row]));
}
