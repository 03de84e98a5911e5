import type { FactData, NewFact, Stage } from "../fact.ts";
import { placeOfDelivery } from "./delivery.ts";
import { enterStage, stageOf, statusPutDown } from "./stage.ts";
import { FINAL, type ShipmentState, type StepContext } from "./state.ts";

/** A person sets status, stage or place. That holds until a later fact moves the shipment (see tag-evidence.ts). */
export function applyManualOverride(
  state: ShipmentState,
  { at, data }: NewFact & { type: "manual" },
  context: StepContext,
): ShipmentState {
  const { status } = data;
  const { locationId, stage } = placeSaid(state, data, context);
  const isPlaced = data.locationId !== null;
  const isMoved = isPlaced || data.stage !== null;
  const isOffVehicle = isPlaced || (status !== null && (FINAL.has(status) || status === "returned"));
  const moved: ShipmentState = {
    ...state,
    status: status ?? (isMoved ? statusPutDown(state, data.locationId, stage, context) : state.status),
    locationId,
    isRefused: status === null ? state.isRefused : status === "returned",
    manualOverride: { locationId: state.locationId },
    ...(isOffVehicle && { vehicleId: null, tagsAboard: null, leftDestination: false }),
  };
  return enterStage(moved, stage, at);
}

/** A person who calls the goods delivered without a place means their destination: no truck or gate need have shown it. */
function placeSaid(
  state: ShipmentState,
  said: FactData["manual"],
  context: StepContext,
): { locationId: number | null; stage: Stage } {
  const stageAt = (id: number | null): Stage | null => (id === null ? null : stageOf(id, context));
  if (said.status === "delivered" && said.locationId === null && context.destinationId !== null) {
    const locationId = placeOfDelivery(state, context);
    return { locationId, stage: stageAt(locationId) ?? "delivery" };
  }
  return {
    locationId: said.locationId ?? state.locationId,
    stage: said.stage ?? stageAt(said.locationId) ?? state.stage,
  };
}
