import { createFenceIndex } from "../../../ingest/domain/geo/fence-index.ts";
import { distanceToEdgeM, type Point } from "../../../ingest/domain/geo/geofence.ts";
import { readFence, type StoredFence } from "../../../ingest/domain/geo/stored-fence.ts";
import type { Reader } from "../../auth/limits.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { whereWithin } from "../analytics/report.ts";

/** A place in whose geofence a vehicle stopped. */
interface StopPlace {
  id: number;
  name: string;
}

/** Finds the place in whose geofence a point lies now; of several the one with the smallest geofence. */
type FindPlace = (point: Point) => StopPlace | undefined;

/** @param within only this location and those below it */
export async function loadStopPlaces(db: Reader, within?: number): Promise<FindPlace> {
  const conditions = whereWithin(new Conditions().is("geofence IS NOT NULL", true), "id", within);
  const { rows } = await db.query<StopPlace & { geofence: StoredFence }>(
    `SELECT id, name, geofence FROM locations ${conditions.sql}`,
    conditions.values,
  );
  const places = new Map(rows.map(({ id, name }) => [id, { id, name }]));
  const fences = createFenceIndex(rows.map(({ id, geofence }) => ({ locationId: id, fence: readFence(geofence) })));
  return (point) => {
    const [smallest] = fences
      .near(point)
      .filter(({ fence }) => distanceToEdgeM(point, fence) <= 0)
      .toSorted((a, b) => a.sizeM - b.sizeM || a.locationId - b.locationId);
    return smallest && places.get(smallest.locationId);
  };
}
