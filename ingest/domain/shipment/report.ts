import type { NewFact } from "../fact.ts";
import { enterStage } from "./stage.ts";
import { NO_EVIDENCE, type ShipmentState, type StepContext } from "./state.ts";
import { onTheRoad } from "./travel.ts";

/*
 * What another system reports of a shipment:
 *
 * 1. With a status it has weighed what it knows, as we do: what it says holds until something moves the goods. A delivery that it
 *    reports is as good as signed for.
 * 2. Without one it says that the goods have left, whether or not we know the place where they were. What is delivered or cancelled stays
 *    so, and what is on the road already is.
 */
export function applyReport(
  state: ShipmentState,
  { at, data }: NewFact & { type: "reported" },
  context: StepContext,
): ShipmentState {
  const { status, stage, locationId, vehicleId } = data;
  if (status === null) {
    const isOver = state.status === "delivered" || state.status === "cancelled";
    const isOnTheRoad = state.locationId === null && state.stage === "transportation";
    return isOver || isOnTheRoad ? state : { ...onTheRoad({ ...state, vehicleId }, at, context), manualOverride: null };
  }
  const { status: was, stage: wasIn, locationId: wasAt, vehicleId: wasOn } = state;
  if (status === was && stage === wasIn && locationId === wasAt && vehicleId === wasOn) return state;
  const isDelivered = status === "delivered";
  const reported: ShipmentState = {
    ...state,
    status,
    locationId,
    vehicleId,
    tagsAboard: vehicleId === wasOn ? state.tagsAboard : null,
    deliveryEvidence: isDelivered ? { ...NO_EVIDENCE, proof: true } : NO_EVIDENCE,
    leftDestination: false,
    isRefused: status === "returned",
    manualOverride: null,
  };
  return enterStage(reported, stage, at);
}
