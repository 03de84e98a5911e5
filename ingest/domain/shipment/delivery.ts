import type { ShipmentContext, ShipmentState } from "./shipment.ts";

/**
 * Delivered takes two kinds of evidence: its vehicle inside the destination's geofence, its tag seen there, a proof of
 * delivery. A single sensor can err, and a signature can be given too early.
 */
export interface DeliveryEvidence {
  vehicle: boolean;
  tag: boolean;
  proof: boolean;
}

export const NO_EVIDENCE: DeliveryEvidence = { vehicle: false, tag: false, proof: false };

/** At its destination: delivered if the evidence is enough, else arrived. */
export function atDestination(
  state: ShipmentState,
  kind: keyof DeliveryEvidence,
  context: ShipmentContext,
): ShipmentState {
  const evidence = { ...state.evidence, [kind]: true };
  const { vehicle, tag, proof } = evidence;
  // In a warehouse goods that have come are in stock, not handed over: there it takes a proof.
  const handedOver = isDelivery(context) && vehicle && tag;
  const delivered = handedOver || (proof && (vehicle || tag || state.status === "arrived"));
  return delivered
    ? { ...state, evidence, status: "delivered", vehicleId: null, vehicleIn: [] }
    : { ...state, evidence, status: "arrived" };
}

/**
 * A person's word that it was handed over. Where its arrival could be seen and was not, it waits for that; where no
 * vehicle could be seen to arrive (not aboard, or a destination without geofence) the word stands alone.
 */
export function proofStands(state: ShipmentState, { destinationId, places }: ShipmentContext): boolean {
  if (state.status === "arrived" || state.evidence.vehicle || state.evidence.tag) return true;
  return state.vehicleId === null || destinationId === null || places.get(destinationId)?.hasGeofence !== true;
}

function isDelivery({ destinationId, places }: ShipmentContext): boolean {
  return destinationId !== null && places.get(destinationId)?.stage === "delivery";
}
