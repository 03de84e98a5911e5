import type { NewFact, ShipmentStatus, Stage } from "../fact.ts";
import { statusAtRest } from "../place.ts";
import { addDeliveryEvidence, isProofSufficient } from "./delivery.ts";
import { NO_EVIDENCE, type ShipmentContext, type ShipmentState } from "./state.ts";
import { assessTagEvidence } from "./tag-evidence.ts";

/** In these a sensor changes nothing; a person still can. */
const FINAL: ReadonlySet<ShipmentStatus> = new Set(["delivered", "cancelled"]);

/** The state after one more fact; the same object when the fact changes nothing. */
export function applyFact(state: ShipmentState, fact: NewFact, context: ShipmentContext): ShipmentState {
  if (fact.type === "manual") return applyManualOverride(state, fact);
  if (FINAL.has(state.status)) return fact.type === "proof" ? applyLateProof(state, fact) : state;
  // A refused shipment keeps the status `returned` on its way back. It has no destination any more, but still moves.
  const isRefused = state.status === "returned";
  const after = step(state, fact, isRefused ? { ...context, destinationId: null } : context);
  if (after === state) return state;
  const moved = after.locationId !== state.locationId || after.vehicleId !== state.vehicleId;
  return { ...after, ...(isRefused && { status: "returned" }), manualOverride: moved ? null : after.manualOverride };
}

function step(state: ShipmentState, fact: NewFact, context: ShipmentContext): ShipmentState {
  switch (fact.type) {
    case "loaded":
      return load(state, fact.data.vehicleId, fact.data.locationId, fact.at, context);
    case "departed":
      return isOfItsVehicle(state, fact) ? depart(state, fact, context) : state;
    case "arrived":
      return isOfItsVehicle(state, fact) ? arrive(state, fact, context) : state;
    case "unloaded":
      return putDown(state, fact.data.locationId, fact.at, context);
    case "seen":
      return applyTagRead(state, fact, context);
    case "gone":
      return trackTagAboard(state, fact);
    case "scanned":
      return applyScan(state, fact, context);
    case "proof":
      return fact.data.outcome === "refused" ? refuse(state) : applyProof(state, fact.at, context);
    default:
      return state;
  }
}

function isOfItsVehicle(state: ShipmentState, fact: NewFact): boolean {
  return state.vehicleId !== null && fact.subject === `vehicle:${state.vehicleId}`;
}

/** @param locationId where it was loaded, if the fact says so: then the shipment was there */
function load(
  state: ShipmentState,
  vehicleId: number,
  locationId: number | null,
  at: number,
  context: ShipmentContext,
): ShipmentState {
  const isSameVehicle = vehicleId === state.vehicleId;
  const placed = locationId === null ? state : putDown(state, locationId, at, context);
  return {
    ...placed,
    status: placed.status === "exception" ? statusAtRest(placed.stage, false) : placed.status,
    vehicleId,
    vehicleLocationIds: isSameVehicle ? state.vehicleLocationIds : [],
    tagsAboard: isSameVehicle ? state.tagsAboard : null,
  };
}

/** A departure counts from the place where the shipment is; if that place has no geofence, from any. */
function depart(state: ShipmentState, fact: NewFact & { type: "departed" }, context: ShipmentContext): ShipmentState {
  const from = fact.data.locationId;
  // The vehicle brought it to its destination and leaves without its tags being read aboard: it was unloaded there.
  if (state.tagsAboard?.length === 0 && state.deliveryEvidence.vehicle && from === context.destinationId) {
    return putDownByTag(state, from, fact.at, context);
  }
  const vehicleLocationIds = state.vehicleLocationIds.filter((id) => id !== from);
  const leaves = state.locationId === null || state.locationId === from || !hasGeofence(state.locationId, context);
  if (!leaves) {
    return vehicleLocationIds.length === state.vehicleLocationIds.length ? state : { ...state, vehicleLocationIds };
  }
  const { destinationId, places } = context;
  const destination = destinationId === null ? undefined : places.get(destinationId);
  const status = destination?.stage === "delivery" ? "out_for_delivery" : "in_transit";
  const underWay = { ...state, status, locationId: null, vehicleLocationIds, deliveryEvidence: NO_EVIDENCE } as const;
  return enterStage(underWay, "transportation", fact.at);
}

/** Only an arrival at the destination moves the shipment; of other places the fold notes that its vehicle is there. */
function arrive(state: ShipmentState, fact: NewFact & { type: "arrived" }, context: ShipmentContext): ShipmentState {
  const { locationId } = fact.data;
  const there = state.vehicleLocationIds.includes(locationId)
    ? state
    : { ...state, vehicleLocationIds: [...state.vehicleLocationIds, locationId] };
  if (locationId !== context.destinationId) return there;
  const stage = context.places.get(locationId)?.stage ?? "delivery";
  return addDeliveryEvidence(enterStage({ ...there, locationId }, stage, fact.at), "vehicle", context);
}

/** The shipment is at a place, on no vehicle. */
function putDown(state: ShipmentState, locationId: number, at: number, context: ShipmentContext): ShipmentState {
  const isDestination = locationId === context.destinationId;
  const stage = context.places.get(locationId)?.stage ?? state.stage;
  const status = statusAtRest(stage, isDestination);
  if (state.vehicleId === null && state.locationId === locationId && state.status === status) return state;
  const deliveryEvidence = isDestination ? state.deliveryEvidence : NO_EVIDENCE;
  const placed = { ...state, status, locationId, vehicleId: null, vehicleLocationIds: [], deliveryEvidence };
  const there = enterStage(placed, stage, at);
  return deliveryEvidence.proof ? addDeliveryEvidence(there, "proof", context) : there;
}

/** A reader read a tag of the shipment, or of the handling unit it is packed in. Only a read inside says where it is. */
function applyTagRead(state: ShipmentState, fact: NewFact & { type: "seen" }, context: ShipmentContext): ShipmentState {
  const { locationId, direction } = fact.data;
  if (locationId === null) return trackTagAboard(state, fact);
  if (direction !== "in") return state;
  switch (assessTagEvidence(state, locationId, fact, context)) {
    case "insufficient":
      return state;
    case "contradiction":
      return { ...state, status: "exception" };
    case "present":
      return putDownByTag(state, locationId, fact.at, context);
  }
}

function putDownByTag(state: ShipmentState, locationId: number, at: number, context: ShipmentContext): ShipmentState {
  const there = putDown(state, locationId, at, context);
  const isNews = locationId === context.destinationId && !there.deliveryEvidence.tag;
  return isNews ? addDeliveryEvidence(there, "tag", context) : there;
}

/**
 * A reader on the shipment's vehicle reads one of its tags, or has stopped reading it. By itself that moves nothing:
 * somebody may have switched off the reader.
 */
function trackTagAboard(state: ShipmentState, fact: NewFact & { type: "seen" | "gone" }): ShipmentState {
  const { type, subject, data } = fact;
  if (data.vehicleId === undefined || data.vehicleId !== state.vehicleId) return state;
  const others = (state.tagsAboard ?? []).filter((tag) => tag !== subject);
  return { ...state, tagsAboard: type === "seen" ? [...others, subject] : others };
}

function applyScan(state: ShipmentState, fact: NewFact & { type: "scanned" }, context: ShipmentContext): ShipmentState {
  const { action, locationId, vehicleId } = fact.data;
  if (action === "load" && vehicleId !== null) return load(state, vehicleId, locationId, fact.at, context);
  if (action === "deliver") return applyProof(state, fact.at, context);
  if ((action === "receive" || action === "unload") && locationId !== null) {
    return putDown(state, locationId, fact.at, context);
  }
  return state;
}

function applyProof(state: ShipmentState, at: number, context: ShipmentContext): ShipmentState {
  const proven = withProof(state);
  if (!isProofSufficient(state, context)) return proven;
  const locationId = context.destinationId ?? state.locationId;
  const there = enterStage({ ...proven, locationId }, "delivery", at);
  return { ...there, status: "delivered", vehicleId: null, vehicleLocationIds: [] };
}

/** A proof for a shipment that sensors have shown as delivered already, or the information that it was refused. */
function applyLateProof(state: ShipmentState, fact: NewFact & { type: "proof" }): ShipmentState {
  if (state.status !== "delivered") return state;
  return fact.data.outcome === "refused" ? refuse(state) : withProof(state);
}

function withProof(state: ShipmentState): ShipmentState {
  const { deliveryEvidence } = state;
  return deliveryEvidence.proof ? state : { ...state, deliveryEvidence: { ...deliveryEvidence, proof: true } };
}

function refuse(state: ShipmentState): ShipmentState {
  return { ...state, status: "returned" };
}

/** A person sets status, stage or place. That holds until a later fact moves the shipment (see tag-evidence.ts). */
function applyManualOverride(state: ShipmentState, fact: NewFact & { type: "manual" }): ShipmentState {
  const { status, stage, locationId } = fact.data;
  const isOffVehicle = locationId !== null || (status !== null && (FINAL.has(status) || status === "returned"));
  const moved: ShipmentState = {
    ...state,
    status: status ?? state.status,
    locationId: locationId ?? state.locationId,
    manualOverride: { locationId: state.locationId },
    ...(isOffVehicle && { vehicleId: null, vehicleLocationIds: [] }),
  };
  return enterStage(moved, stage ?? state.stage, fact.at);
}

function hasGeofence(locationId: number, { places }: ShipmentContext): boolean {
  return places.get(locationId)?.hasGeofence === true;
}

function enterStage(state: ShipmentState, stage: Stage, at: number): ShipmentState {
  return stage === state.stage ? state : { ...state, stage, stageSince: at };
}
