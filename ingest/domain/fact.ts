import type { Manoeuvre } from "./vehicle/manoeuvres.ts";

/**
 * Facts: what happened, to what, when, and how we know. State is a pure fold over the facts of one subject, sorted by
 * the time they happened. The order in which they became known does not matter (docs/guarantees.md, promise 3).
 */

/** The four stages of a supply chain, in the order goods pass them. */
export const STAGES = ["production", "storage", "transportation", "delivery"] as const;
export type Stage = (typeof STAGES)[number];

export const SHIPMENT_STATUSES = [
  "in_production",
  "in_storage",
  "in_transit",
  "out_for_delivery",
  "arrived",
  "delivered",
  "returned",
  "exception",
  "cancelled",
] as const;
export type ShipmentStatus = (typeof SHIPMENT_STATUSES)[number];

export type Direction = "in" | "out" | "unknown";

/** The subject of a fact. The fold of a shipment also reads the facts of its tags and of its vehicles. */
export type Subject =
  | `shipment:${number}`
  | `vehicle:${number}`
  | `stock:${number}`
  | `tag:${string}`
  /** one piece or case: `serial:{gtin}/{AI 21}`, `serial:sscc/{sscc}`; what its scans mean for stock is derived from its facts */
  | `serial:${string}`
  /** unexplained removals from a stock position: derived from its facts, without effect on its quantity */
  | `removals:${number}`
  /** a fact, by its id: that it is void, or no longer */
  | `fact:${number}`;

/** Where a tag was read, and how well. `locationId` is null for a reader aboard a vehicle. */
export interface TagPlace {
  locationId: number | null;
  vehicleId?: number;
  /** goods pass through this read point */
  portal?: true;
  /** how many reads there were */
  reads?: number;
  /** the strongest read, dBm, if the reader reports RSSI */
  rssiDbm?: number;
}

/** Nothing was heard for long, so it happened at some time from `from` to `to` (ms). */
export interface Interval {
  from: number;
  to: number;
}

/** What a fact says of a lot: so many of the goods are of it. */
export interface StatedLot {
  /** GS1 AI 10 */
  lot: string;
  /** base units, also of what is taken */
  quantity: number;
  /** ISO date, as the label has it (AI 17) */
  expiry?: string;
}

/** Data of each fact type; quantities in base units, times in epoch milliseconds. */
export interface FactData {
  // about a shipment
  created: { stage: Stage; locationId: number | null };
  /**
   * By a reader on the vehicle (rule `reader-aboard`), `heardSince`: when it heard the tag first (ms); `ifLeftBy`: only what is in a place that
   * this vehicle has left, as it has heard the tag for a minute of a drive
   */
  loaded: { vehicleId: number; locationId: number | null; heardSince?: number; ifLeftBy?: true };
  unloaded: { locationId: number };
  /** `action: null`: the scanner does not say what was done; the goods are where it is */
  scanned: { action: ScanAction | null; locationId: number | null; vehicleId: number | null; code: string };
  /** a person sets status, stage or place; holds until a later fact with stronger evidence */
  manual: { status: ShipmentStatus | null; stage: Stage | null; locationId: number | null };
  /** proof of delivery: of the whole shipment unless `outcome` says otherwise */
  proof: {
    name: string;
    note: string | null;
    outcome?: "delivered" | "partly" | "refused";
    /** why it was not taken, or not all of it */
    reason?: string;
    /** how much of each line was taken; a line that is not named was not. Missing: nobody has said */
    lines?: { line: number; itemId: number | null; quantity: number }[];
    /** photos and signatures, with the SHA-256 of their content, hexadecimal */
    attachments?: { id: number; kind: string; sha256: string }[];
  };
  /**
   * another system says where the goods are, and what they are; `status: null`: it says no more than that they have left (`locationId:
   * null`). It knows the vehicle only where that is one of ours
   */
  reported: { status: ShipmentStatus | null; stage: Stage; locationId: number | null; vehicleId: number | null };
  /** out of what the shipment allows for longer than it allows: °C, relative humidity (0 to 1) or g; null: no limit on that side */
  excursion: {
    quantity: ConditionQuantity;
    since: number;
    worst: number;
    min: number | null;
    max: number | null;
    minutes: number;
  };
  excursion_over: { quantity: ConditionQuantity; since: number; worst: number };
  /** something is wrong with goods of high value since `since` (ms); what was measured, with its unit in its name */
  risk: { kind: RiskKind; since: number; metres?: number; lux?: number; lat?: number; lon?: number };
  risk_over: { kind: RiskKind; since: number };
  // about a tag
  /** read at a location, going in or out of it, or aboard a vehicle; `likely`: which way a pass of unknown direction leans */
  seen: TagPlace & { direction: Direction; likely?: "in" | "out" };
  /** no longer read: its dwell from `since` to `last` (ms) is over. After a portal the tag may still be inside */
  gone: TagPlace & { since: number; last: number };
  /** read once, or a few times and weakly, from `since` to `last` (ms): recorded, without effect */
  heard: TagPlace & { since: number; last: number };
  // about a serial
  /** received at (true) or picked from (false) a stock position; `quantity` in base units: one piece, or what is in the case */
  serial_scanned: {
    stockId: number;
    isReceived: boolean;
    quantity: number;
    code: string;
    lot?: string;
    expiry?: string;
  };
  // about a vehicle
  /** `since`: when it had arrived, if that is known */
  departed: { locationId: number; since?: number; between?: Interval };
  arrived: { locationId: number; between?: Interval };
  /** it went through the geofence without a visible stop */
  passed: { locationId: number };
  /** it has driven off from a stop, at the time of the last fix there; `locationIds`: the places in whose geofence that was */
  trip_started: { from: { lat: number; lon: number }; locationIds: number[] };
  /** a drive that has ended; `distanceM`: along the smoothed track */
  trip: { since: number; from: { lat: number; lon: number }; to: { lat: number; lon: number }; distanceM: number };
  /** somebody has signed on at it: the token that its reader or scanner has read. `since` (epoch milliseconds): told again, and known since */
  driver_signed_on: { token: string; since?: number };
  /** as the device on it has measured, or as the speeds of its fixes tell */
  harsh_driving: { manoeuvre: Manoeuvre; g?: number; by: "device" | "fixes"; fromKmh?: number; toKmh?: number };
  // about a stock position (inventory item)
  /** `change`: pieces put (positive) or taken (negative) since the sensor's count before, if there was one */
  counted: { quantity: number; source: CountSource; change?: number };
  /**
   * `reverses`: the movement that this one takes back; `transfer`: names both sides of a move between positions; `order`: the
   * restock order that the goods were received of; `orderLine`: the line of another order that they were picked or received for;
   * `lots`: of which lots they are, as far as that is known; `takesBack`: the receipt by a scan that it reverses
   */
  adjusted: {
    delta: number;
    reason: string;
    reverses?: number;
    takesBack?: "scan";
    transfer?: string;
    order?: number;
    orderLine?: { orderId: number; line: number };
    lots?: readonly StatedLot[];
  };
  /** a person has counted how many of one lot there are, and nothing of the others */
  lot_counted: StatedLot;
  /** a sensor that cannot be believed since `since` (ms): its last count stands, and a person is asked to look */
  sensor_suspect: { source: "scale"; problem: SensorProblem; since: number; detail: string };
  /** the same problem is over */
  sensor_trusted: { source: "scale"; problem: SensorProblem; since: number };
  /** pieces taken at `since` (ms) that nothing explained within two minutes; the scale's counts before and after */
  unexplained_removal: { quantity: number; since: number; before: number; after: number };
  // about a fact
  /** a person says that the fact `factId` is wrong, or that it holds after all; in the history of which shipment it was seen */
  void: { factId: number; reason: string; shipmentId: number; isRestored: boolean };
}

/** What a shipment may set limits of. */
export const CONDITION_QUANTITIES = ["celsius", "humidity", "shock"] as const;
export type ConditionQuantity = (typeof CONDITION_QUANTITIES)[number];
export type RiskKind = "off_route" | "unscheduled_stop" | "separation" | "light" | "shipment_silent";
export type ScanAction = "receive" | "load" | "unload" | "pick" | "count" | "deliver";
export type CountSource = "ledger" | "scale" | "rfid" | "person";
/** What is wrong with a scale: signals/scale-doubt.ts. `retared`: the count changed with the tare. */
export const SENSOR_PROBLEMS = ["below_tare", "odd_weight", "unsettled", "zero_off", "retared"] as const;
export type SensorProblem = (typeof SENSOR_PROBLEMS)[number];
export type FactType = keyof FactData;

/** One piece of evidence: identifies the reading, the person or the system behind a fact. */
export interface Evidence {
  device_id?: string;
  kind?: string;
  ts?: string;
  seq?: number;
  /** a user */
  actor_id?: number;
  /** an API client, which reports for people */
  client_id?: number;
  /** the id of a captured EPCIS event */
  epcis_event?: string;
  note?: string;
}

/** A fact as it is recorded. A fact that is derived or sent again has the same `key`, and is recorded once. */
export type NewFact = {
  [T in FactType]: {
    key: string;
    subject: Subject;
    /** when it happened, epoch milliseconds */
    at: number;
    type: T;
    data: FactData[T];
    /** the rule that derived it (the name of its file), or `person`: a person or a system says so, by the API */
    rule: string;
    evidence: Evidence[];
    /** 0 to 1 */
    confidence: number;
    deviceId?: string;
    actorId?: number;
    /** the signal it was derived from: the kind of reading, with the EPC of a tag */
    signal?: string;
    /** time of measurement of the reading that proved it, epoch milliseconds: never before `at` */
    concludedAt?: number;
    /** derived from late data */
    late?: boolean;
  };
}[FactType];

/** A fact with the id the database gave it. */
export type Fact = NewFact & { id: number };
