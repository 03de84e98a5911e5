import type { NewFact } from "../fact.ts";
import type { ShipmentContext, ShipmentState } from "./shipment.ts";

/** Of several reads, or of an order of antennas; below: a lone read, which may be a neighbour's leaking in. */
const FIRM = 0.85;
/** Of the order in which a portal's antennas peaked: it moved, and this way. */
const MOVED_IN = 0.9;

/**
 * What a tag read inside a place says of a shipment, against what else is known of it: that it is there, nothing, or
 * something that does not fit. When that is said a second time, it is so.
 */
export function weigh(
  state: ShipmentState,
  there: number,
  { confidence }: NewFact & { type: "seen" },
  context: ShipmentContext,
): "there" | "nothing" | "contradiction" {
  // A lone read does not bring it back to where a person has just said it no longer is.
  if (state.overruled?.locationId === there && confidence < FIRM) return "nothing";
  // Loaded, its truck still at the dock, where antennas see into it: only a passage says that it was taken off again.
  const atTheDock = state.vehicleId !== null && state.locationId === there && !state.evidence.vehicle;
  if (atTheDock && confidence < MOVED_IN) return "nothing";
  if (state.status === "exception" || !cannotBe(state, there, context)) return "there";
  return confidence < FIRM ? "nothing" : "contradiction";
}

/** Its vehicle is inside another place's fence; or it was brought to its destination, and nothing has carried it off. */
function cannotBe(state: ShipmentState, there: number, { destinationId, places }: ShipmentContext): boolean {
  const { status, vehicleId, vehicleIn, locationId, evidence } = state;
  if (vehicleId !== null && vehicleIn.length > 0) {
    return !vehicleIn.includes(there) && places.get(there)?.hasGeofence === true;
  }
  return status === "arrived" && evidence.vehicle && locationId === destinationId && there !== destinationId;
}
