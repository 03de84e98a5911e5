import type { EventColumns } from "../repository/event-columns.ts";
import { MAX_IDENTIFIER } from "./limits.ts";

/**
 * What the schema cannot say, and what cannot be kept. Identifiers are not refused for their check digits, nor sensors for a time after
 * their event: documents of the standard itself have both (docs/decisions/39-epcis-repository.md).
 * @returns what is wrong, naming the field; undefined: nothing
 */
export function ruleProblem({ eventTime, errorDeclaredAt, ...columns }: EventColumns): string | undefined {
  if (!isStorable(eventTime)) return `eventTime: ${eventTime} is outside of the years 1 to 9999`;
  if (errorDeclaredAt !== null && !isStorable(errorDeclaredAt))
    return `errorDeclaration.declarationTime: ${errorDeclaredAt} is outside of the years 1 to 9999`;
  // EPCIS 2.0 §7.4.3: without a parent, what is packed or unpacked would be in nothing.
  if (columns.type === "AggregationEvent" && columns.action !== "OBSERVE" && columns.parentId === null)
    return `parentID: an AggregationEvent with the action ${columns.action} names its parent`;
  for (const [name, field] of Object.entries(FIELDS)) {
    const value = columns[name as keyof typeof FIELDS];
    const texts = Array.isArray(value) ? value : [value];
    if (texts.some((text) => text !== null && text.length > MAX_IDENTIFIER))
      return `${field}: an identifier has more than ${MAX_IDENTIFIER} characters`;
  }
  return undefined;
}

/** What is looked up, by what senders call it. */
const FIELDS = {
  eventId: "eventID",
  type: "type",
  action: "action",
  bizStep: "bizStep",
  disposition: "disposition",
  setDispositions: "persistentDisposition.set",
  unsetDispositions: "persistentDisposition.unset",
  readPoint: "readPoint.id",
  bizLocation: "bizLocation.id",
  parentId: "parentID",
  inputEpcs: "inputEPCList",
  outputEpcs: "outputEPCList",
  epcs: "epcList or childEPCs",
  inputClasses: "inputQuantityList",
  outputClasses: "outputQuantityList",
  epcClasses: "quantityList or childQuantityList",
  transformationId: "transformationID",
  bizTransactions: "bizTransactionList",
  sources: "sourceList",
  destinations: "destinationList",
  errorReason: "errorDeclaration.reason",
  correctiveIds: "errorDeclaration.correctiveEventIDs",
} as const satisfies Partial<Record<keyof EventColumns, string>>;

/** Canonical times are in UTC. */
const isStorable = (time: string): boolean => /^(?!0000)\d{4}-/.test(time);
