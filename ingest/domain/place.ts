import type { ShipmentStatus, Stage } from "./fact.ts";

/** The properties of a location that rules use. */
export interface Place {
  id: number;
  stage: Stage | null;
  /** whether a vehicle's arrivals and departures there are detected */
  hasGeofence: boolean;
}

export type Places = ReadonlyMap<number, Place>;

/** The status of a shipment at a place of this stage, on no vehicle. */
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
