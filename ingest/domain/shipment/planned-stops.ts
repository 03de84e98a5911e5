import { fenceOf, isAtDestination, isPartOf } from "./place-parts.ts";
import type { PlannedHandling, ShipmentContext, ShipmentState } from "./state.ts";

/*
 * What planned trips say of a shipment:
 *
 * 1. Where a trip loads or unloads it, it may be put down, although that is not its destination: goods change vehicles there.
 *    At a stop that is planned for other goods it is still in the wrong place.
 * 2. On the way to a stop that is not its destination it is in transit, and not out for delivery.
 */

/** Whether a planned trip loads or unloads the shipment at this place. */
export function isPlannedStop(locationId: number | null, context: ShipmentContext): boolean {
  if (locationId === null) return false;
  return (context.plannedStops ?? []).some(
    (stop) => isPartOf(locationId, stop.locationId, context) || fenceOf(stop.locationId, context) === locationId,
  );
}

/** Whether the vehicle is to bring the shipment to another place than its destination. At `at` (ms) the trip nearest in time counts. */
export function isOnWayToTransfer({ vehicleId }: ShipmentState, at: number, context: ShipmentContext): boolean {
  const unloadings = (context.plannedStops ?? []).filter(
    (stop) => stop.vehicleId === vehicleId && stop.action === "unload",
  );
  const [nearest] = unloadings.toSorted((a, b) => distanceMs(a, at) - distanceMs(b, at) || a.from - b.from);
  return nearest !== undefined && !isAtDestination(nearest.locationId, context);
}

function distanceMs({ from, to }: PlannedHandling, at: number): number {
  return Math.max(0, from - at, at - to);
}
