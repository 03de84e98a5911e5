import type { NewFact } from "../fact.ts";
import { addDeliveryEvidence } from "./delivery.ts";
import { leaveBehind } from "./put-down.ts";
import { enterStage, hasGeofence, stageOf, statusUnderWay } from "./stage.ts";
import { NO_EVIDENCE, type ShipmentState, type StepContext } from "./state.ts";

/*
 * What the vehicle that carries a shipment does to it:
 *
 * 1. It leaves the place where the shipment is, or drives off outside of it: the shipment is on the road. It is out for
 *    delivery when its destination is of the stage `delivery`, else in transit.
 * 2. It enters the destination: the shipment has arrived there, which is one of two kinds of evidence for its delivery.
 *    Other places that it enters and leaves change nothing.
 * 3. It leaves a place without the shipment's tags, which its reader heard before: the shipment was left behind there.
 * 4. A refused shipment that was back where it began sets out anew with the next departure from there.
 */

export function isOfItsVehicle(state: ShipmentState, fact: NewFact): boolean {
  return state.vehicleId !== null && fact.subject === `vehicle:${state.vehicleId}`;
}

/** A departure counts from the place where the shipment is; if that place has no geofence, from any. */
export function depart(
  state: ShipmentState,
  fact: NewFact & { type: "departed" },
  context: StepContext,
): ShipmentState {
  const from = fact.data.locationId;
  if (state.tagsAboard?.length === 0) return leaveBehind(state, from, fact.at, context);
  const isHere = state.locationId === null || state.locationId === from || !hasGeofence(state.locationId, context);
  if (!isHere && isVehicleAt(state, state.locationId!, fact.at, context)) return state;
  const setsOutAnew = state.isRefused && from === state.originId;
  return onTheRoad(setsOutAnew ? { ...state, isRefused: false } : state, fact.at, context);
}

/** A drive that begins outside the place where the shipment is: it was loaded in the street. */
export function driveOff(
  state: ShipmentState,
  { at, data }: NewFact & { type: "trip_started" },
  context: StepContext,
): ShipmentState {
  const { locationId } = state;
  if (locationId === null || data.locationIds.length > 0 || !hasGeofence(locationId, context)) return state;
  return isVehicleAt(state, locationId, at, context) ? state : onTheRoad(state, at, context);
}

function isVehicleAt({ vehicleId }: ShipmentState, locationId: number, at: number, { tracks }: StepContext): boolean {
  return vehicleId !== null && tracks.of(vehicleId).placesAt(at).includes(locationId);
}

export function onTheRoad(state: ShipmentState, at: number, context: StepContext): ShipmentState {
  const status = statusUnderWay(state, context);
  return enterStage({ ...state, status, locationId: null, deliveryEvidence: NO_EVIDENCE }, "transportation", at);
}

/** Only an arrival at the destination moves the shipment. */
export function arrive(state: ShipmentState, locationId: number, at: number, context: StepContext): ShipmentState {
  if (state.isRefused || locationId !== context.destinationId) return state;
  const stage = stageOf(locationId, context) ?? "delivery";
  return addDeliveryEvidence(enterStage({ ...state, locationId }, stage, at), "vehicle");
}
