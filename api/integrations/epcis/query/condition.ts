export type Comparison = "EQ" | "GT" | "GE" | "LT" | "LE";

/** Lists of an event that name things: `epc` is epcList and childEPCs, `class` quantityList and childQuantityList. */
export const EPC_ROLES = ["epc", "parent", "input", "output"] as const;
export const CLASS_ROLES = ["class", "inputClass", "outputClass"] as const;
export type Role = (typeof EPC_ROLES)[number] | (typeof CLASS_ROLES)[number];

/** Fields with one value. */
export type Field =
  | "type"
  | "action"
  | "bizStep"
  | "disposition"
  | "readPoint"
  | "bizLocation"
  | "eventID"
  | "transformationID"
  | "errorReason";
/** Fields with several. Business transactions, sources and destinations are compared as `type value`. */
export type ListField =
  | "setDispositions"
  | "unsetDispositions"
  | "bizTransactions"
  | "sources"
  | "destinations"
  | "correctiveIds";
export type TimeField = "eventTime" | "recordTime" | "errorDeclarationTime";
export type PlaceField = "readPoint" | "bizLocation";

/** A value at a path, as it is compared. */
export type Value = string | number | boolean;

export interface AtPath {
  ask: "value";
  paths: readonly string[];
  comparison: Comparison;
  values: readonly Value[];
}

/**
 * One thing that a query asks of an event; an event is found when all of them hold. Identifiers and words are canonical, as the repository
 * has them. Moments (`at`) are ISO 8601 with an offset, as they were given: Postgres knows microseconds, JavaScript does not.
 */
export type Condition =
  | { ask: "field"; field: Field; values: readonly string[] }
  | { ask: "list"; field: ListField; values: readonly string[] }
  | { ask: "time"; field: TimeField; comparison: Comparison; at: string }
  | { ask: "declared" }
  /** the place is one of these, or lies within one of them */
  | { ask: "within"; field: PlaceField; values: readonly string[] }
  /** one of the lists names something that one of the patterns fits */
  | { ask: "match"; roles: readonly Role[]; patterns: readonly string[] }
  /** at one of the paths there is a value for which the comparison with one of the values holds */
  | AtPath
  /** one of these holds */
  | { ask: "any"; of: readonly AtPath[] }
  | { ask: "moment"; paths: readonly string[]; comparison: Comparison; at: string }
  | { ask: "exists"; paths: readonly string[] };

export interface Order {
  by: "eventTime" | "recordTime" | { path: string };
  descending: boolean;
}

/** A query as the repository answers it. */
export interface EventQuery {
  conditions: readonly Condition[];
  /** undefined: as events were recorded */
  order: Order | undefined;
  /** no more than so many events, the first of the order */
  eventCountLimit: number | undefined;
  /** with more events than this there is no answer */
  maxEventCount: number | undefined;
}
