import type { ShipmentStatus, Stage } from "../fact.ts";

/**
 * The statuses that a person may set next. Goods may go back or skip a step, as they do in a real yard. But delivered
 * goods come back only as a return or as an exception, and a cancelled shipment stays cancelled.
 */
export const NEXT_STATUSES: Readonly<Record<ShipmentStatus, readonly ShipmentStatus[]>> = {
  in_production: ["in_storage", "in_transit", "out_for_delivery", "arrived", "delivered", "exception", "cancelled"],
  in_storage: [
    "in_production",
    "in_transit",
    "out_for_delivery",
    "arrived",
    "delivered",
    "returned",
    "exception",
    "cancelled",
  ],
  in_transit: [
    "in_production",
    "in_storage",
    "out_for_delivery",
    "arrived",
    "delivered",
    "returned",
    "exception",
    "cancelled",
  ],
  out_for_delivery: [
    "in_production",
    "in_storage",
    "in_transit",
    "arrived",
    "delivered",
    "returned",
    "exception",
    "cancelled",
  ],
  arrived: ["in_storage", "in_transit", "out_for_delivery", "delivered", "returned", "exception", "cancelled"],
  delivered: ["returned", "exception"],
  returned: ["in_production", "in_storage", "in_transit", "out_for_delivery", "arrived", "delivered", "exception"],
  exception: [
    "in_production",
    "in_storage",
    "in_transit",
    "out_for_delivery",
    "arrived",
    "delivered",
    "returned",
    "cancelled",
  ],
  cancelled: [],
};

/** Stages at which a shipment can have this status; a status that is not listed can stand at any. */
const STAGES_OF: Partial<Record<ShipmentStatus, readonly Stage[]>> = {
  in_production: ["production"],
  // A return that waits at a shop is in storage there.
  in_storage: ["storage", "delivery"],
  in_transit: ["transportation"],
  out_for_delivery: ["transportation"],
};

/** Whether a shipment can have this status at a place of this stage. Arrived and delivered fit its destination only. */
export function fitsPlace(status: ShipmentStatus, stage: Stage, isDestination: boolean): boolean {
  if (status === "arrived" || status === "delivered") return isDestination || stage === "delivery";
  return STAGES_OF[status]?.includes(stage) ?? true;
}
