import type { PoolClient } from "pg";
import type { Fenced } from "../../../domain/geo/fence-index.ts";
import { type Geofence, multiPolygonFence, polygonFence, type Rings } from "../../../domain/geo/geofence.ts";

type StoredFence =
  | { type: "Polygon"; coordinates: Rings }
  | { type: "MultiPolygon"; coordinates: Rings[] }
  | { lat: number; lon: number; radius_m: number };

/** Reads the geofences by location. @param ids only these; all when undefined */
export async function readFences(client: PoolClient, ids?: readonly number[]): Promise<Map<number, Fenced>> {
  const { rows } = await client.query<{ id: number; geofence: StoredFence }>(
    `SELECT id, geofence FROM locations WHERE geofence IS NOT NULL ${ids ? "AND id = ANY($1::int[])" : ""}`,
    ids ? [ids] : [],
  );
  return new Map(rows.map(({ id, geofence }) => [id, { locationId: id, fence: readFence(geofence) }]));
}

function readFence(stored: StoredFence): Geofence {
  if ("type" in stored) {
    return stored.type === "Polygon" ? polygonFence(stored.coordinates) : multiPolygonFence(stored.coordinates);
  }
  return { shape: "circle", centre: { lat: stored.lat, lon: stored.lon }, radiusM: stored.radius_m };
}
