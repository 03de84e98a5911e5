import { type Geofence, multiPolygonFence, polygonFence, type Rings } from "./geofence.ts";

/** A geofence as the column of a location holds it. */
export type StoredFence =
  | { type: "Polygon"; coordinates: Rings }
  | { type: "MultiPolygon"; coordinates: Rings[] }
  | { lat: number; lon: number; radius_m: number };

export function readFence(stored: StoredFence): Geofence {
  if ("type" in stored) {
    return stored.type === "Polygon" ? polygonFence(stored.coordinates) : multiPolygonFence(stored.coordinates);
  }
  return { shape: "circle", centre: { lat: stored.lat, lon: stored.lon }, radiusM: stored.radius_m };
}
