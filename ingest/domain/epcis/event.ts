/** What an event of EPCIS 2.0 says, as far as the platform writes or reads it (JSON binding, §10 of the standard). */
export interface EpcisEvent {
  type: "ObjectEvent" | "AggregationEvent" | "TransactionEvent" | "AssociationEvent" | "TransformationEvent";
  eventID?: string;
  /** ISO 8601 */
  eventTime: string;
  /** of the place where it happened, e.g. `+02:00` */
  eventTimeZoneOffset: string;
  action?: Action;
  epcList?: readonly string[];
  quantityList?: readonly QuantityElement[];
  parentID?: string;
  childEPCs?: readonly string[];
  childQuantityList?: readonly QuantityElement[];
  bizStep?: string;
  disposition?: string;
  readPoint?: { id: string };
  bizLocation?: { id: string };
  bizTransactionList?: readonly BizTransaction[];
  sourceList?: readonly { type: string; source: string }[];
  destinationList?: readonly { type: string; destination: string }[];
  sensorElementList?: readonly SensorElement[];
  errorDeclaration?: ErrorDeclaration;
  /** extensions, such as those of `EXTENSION` */
  [extension: string]: unknown;
}

export type Action = "ADD" | "OBSERVE" | "DELETE";

export interface QuantityElement {
  epcClass: string;
  quantity?: number;
  /** UN/ECE recommendation 20; missing: pieces */
  uom?: string;
}

export interface BizTransaction {
  /** CBV §7.3, e.g. `po` */
  type?: string;
  bizTransaction: string;
}

export interface SensorElement {
  sensorMetadata?: Readonly<Record<string, string>>;
  sensorReport: readonly Readonly<Record<string, unknown>>[];
}

export interface ErrorDeclaration {
  declarationTime: string;
  reason?: string;
  correctiveEventIDs?: readonly string[];
}

const EPCIS_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

/** The context of all that the platform writes: the standard's, and the prefix of its own extensions. */
export const CONTEXT: readonly (string | Readonly<Record<string, string>>)[] = [
  EPCIS_CONTEXT,
  { waystock: "urn:waystock:epcis:" },
];

/**
 * What the standard has no field for. Another Waystock reads it, so that it comes to the same stages; everybody else may leave it out.
 */
export const EXTENSION = {
  /** the fact behind it, e.g. `departed` */
  event: "waystock:event",
  /** the status and the stage that the goods have after it */
  status: "waystock:status",
  stage: "waystock:stage",
  /** the vehicle that has them after it */
  vehicle: "waystock:vehicle",
  /** the rule that found it, and how sure it is: 0 to 1 */
  rule: "waystock:rule",
  confidence: "waystock:confidence",
  /** which way something passed a gate: `in` or `out` */
  direction: "waystock:direction",
  /** `true`: what follows from it for a shipment is told by events of their own */
  evidence: "waystock:evidence",
  /** what a shipment is of: name and number of base units */
  goods: "waystock:goods",
} as const;

/** A document of events, for a file or an answer. */
export function documentOf(events: readonly EpcisEvent[], createdAt: Date): Record<string, unknown> {
  return {
    "@context": CONTEXT,
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: createdAt.toISOString(),
    epcisBody: { eventList: events },
  };
}
