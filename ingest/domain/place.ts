import type { ShipmentStatus, Stage } from "./fact.ts";

/** What rules need to know of a location. */
export interface Place {
  id: number;
  stage: Stage | null;
  /** whether arrivals and departures there can be seen at all */
  hasGeofence: boolean;
}

export type Places = ReadonlyMap<number, Place>;

/** The status of goods that rest at a place of this stage. */
export function statusAtRest(stage: Stage, isDestination: boolean): ShipmentStatus {
  if (isDestination) return "arrived";
  switch (stage) {
    case "production":
      return "in_production";
    case "storage":
      return "in_storage";
    case "transportation":
      return "in_transit";
    case "delivery":
      return "out_for_delivery";
  }
}
