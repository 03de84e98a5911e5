import type { NewFact } from "../fact.ts";

/** What is verified of a trip, and by what. Times in epoch milliseconds. */

export interface Period {
  since: number | null;
  until: number | null;
}

export interface UnitTag extends Period {
  epc: string;
}

/** What is handled as one; `sscc` and `tags` are missing where it has none. */
export interface Unit {
  shipmentId: number;
  sscc: string | null;
  /** its own tag first */
  tags: readonly UnitTag[];
}

export interface StopToVerify {
  /** the place and its parts */
  locationIds: ReadonlySet<number>;
  /** when the vehicle was there; null: it was not, or not yet */
  during: { from: number; to: number } | null;
  hasLeft: boolean;
  /** when it was at the next stop, else Infinity */
  nextArrival: number;
  isSkipped: boolean;
  load: ReadonlySet<number>;
  unload: ReadonlySet<number>;
}

export interface VerifiedUnit {
  shipmentId: number | null;
  sscc: string | null;
  epc: string | null;
  at: number | null;
  by: "gate" | "reader_aboard" | "scan" | "booking" | null;
}

export interface VerifiedHandling {
  read: VerifiedUnit[];
  missing: VerifiedUnit[];
  extra: VerifiedUnit[];
  expected: number;
}

export interface VerifiedStop {
  load: VerifiedHandling;
  unload: VerifiedHandling;
}

export interface TripEvidence {
  vehicleId: number;
  /** of all shipments that the trip names, and of others that were read */
  units: readonly Unit[];
  /** of tags, shipments and the vehicle around the trip, in any order */
  facts: readonly NewFact[];
  /** when which shipment was on which vehicle, by all that is known */
  onVehicles: readonly { shipmentId: number; vehicleId: number; from: number; to: number | null }[];
  /** when each reader first heard anything at all, by device */
  readersSince?: ReadonlyMap<string, number>;
}
