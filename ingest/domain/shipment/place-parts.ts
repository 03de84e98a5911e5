import type { Places } from "../place.ts";
import type { ShipmentContext } from "./state.ts";

/*
 * Places have parts: a shop has a dock, a warehouse has racks. What is true of a part:
 *
 * 1. Goods in a part of a place are in that place: at the dock of their destination they have arrived.
 * 2. A vehicle is seen by the geofence of the part, or by that of the nearest place around it that has one. So a destination
 *    without a geofence of its own is reached in the geofence around it.
 */

/** Locations nested deeper than this are not looked at: parents may have been entered in a circle. */
const MAX_DEPTH = 20;

/** The place itself, and the places around it, the nearest first. */
function* withSurroundings(locationId: number, places: Places): Generator<number> {
  let id: number | null | undefined = locationId;
  for (let depth = 0; depth < MAX_DEPTH && id !== null && id !== undefined; depth += 1) {
    yield id;
    id = places.get(id)?.parentId;
  }
}

/** The place whose geofence shows a vehicle there: itself, or the nearest one around it; null: there is none. */
export function fenceOf(locationId: number, { places }: { places: Places }): number | null {
  for (const id of withSurroundings(locationId, places)) if (places.get(id)?.hasGeofence === true) return id;
  return null;
}

/** Whether one place is the other, or a part of it. */
export function isPartOf(inner: number | null, outer: number | null, { places }: { places: Places }): boolean {
  if (inner === null || outer === null) return false;
  return inner === outer || [...withSurroundings(inner, places)].includes(outer);
}

/** Whether goods or a vehicle at this place are at the destination. */
export function isAtDestination(locationId: number | null, context: ShipmentContext): boolean {
  const { destinationId } = context;
  if (locationId === null || destinationId === null) return false;
  return isPartOf(locationId, destinationId, context) || fenceOf(destinationId, context) === locationId;
}
