import { atDestination, NO_EVIDENCE, proofStands } from "./delivery.ts";
import type { NewFact, ShipmentStatus, Stage } from "../fact.ts";
import { statusAtRest } from "../place.ts";
import type { ShipmentContext, ShipmentState } from "./shipment.ts";
import { weigh } from "./tag-evidence.ts";

/** After these nothing a sensor says matters; a person may still say otherwise. */
const FINAL: ReadonlySet<ShipmentStatus> = new Set(["delivered", "cancelled"]);

/** The state after one more fact; the same object when the fact changes nothing. */
export function afterFact(state: ShipmentState, fact: NewFact, context: ShipmentContext): ShipmentState {
  if (fact.type === "manual") return overruled(state, fact);
  if (FINAL.has(state.status)) return fact.type === "proof" ? signedLater(state, fact) : state;
  // What was refused keeps that status on its way home: it has no destination any more, but is still somewhere.
  const isRefused = state.status === "returned";
  const after = step(state, fact, isRefused ? { ...context, destinationId: null } : context);
  if (after === state) return state;
  const moved = after.locationId !== state.locationId || after.vehicleId !== state.vehicleId;
  return { ...after, ...(isRefused && { status: "returned" }), overruled: moved ? null : after.overruled };
}

function step(state: ShipmentState, fact: NewFact, context: ShipmentContext): ShipmentState {
  switch (fact.type) {
    case "loaded":
      return loaded(state, fact.data.vehicleId, fact.data.locationId, fact.at, context);
    case "departed":
      return isAboard(state, fact) ? departed(state, fact, context) : state;
    case "arrived":
      return isAboard(state, fact) ? arrived(state, fact, context) : state;
    case "unloaded":
      return atRest(state, fact.data.locationId, fact.at, context);
    case "seen":
      return seen(state, fact, context);
    case "gone":
      return readAboard(state, fact);
    case "scanned":
      return scanned(state, fact, context);
    case "proof":
      return fact.data.outcome === "refused" ? refused(state) : proven(state, fact.at, context);
    default:
      return state;
  }
}

function isAboard(state: ShipmentState, fact: NewFact): boolean {
  return state.vehicleId !== null && fact.subject === `vehicle:${state.vehicleId}`;
}

/** Put on a vehicle; where that place is named, it was there. */
function loaded(
  state: ShipmentState,
  vehicleId: number,
  locationId: number | null,
  at: number,
  context: ShipmentContext,
): ShipmentState {
  const vehicleIn = vehicleId === state.vehicleId ? state.vehicleIn : [];
  const placed = locationId === null ? state : atRest(state, locationId, at, context);
  const status = placed.status === "exception" ? statusAtRest(placed.stage, false) : placed.status;
  return {
    ...placed,
    status,
    vehicleId,
    vehicleIn,
    readAboard: vehicleId === state.vehicleId ? state.readAboard : null,
  };
}

/** A departure counts from where the shipment is; where that place cannot be watched, from anywhere. */
function departed(state: ShipmentState, fact: NewFact & { type: "departed" }, context: ShipmentContext): ShipmentState {
  const from = fact.data.locationId;
  // It came here with its vehicle, which drives on without its tags being read aboard: it was taken off.
  if (state.readAboard?.length === 0 && state.evidence.vehicle && from === context.destinationId) {
    return tagAtRest(state, from, fact.at, context);
  }
  const vehicleIn = state.vehicleIn.filter((id) => id !== from);
  const leaves = state.locationId === null || state.locationId === from || !isWatched(state.locationId, context);
  if (!leaves) return vehicleIn.length === state.vehicleIn.length ? state : { ...state, vehicleIn };
  const { destinationId, places } = context;
  const destination = destinationId === null ? undefined : places.get(destinationId);
  const status = destination?.stage === "delivery" ? "out_for_delivery" : "in_transit";
  const underWay = { ...state, status, locationId: null, vehicleIn, evidence: NO_EVIDENCE } as const;
  return enterStage(underWay, "transportation", fact.at);
}

function arrived(state: ShipmentState, fact: NewFact & { type: "arrived" }, context: ShipmentContext): ShipmentState {
  const { locationId } = fact.data;
  const vehicleIn = state.vehicleIn.includes(locationId) ? state.vehicleIn : [...state.vehicleIn, locationId];
  const there = vehicleIn === state.vehicleIn ? state : { ...state, vehicleIn };
  if (locationId !== context.destinationId) return there;
  const stage = context.places.get(locationId)?.stage ?? "delivery";
  return atDestination(enterStage({ ...there, locationId }, stage, fact.at), "vehicle", context);
}

/** Put down at a place, off its vehicle. */
function atRest(state: ShipmentState, locationId: number, at: number, context: ShipmentContext): ShipmentState {
  const isDestination = locationId === context.destinationId;
  const stage = context.places.get(locationId)?.stage ?? state.stage;
  const status = statusAtRest(stage, isDestination);
  if (state.vehicleId === null && state.locationId === locationId && state.status === status) return state;
  const evidence = isDestination ? state.evidence : NO_EVIDENCE;
  const there = enterStage({ ...state, status, locationId, vehicleId: null, vehicleIn: [], evidence }, stage, at);
  return evidence.proof ? atDestination(there, "proof", context) : there;
}

/** Its tag, or that of what it is packed in, was read at a place. Only inside says where it is. */
function seen(state: ShipmentState, fact: NewFact & { type: "seen" }, context: ShipmentContext): ShipmentState {
  const { locationId, direction } = fact.data;
  if (locationId === null) return readAboard(state, fact);
  if (direction !== "in") return state;
  const word = weigh(state, locationId, fact, context);
  if (word === "nothing") return state;
  if (word === "contradiction") return { ...state, status: "exception" };
  return tagAtRest(state, locationId, fact.at, context);
}

/** Put down at a place, as its tag says. */
function tagAtRest(state: ShipmentState, locationId: number, at: number, context: ShipmentContext): ShipmentState {
  const there = atRest(state, locationId, at, context);
  return locationId === context.destinationId && !there.evidence.tag ? atDestination(there, "tag", context) : there;
}

/** A tag of it is read aboard its vehicle, or is no more. By itself that moves nothing: a reader may be switched off. */
function readAboard(state: ShipmentState, { type, subject, data }: NewFact & { type: "seen" | "gone" }): ShipmentState {
  if (data.vehicleId === undefined || data.vehicleId !== state.vehicleId) return state;
  const others = (state.readAboard ?? []).filter((tag) => tag !== subject);
  return { ...state, readAboard: type === "seen" ? [...others, subject] : others };
}

function scanned(state: ShipmentState, fact: NewFact & { type: "scanned" }, context: ShipmentContext): ShipmentState {
  const { action, locationId, vehicleId } = fact.data;
  if (action === "load" && vehicleId !== null) return loaded(state, vehicleId, locationId, fact.at, context);
  if (action === "deliver") return proven(state, fact.at, context);
  if ((action === "receive" || action === "unload") && locationId !== null) {
    return atRest(state, locationId, fact.at, context);
  }
  return state;
}

function proven(state: ShipmentState, at: number, context: ShipmentContext): ShipmentState {
  const evidence = { ...state.evidence, proof: true };
  if (!proofStands(state, context)) return state.evidence.proof ? state : { ...state, evidence };
  const locationId = context.destinationId ?? state.locationId;
  const there = enterStage({ ...state, locationId, evidence }, "delivery", at);
  return { ...there, status: "delivered", vehicleId: null, vehicleIn: [] };
}

function refused(state: ShipmentState): ShipmentState {
  return { ...state, status: "returned" };
}

/** The signature for what sensors have already seen delivered; or the word that it was refused after all. */
function signedLater(state: ShipmentState, fact: NewFact & { type: "proof" }): ShipmentState {
  if (state.status !== "delivered") return state;
  if (fact.data.outcome === "refused") return refused(state);
  return state.evidence.proof ? state : { ...state, evidence: { ...state.evidence, proof: true } };
}

/** A person's word stands until evidence from elsewhere, or stronger evidence, comes later. */
function overruled(state: ShipmentState, fact: NewFact & { type: "manual" }): ShipmentState {
  const { status, stage, locationId } = fact.data;
  const offItsVehicle = locationId !== null || (status !== null && (FINAL.has(status) || status === "returned"));
  const moved: ShipmentState = {
    ...state,
    status: status ?? state.status,
    locationId: locationId ?? state.locationId,
    overruled: { locationId: state.locationId },
    ...(offItsVehicle && { vehicleId: null, vehicleIn: [] }),
  };
  return enterStage(moved, stage ?? state.stage, fact.at);
}

function isWatched(locationId: number, { places }: ShipmentContext): boolean {
  return places.get(locationId)?.hasGeofence === true;
}

function enterStage(state: ShipmentState, stage: Stage, at: number): ShipmentState {
  return stage === state.stage ? state : { ...state, stage, stageSince: at };
}
