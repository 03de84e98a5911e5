import type { DeliveryEvidence, ShipmentContext, ShipmentState } from "./state.ts";

/*
 * Delivered takes two of three kinds of evidence: the vehicle was inside the destination's geofence, the tag was read
 * there, a person recorded a proof of delivery. One sensor can err, and a person can sign too early.
 */

/** At the destination, with one more kind of evidence: `delivered` if that is enough, else `arrived`. */
export function addDeliveryEvidence(
  state: ShipmentState,
  kind: keyof DeliveryEvidence,
  context: ShipmentContext,
): ShipmentState {
  const deliveryEvidence = { ...state.deliveryEvidence, [kind]: true };
  const { vehicle, tag, proof } = deliveryEvidence;
  // Only at a place of stage `delivery` do sensors alone mean a handover; at a warehouse the goods are in stock.
  const handedOver = isDeliveryPlace(context) && vehicle && tag;
  const delivered = handedOver || (proof && (vehicle || tag || state.status === "arrived"));
  return delivered
    ? { ...state, deliveryEvidence, status: "delivered", vehicleId: null, vehicleLocationIds: [] }
    : { ...state, deliveryEvidence, status: "arrived" };
}

/**
 * Whether a proof of delivery is enough by itself. It is not while the shipment is on a vehicle whose arrival a geofence
 * will show: then it counts once the vehicle arrives. It is when there is no vehicle, or no geofence at the destination.
 */
export function isProofSufficient(state: ShipmentState, { destinationId, places }: ShipmentContext): boolean {
  if (state.status === "arrived" || state.deliveryEvidence.vehicle || state.deliveryEvidence.tag) return true;
  return state.vehicleId === null || destinationId === null || places.get(destinationId)?.hasGeofence !== true;
}

function isDeliveryPlace({ destinationId, places }: ShipmentContext): boolean {
  return destinationId !== null && places.get(destinationId)?.stage === "delivery";
}
