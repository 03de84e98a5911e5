import { addDeliveryEvidence } from "./delivery.ts";
import { enterStage, stageOf, statusPutDown } from "./stage.ts";
import { NO_EVIDENCE, type ShipmentState, type StepContext } from "./state.ts";

/** The shipment is at a place, on no vehicle. */
export function putDown(state: ShipmentState, locationId: number, at: number, context: StepContext): ShipmentState {
  const stage = stageOf(locationId, context) ?? state.stage;
  const status = statusPutDown(state, locationId, stage, context);
  if (state.vehicleId === null && state.locationId === locationId && state.status === status) return state;
  const isDestination = locationId === context.destinationId && !state.isRefused;
  const isThere = state.vehicleId === null && state.locationId === locationId;
  if (isThere && isDestination && state.deliveryEvidence.vehicle) return state;
  const deliveryEvidence = isDestination ? state.deliveryEvidence : NO_EVIDENCE;
  const there = enterStage(
    { ...state, status, locationId, vehicleId: null, tagsAboard: null, deliveryEvidence },
    stage,
    at,
  );
  return isDestination && deliveryEvidence.proof ? addDeliveryEvidence(there, "proof") : there;
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
  };
}

/** At the destination the missing tag is evidence of delivery; elsewhere the shipment is simply there. */
export function leaveBehind(state: ShipmentState, locationId: number, at: number, context: StepContext): ShipmentState {
  const there = putDown(state, locationId, at, context);
  const isDestination = locationId === context.destinationId && !state.isRefused;
  return isDestination && !there.deliveryEvidence.tag ? addDeliveryEvidence(there, "tag") : there;
}
