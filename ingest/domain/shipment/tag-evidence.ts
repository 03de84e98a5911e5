import type { NewFact } from "../fact.ts";
import type { ShipmentContext, ShipmentState } from "./state.ts";

/** Confidence of several reads, or of an order of antennas. Below it is a single read: possibly a cross-read. */
const FIRM_CONFIDENCE = 0.85;
/** Confidence of a passage: the order in which a portal's antennas peaked shows that the tag moved in. */
const PASSAGE_CONFIDENCE = 0.9;

/**
 * Assesses a tag read inside the place `locationId` against what else is known of the shipment.
 * @returns `present`: the shipment is there. `insufficient`: the read changes nothing. `contradiction`: the shipment
 * cannot be there by other evidence; after a second contradiction in a row it is taken to be there.
 */
export function assessTagEvidence(
  state: ShipmentState,
  locationId: number,
  { confidence }: NewFact & { type: "seen" },
  context: ShipmentContext,
): "present" | "insufficient" | "contradiction" {
  // A person has just moved it away from here: a single read does not bring it back.
  if (state.manualOverride?.locationId === locationId && confidence < FIRM_CONFIDENCE) return "insufficient";
  // Loaded, and the vehicle still at the dock, where antennas reach into it: only a passage shows that it was unloaded.
  const isAtDock = state.vehicleId !== null && state.locationId === locationId && !state.deliveryEvidence.vehicle;
  if (isAtDock && confidence < PASSAGE_CONFIDENCE) return "insufficient";
  if (state.status === "exception" || !isRuledOut(state, locationId, context)) return "present";
  return confidence < FIRM_CONFIDENCE ? "insufficient" : "contradiction";
}

/** Its vehicle is inside the geofence of another place; or it arrived at its destination, and no vehicle took it away. */
function isRuledOut(state: ShipmentState, there: number, { destinationId, places }: ShipmentContext): boolean {
  const { status, vehicleId, vehicleLocationIds, locationId, deliveryEvidence } = state;
  if (vehicleId !== null && vehicleLocationIds.length > 0) {
    return !vehicleLocationIds.includes(there) && places.get(there)?.hasGeofence === true;
  }
  return status === "arrived" && deliveryEvidence.vehicle && locationId === destinationId && there !== destinationId;
}
