import type { FactType, NewFact } from "../fact.ts";
import { applyLateProof, applyProof, refuse } from "./delivery.ts";
import { applyScan, load } from "./handling.ts";
import { applyManualOverride } from "./manual-override.ts";
import { fenceOf } from "./place-parts.ts";
import { putDown } from "./put-down.ts";
import { isSigned, opensAgain } from "./reopening.ts";
import { isFinal, NO_EVIDENCE, type ShipmentState, type StepContext } from "./state.ts";
import { applyTagRead, trackTagAboard } from "./tag-evidence.ts";
import { applyReport } from "./report.ts";
import { arrive, depart, driveOff, isOfItsVehicle } from "./travel.ts";

/** What people say of the goods holds against the gates that had shown them before. */
const SAID: ReadonlySet<FactType> = new Set(["loaded", "unloaded", "scanned", "manual", "reported", "proof"]);

/** The state after one more fact; the same object when the fact changes nothing. */
export function applyFact(before: ShipmentState, fact: NewFact, context: StepContext): ShipmentState {
  const state = before.takenOff !== null && SAID.has(fact.type) ? { ...before, takenOff: null } : before;
  if (fact.type === "manual") return applyManualOverride(state, fact, context);
  if (fact.type === "reported") return applyReport(state, fact, context);
  if (isFinal(state)) return applyAfterEnd(state, fact, context);
  return moved(state, step(state, fact, context));
}

function moved(before: ShipmentState, after: ShipmentState): ShipmentState {
  if (after === before || after.manualOverride === null) return after;
  const isMoved = after.locationId !== before.locationId || after.vehicleId !== before.vehicleId;
  return isMoved ? { ...after, manualOverride: null } : after;
}

/**
 * What happens to a shipment that is delivered or cancelled. A person's handling opens a delivery again (reopening.ts):
 * goods that were signed for, or that a person called delivered, then come back as a return.
 */
function applyAfterEnd(state: ShipmentState, fact: NewFact, context: StepContext): ShipmentState {
  if (state.status !== "delivered") return state;
  if (fact.type === "proof") return applyLateProof(state, fact);
  if (!opensAgain(state, fact, context)) return state;
  if (!isSigned(state)) return moved(state, step(state, fact, context));
  const after = step({ ...state, deliveryEvidence: NO_EVIDENCE, manualOverride: null }, fact, context);
  return { ...after, status: "returned", isRefused: true };
}

function step(state: ShipmentState, fact: NewFact, context: StepContext): ShipmentState {
  switch (fact.type) {
    case "loaded": {
      const { vehicleId, locationId, ifLeftBy } = fact.data;
      if (ifLeftBy === true && !isPlaceLeftBy(state, vehicleId, fact.at, context)) return state;
      return load(state, vehicleId, locationId, fact.at, context);
    }
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

/** Whether it is in a place, on no vehicle, and this vehicle has driven off from there. */
function isPlaceLeftBy(
  { vehicleId, locationId }: ShipmentState,
  by: number,
  at: number,
  context: StepContext,
): boolean {
  const fence = locationId === null ? null : fenceOf(locationId, context);
  return vehicleId === null && fence !== null && context.tracks.of(by).sinceLeaving(fence, at) !== undefined;
}
