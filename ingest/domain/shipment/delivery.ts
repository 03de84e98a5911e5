import type { NewFact } from "../fact.ts";
import { fenceOf, isAtDestination } from "./place-parts.ts";
import { enterStage, stageOf } from "./stage.ts";
import type { DeliveryEvidence, ShipmentState, StepContext } from "./state.ts";

/*
 * Delivered, at a destination of whatever stage, takes two of three kinds of evidence: the vehicle was inside the
 * destination's geofence, the tag was read going in there or is gone from the vehicle, a person recorded a proof of
 * delivery. One sensor can err, and a person can sign too early.
 */

/** At the destination, with one more kind of evidence: `delivered` if that is enough, else `arrived`. */
export function addDeliveryEvidence(state: ShipmentState, kind: keyof DeliveryEvidence): ShipmentState {
  const deliveryEvidence = { ...state.deliveryEvidence, [kind]: true };
  const { vehicle, tag, proof } = deliveryEvidence;
  const isDelivered = Number(vehicle) + Number(tag) + Number(proof) >= 2 || (proof && state.status === "arrived");
  return isDelivered
    ? { ...state, deliveryEvidence, status: "delivered", vehicleId: null, tagsAboard: null }
    : { ...state, deliveryEvidence, status: "arrived" };
}

/**
 * A person records that the receiver has it. While the shipment is on a vehicle whose arrival a geofence will show, that
 * counts once the vehicle arrives, or at once when the vehicle is there, or was there and has left. It is enough by itself when there
 * is no vehicle, when nobody knows where that was then, or no geofence at the destination.
 */
export function applyProof(state: ShipmentState, at: number, context: StepContext): ShipmentState {
  const proven = withProof({ ...state, isRefused: false });
  if (!isProofSufficient(state, at, context)) return proven;
  const locationId = placeOfDelivery(state, context);
  const stage = (locationId === null ? null : stageOf(locationId, context)) ?? "delivery";
  const there = enterStage({ ...proven, locationId }, stage, at);
  return { ...there, status: "delivered", vehicleId: null, tagsAboard: null };
}

/** Where goods are that a person calls delivered: in that part of the destination where they lie already, else at the destination. */
export function placeOfDelivery(state: ShipmentState, context: StepContext): number | null {
  const isThere = state.vehicleId === null && isAtDestination(state.locationId, context);
  return isThere ? state.locationId : (context.destinationId ?? state.locationId);
}

function isProofSufficient(state: ShipmentState, at: number, context: StepContext): boolean {
  if (state.status === "arrived" || state.deliveryEvidence.vehicle || state.deliveryEvidence.tag) return true;
  if (state.leftDestination) return true;
  const { vehicleId } = state;
  const fence = context.destinationId === null ? null : fenceOf(context.destinationId, context);
  if (vehicleId === null || fence === null) return true;
  const track = context.tracks.of(vehicleId);
  return track.placesAt(at).includes(fence) || !track.isKnownAt(at);
}

/** A proof for a shipment that sensors have shown as delivered already, or the information that it was refused. */
export function applyLateProof(state: ShipmentState, fact: NewFact & { type: "proof" }): ShipmentState {
  return fact.data.outcome === "refused" ? refuse(state) : withProof(state);
}

function withProof(state: ShipmentState): ShipmentState {
  const { deliveryEvidence } = state;
  return deliveryEvidence.proof ? state : { ...state, deliveryEvidence: { ...deliveryEvidence, proof: true } };
}

export function refuse(state: ShipmentState): ShipmentState {
  return { ...state, status: "returned", isRefused: true };
}
