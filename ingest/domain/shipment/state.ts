import type { Fact, NewFact, ShipmentStatus, Stage, Subject } from "../fact.ts";
import type { Places } from "../place.ts";
import type { VehicleTracks } from "./vehicle-track.ts";

/** Where a shipment is and how far it has come: the result of folding its facts (shipment.ts). */
export interface ShipmentState {
  status: ShipmentStatus;
  stage: Stage;
  /** when the shipment entered the stage, epoch milliseconds */
  stageSince: number;
  locationId: number | null;
  /** the vehicle that carries the shipment */
  vehicleId: number | null;
  /** the shipment's tags that readers on that vehicle currently read, each with its reader; null: none has ever read one */
  tagsAboard: readonly string[] | null;
  /** its tags that have gone out through a gate since it was loaded, and not in again */
  goneOut: readonly Subject[];
  /** a gate has shown it to be taken off this vehicle then (epoch milliseconds), at the place where it is since; null: nothing has, or more was said since */
  takenOff: { vehicleId: number; at: number } | null;
  /** evidence of delivery since the last departure */
  deliveryEvidence: DeliveryEvidence;
  /** its vehicle was at the destination with it and has left again, by all that is known with it */
  leftDestination: boolean;
  /** where it was created: from there a refused shipment that was brought back sets out anew */
  originId: number | null;
  /** refused by the receiver: on its way back, or back, without a destination */
  isRefused: boolean;
  /** set while the last `manual` fact is the newest one that moved the shipment: where the shipment was before it */
  manualOverride: { locationId: number | null } | null;
}

export interface DeliveryEvidence {
  /** its vehicle was inside the destination's geofence */
  vehicle: boolean;
  /** its tag was read at the destination */
  tag: boolean;
  /** a person recorded a proof of delivery */
  proof: boolean;
}

export const NO_EVIDENCE: DeliveryEvidence = { vehicle: false, tag: false, proof: false };

/** The input of the fold besides facts. */
export interface ShipmentContext {
  destinationId: number | null;
  places: Places;
  /** where planned trips load and unload it; none by default */
  plannedStops?: readonly PlannedHandling[];
}

/** A planned trip of this vehicle, from `from` to `to` (ms), loads or unloads the shipment here. */
export interface PlannedHandling {
  vehicleId: number;
  locationId: number;
  action: "load" | "unload";
  from: number;
  to: number;
}

/** The same, with where the vehicles were by their own facts. */
export interface StepContext extends ShipmentContext {
  tracks: VehicleTracks;
}

/** A time the shipment was on a vehicle, epoch milliseconds; `to: null`: it still is. */
export interface OnVehicleInterval {
  vehicleId: number;
  from: number;
  to: number | null;
}

/** A fact of the shipment, with the state after it: one that changed it, or one that people ask about. */
export interface ShipmentEvent<F extends NewFact = Fact> {
  fact: F;
  state: ShipmentState;
}

export interface FoldedShipment<F extends NewFact = Fact> {
  state: ShipmentState;
  events: ShipmentEvent<F>[];
  onVehicle: OnVehicleInterval[];
}

/** In these a sensor changes nothing; a person still can. */
export const FINAL: ReadonlySet<ShipmentStatus> = new Set(["delivered", "cancelled"]);

export function isFinal({ status }: ShipmentState): boolean {
  return FINAL.has(status);
}
