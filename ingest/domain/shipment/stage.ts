import type { ShipmentStatus, Stage } from "../fact.ts";
import { statusAtRest } from "../place.ts";
import { isAtDestination, isPartOf } from "./place-parts.ts";
import { isOnWayToTransfer, isPlannedStop } from "./planned-stops.ts";
import type { ShipmentState, StepContext } from "./state.ts";

export function enterStage(state: ShipmentState, stage: Stage, at: number): ShipmentState {
  return stage === state.stage ? state : { ...state, stage, stageSince: at };
}

export function stageOf(locationId: number, { places }: StepContext): Stage | null {
  return places.get(locationId)?.stage ?? null;
}

/**
 * The status of goods that were put down at a place. At the destination they have arrived. A warehouse may be a stop on
 * the way, any place is one where a trip loads or unloads them, and goods may come back to where they began. Any other plant or
 * shop is the wrong place: an exception.
 */
export function statusPutDown(
  state: ShipmentState,
  locationId: number | null,
  stage: Stage,
  context: StepContext,
): ShipmentStatus {
  if (state.isRefused) return "returned";
  const isDestination = isAtDestination(locationId, context);
  const isOrigin = locationId === state.originId || isPartOf(locationId, state.originId, context);
  const isOnWay = stage === "storage" || stage === "transportation" || isPlannedStop(locationId, context);
  return isDestination || isOrigin || isOnWay || context.destinationId === null
    ? statusAtRest(stage, isDestination)
    : "exception";
}

/** The status of goods on the road, since `at` (ms). */
export function statusUnderWay(state: ShipmentState, at: number, context: StepContext): ShipmentStatus {
  if (state.isRefused) return "returned";
  if (isOnWayToTransfer(state, at, context)) return "in_transit";
  const { destinationId } = context;
  const stage = destinationId === null ? null : stageOf(destinationId, context);
  return stage === "delivery" ? "out_for_delivery" : "in_transit";
}
