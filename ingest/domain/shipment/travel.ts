import type { NewFact } from "../fact.ts";
import { addDeliveryEvidence } from "./delivery.ts";
import { leaveBehind } from "./put-down.ts";
import { fenceOf, isAtDestination } from "./place-parts.ts";
import { enterStage, stageOf, statusUnderWay } from "./stage.ts";
import { NO_EVIDENCE, type ShipmentState, type StepContext } from "./state.ts";

/*
 * What the vehicle that carries a shipment does to it:
 *
 * 1. It leaves the place where the shipment is, or drives off outside of it: the shipment is on the road. It is out for
 *    delivery when its destination is of the stage `delivery` and no trip brings it elsewhere first, else in transit. Where that place
 *    and the destination overlap, the vehicle may be in the destination already: then the shipment has arrived there.
 * 2. It enters the destination: the shipment has arrived there, which is one of two kinds of evidence for its delivery.
 *    Other places that it enters and leaves change nothing: what was signed on the road counts at the destination.
 *    When it leaves the destination, the shipment rides on for want of evidence. What shows it there later, a read, a scan or a
 *    signature, also shows that this vehicle had brought it (put-down.ts, delivery.ts).
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
  const here = state.locationId === null ? null : fenceOf(state.locationId, context);
  const isHere = here === null || here === from || state.locationId === from;
  if (!isHere && (isVehicleAt(state, here, fact.at, context) || isComingTo(state, here, fact.at, context)))
    return state;
  const leaving = state.isRefused && from === state.originId ? { ...state, isRefused: false } : state;
  const destination = context.destinationId === null ? null : fenceOf(context.destinationId, context);
  const isInside = destination !== null && isVehicleAt(leaving, destination, fact.at, context);
  if (!isInside || leaving.isRefused) return onTheRoad(leaving, fact.at, context);
  const isThere = isAtDestination(leaving.locationId, context);
  return arrive(isThere ? leaving : withoutEvidence(leaving), destination, fact.at, context);
}

/** A drive that begins outside the place where the shipment is, or at one without a geofence: it was loaded in the street. */
export function driveOff(
  state: ShipmentState,
  { at, data }: NewFact & { type: "trip_started" },
  context: StepContext,
): ShipmentState {
  const { locationId } = state;
  if (locationId === null || data.locationIds.length > 0) return state;
  const fence = fenceOf(locationId, context);
  const isAway = fence !== null && (isVehicleAt(state, fence, at, context) || isComingTo(state, fence, at, context));
  return isAway ? state : onTheRoad(state, at, context);
}

/** The loading was booked before the vehicle has come: it drives there without a stop. */
function isComingTo({ vehicleId }: ShipmentState, locationId: number, at: number, { tracks }: StepContext): boolean {
  if (vehicleId === null) return false;
  const track = tracks.of(vehicleId);
  const next = track.nextStay(at);
  return next !== undefined && next.locationId === locationId && track.isDriving(at, next.from!);
}

function isVehicleAt({ vehicleId }: ShipmentState, locationId: number, at: number, { tracks }: StepContext): boolean {
  return vehicleId !== null && tracks.of(vehicleId).placesAt(at).includes(locationId);
}

export function onTheRoad(state: ShipmentState, at: number, context: StepContext): ShipmentState {
  const status = statusUnderWay(state, at, context);
  const leftDestination = state.leftDestination || isLeavingDestination(state, context);
  return enterStage({ ...withoutEvidence(state), status, locationId: null, leftDestination }, "transportation", at);
}

/** On the road already, what was signed stands: only what shows it at the destination is still missing. */
function withoutEvidence(state: ShipmentState): ShipmentState {
  const proof = state.locationId === null && state.deliveryEvidence.proof;
  return { ...state, deliveryEvidence: { ...NO_EVIDENCE, proof } };
}

/** The vehicle leaves the destination, and nobody says for sure that the shipment rides on: no reader aboard, no refusal. */
function isLeavingDestination(state: ShipmentState, context: StepContext): boolean {
  const isKnownAboard = state.isRefused || (state.tagsAboard !== null && state.tagsAboard.length > 0);
  return state.deliveryEvidence.vehicle && !isKnownAboard && isAtDestination(state.locationId, context);
}

/** Only an arrival at the destination moves the shipment. */
export function arrive(state: ShipmentState, locationId: number, at: number, context: StepContext): ShipmentState {
  if (state.isRefused || !isAtDestination(locationId, context)) return state;
  const stage = stageOf(locationId, context) ?? "delivery";
  return addDeliveryEvidence(enterStage({ ...state, locationId }, stage, at), "vehicle");
}
