import { addDeliveryEvidence } from "./delivery.ts";
import { isAtDestination } from "./place-parts.ts";
import { enterStage, stageOf, statusPutDown } from "./stage.ts";
import { type DeliveryEvidence, NO_EVIDENCE, type ShipmentState, type StepContext } from "./state.ts";

/** The shipment is at a place, on no vehicle. */
export function putDown(state: ShipmentState, locationId: number, at: number, context: StepContext): ShipmentState {
  const stage = stageOf(locationId, context) ?? state.stage;
  const status = statusPutDown(state, locationId, stage, context);
  if (state.vehicleId === null && state.locationId === locationId && state.status === status) return state;
  const isDestination = isAtDestination(locationId, context) && !state.isRefused;
  const isThere = state.vehicleId === null && state.locationId === locationId;
  if (isThere && isDestination && state.deliveryEvidence.vehicle) return state;
  const deliveryEvidence = isDestination ? withVisit(state) : NO_EVIDENCE;
  const there = enterStage(
    { ...state, status, locationId, vehicleId: null, tagsAboard: null, deliveryEvidence, leftDestination: false },
    stage,
    at,
  );
  return isDestination && deliveryEvidence.proof ? addDeliveryEvidence(there, "proof") : there;
}

/** The vehicle that was at the destination and has left had brought it: so much is evidence again. */
function withVisit({ deliveryEvidence, leftDestination }: ShipmentState): DeliveryEvidence {
  return leftDestination ? { ...deliveryEvidence, vehicle: true } : deliveryEvidence;
}

/** In the street: on no vehicle, and in no place. */
export function putDownOutside(state: ShipmentState): ShipmentState {
  return {
    ...state,
    status: "exception",
    locationId: null,
    vehicleId: null,
    tagsAboard: null,
    deliveryEvidence: NO_EVIDENCE,
    leftDestination: false,
  };
}

/** At the destination the missing tag is evidence of delivery; elsewhere the shipment is simply there. */
export function leaveBehind(state: ShipmentState, locationId: number, at: number, context: StepContext): ShipmentState {
  const there = putDown(state, locationId, at, context);
  const isDestination = isAtDestination(locationId, context) && !state.isRefused;
  return isDestination && !there.deliveryEvidence.tag ? addDeliveryEvidence(there, "tag") : there;
}
