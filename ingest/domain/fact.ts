/**
 * Facts: what happened, to what, when, and how we know. State is a pure fold over the facts of one subject, sorted by
 * the time they happened; the order in which they became known never matters (docs/guarantees.md, promise 3).
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

/** What facts can be about. A shipment's fold also reads the facts of its tags and of the vehicles it was aboard. */
export type Subject =
  | `shipment:${number}`
  | `vehicle:${number}`
  | `stock:${number}`
  | `tag:${string}`
  /** what was taken from a stock position without a word: of its facts, and moves none of its pieces */
  | `removals:${number}`;

/** Data of each fact type; quantities in base units, times in epoch milliseconds. */
export interface FactData {
  // about a shipment
  created: { stage: Stage; locationId: number | null };
  loaded: { vehicleId: number; locationId: number | null };
  unloaded: { locationId: number };
  scanned: { action: ScanAction; locationId: number | null; vehicleId: number | null; code: string };
  /** a person's word on status or place; stands until a later fact with stronger evidence */
  manual: { status: ShipmentStatus | null; stage: Stage | null; locationId: number | null };
  /** handed over, wholly unless `outcome` says otherwise */
  proof: { name: string; note: string | null; outcome?: "delivered" | "partly" | "refused" };
  /** too warm or too cold for longer than it stands; degrees Celsius, null: no limit that way */
  excursion: {
    since: number;
    worstCelsius: number;
    minCelsius: number | null;
    maxCelsius: number | null;
    minutes: number;
  };
  excursion_over: { since: number; worstCelsius: number };
  // about a tag
  /**
   * By a reader at a location; or, then that is null, by one aboard a vehicle. `dbm`: inside a location, how strong at
   * best, where the reader says
   */
  seen: { locationId: number | null; vehicleId?: number; direction: Direction; dbm?: number };
  /** a visit is over: no read for longer than this tag's reads blink. Where it passed a portal it may be inside; ms */
  gone: { locationId: number | null; vehicleId?: number; since: number; last: number; portal?: true };
  /** reads too weak and too few to believe: reported, not counted */
  strayed: { locationId: number | null; vehicleId?: number; since: number; last: number; portal?: true };
  // about a vehicle
  /** `since`: when it had arrived, if that was seen */
  departed: { locationId: number; since?: number };
  arrived: { locationId: number };
  /** it went through without a stop that could be seen */
  passed: { locationId: number };
  /** a drive that is over; metres along the way, smoothed */
  trip: { since: number; from: { lat: number; lon: number }; to: { lat: number; lon: number }; distanceM: number };
  // about a stock position (inventory item)
  /** `change`: pieces put (positive) or taken since the count before, where a scale has seen it */
  counted: { quantity: number; source: StockSource; change?: number };
  adjusted: { delta: number; reason: string };
  /** a scale saw so many pieces taken at `since` (ms), and within two minutes nothing said by whom; counts around it */
  unexplained_removal: { quantity: number; since: number; before: number; after: number };
}

export type ScanAction = "receive" | "load" | "unload" | "pick" | "count" | "deliver";
export type StockSource = "ledger" | "scale" | "rfid" | "person";
export type FactType = keyof FactData;

/** One piece of evidence: enough to find the reading, or the person, behind a fact. */
export interface Evidence {
  device_id?: string;
  kind?: string;
  ts?: string;
  seq?: number;
  actor_id?: number;
  note?: string;
}

/** A fact as it is recorded. `key` makes it the same fact when it is derived or sent again. */
export type NewFact = {
  [T in FactType]: {
    key: string;
    subject: Subject;
    /** when it happened, epoch milliseconds */
    at: number;
    type: T;
    data: FactData[T];
    /** the rule that concluded it, named like the file that holds it, or `person` */
    rule: string;
    evidence: Evidence[];
    /** 0 to 1 */
    confidence: number;
    deviceId?: string;
    actorId?: number;
    /** of a sensor's fact: the signal it was derived from (kind, and of a tag the EPC) */
    signal?: string;
    /** when the reading was measured that concluded it, epoch milliseconds: never before `at` */
    concludedAt?: number;
    /** concluded from readings that came too late to act at once */
    late?: boolean;
  };
}[FactType];

/** A fact with the id the database gave it. */
export type Fact = NewFact & { id: number };

/**
 * The order facts are folded in: by the time they happened. Facts of one instant are ordered by what must come first
 * for the others to make sense, then by key, so that the order never depends on when they became known.
 */
export function byTime(a: NewFact, b: NewFact): number {
  return a.at - b.at || PRECEDENCE[a.type] - PRECEDENCE[b.type] || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

const PRECEDENCE: Record<FactType, number> = {
  created: 0,
  arrived: 1,
  unloaded: 2,
  loaded: 3,
  strayed: 4,
  gone: 5,
  seen: 6,
  scanned: 7,
  passed: 8,
  departed: 9,
  trip: 10,
  counted: 11,
  adjusted: 12,
  excursion_over: 13,
  excursion: 14,
  unexplained_removal: 15,
  proof: 16,
  manual: 17,
};
