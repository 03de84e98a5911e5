import type { NewFact, ShipmentStatus } from "../fact.ts";
import { applyLateProof, applyProof, refuse } from "./delivery.ts";
import { applyScan, load } from "./handling.ts";
import { putDown } from "./put-down.ts";
import { enterStage, stageOf, statusPutDown } from "./stage.ts";
import type { ShipmentState, StepContext } from "./state.ts";
import { applyTagRead, trackTagAboard } from "./tag-evidence.ts";
import { arrive, depart, driveOff, isOfItsVehicle } from "./travel.ts";

/** In these a sensor changes nothing; a person still can. */
const FINAL: ReadonlySet<ShipmentStatus> = new Set(["delivered", "cancelled"]);

/** The state after one more fact; the same object when the fact changes nothing. */
export function applyFact(state: ShipmentState, fact: NewFact, context: StepContext): ShipmentState {
  if (fact.type === "manual") return applyManualOverride(state, fact, context);
  const isReopened = state.status === "delivered" && reopens(state, fact, context);
  if (FINAL.has(state.status) && !isReopened) {
    return fact.type === "proof" && state.status === "delivered" ? applyLateProof(state, fact) : state;
  }
  const after = step(state, fact, context);
  if (after === state) return state;
  const moved = after.locationId !== state.locationId || after.vehicleId !== state.vehicleId;
  return moved && after.manualOverride ? { ...after, manualOverride: null } : after;
}

/**
 * What sensors have shown as delivered, and nobody has signed for, is open to stronger evidence: it was loaded again, it
 * is heard aboard a vehicle that drives, or it goes in at another place's gate.
 */
function reopens(state: ShipmentState, fact: NewFact, { destinationId }: StepContext): boolean {
  if (state.deliveryEvidence.proof || state.manualOverride) return false;
  if (fact.type === "loaded" || (fact.type === "scanned" && fact.data.action === "load")) return true;
  if (fact.type !== "seen" || !fact.data.portal || fact.data.direction !== "in") return false;
  return fact.data.locationId !== null && fact.data.locationId !== destinationId;
}

function step(state: ShipmentState, fact: NewFact, context: StepContext): ShipmentState {
  switch (fact.type) {
    case "loaded":
      return load(state, fact.data.vehicleId, fact.data.locationId, fact.at, context);
    case "departed":
      return isOfItsVehicle(state, fact) ? depart(state, fact, context) : state;
    case "trip_started":
      return isOfItsVehicle(state, fact) ? driveOff(state, fact, context) : state;
    case "arrived":
      return isOfItsVehicle(state, fact) ? arrive(state, fact.data.locationId, fact.at, context) : state;
    case "unloaded":
      return putDown(state, fact.data.locationId, fact.at, context);
    case "seen":
      return applyTagRead(state, fact, context);
    case "gone":
      return trackTagAboard(state, fact, context);
    case "scanned":
      return applyScan(state, fact, context, (there, at) => applyProof(there, at, context));
    case "proof":
      return fact.data.outcome === "refused" ? refuse(state) : applyProof(state, fact.at, context);
    default:
      return state;
  }
}

/** A person sets status, stage or place. That holds until a later fact moves the shipment (see tag-evidence.ts). */
function applyManualOverride(
  state: ShipmentState,
  fact: NewFact & { type: "manual" },
  context: StepContext,
): ShipmentState {
  const { status, locationId } = fact.data;
  const stage = fact.data.stage ?? (locationId === null ? null : stageOf(locationId, context)) ?? state.stage;
  const isOffVehicle = locationId !== null || (status !== null && (FINAL.has(status) || status === "returned"));
  const isMoved = locationId !== null || fact.data.stage !== null;
  const placed = isMoved ? statusPutDown(state, locationId, stage, context) : state.status;
  const moved: ShipmentState = {
    ...state,
    status: status ?? placed,
    locationId: locationId ?? state.locationId,
    isRefused: status === null ? state.isRefused : status === "returned",
    manualOverride: { locationId: state.locationId },
    ...(isOffVehicle && { vehicleId: null, tagsAboard: null }),
  };
  return enterStage(moved, stage, fact.at);
}
