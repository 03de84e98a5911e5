import type { ShipmentStatus, Stage } from "./fact.ts";

/** What rules need to know of a location. */
export interface Place {
  id: number;
  stage: Stage | null;
  /** whether arrivals and departures there can be seen at all */
  hasGeofence: boolean;
  /** the place that it is a part of */
  parentId?: number | null;
}

export type Places = ReadonlyMap<number, Place>;

/**
 * The status of goods that rest at a place of this stage, on no vehicle. They are never out for delivery: at a shop that
 * is not their destination they wait, such as a return.
 */
export function statusAtRest(stage: Stage, isDestination: boolean): ShipmentStatus {
  if (isDestination) return "arrived";
  switch (stage) {
    case "production":
      return "in_production";
    case "transportation":
      return "in_transit";
    case "storage":
    case "delivery":
      return "in_storage";
  }
}
